//! A signed-in administrator's browser: follows the forms of the admin pages.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use reqwest::{
    StatusCode,
    blocking::{Client, ClientBuilder, Response},
    header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE},
    redirect,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, UnixTime, pem::PemObject as _},
    time_provider::TimeProvider,
};

const PASSWORD: &str = "correct horse battery staple";

/// A browser, signed in.
pub struct Admin {
    client: Client,
    base: String,
    cookie: String,
}

impl Admin {
    /// Signs in for the first time, with the console's setup code.
    pub fn set_up(base: &str, client: Client, setup_code: &str) -> Self {
        let mut admin = Self { client, base: base.to_owned(), cookie: String::new() };
        let answer = admin.post(
            "/admin/sign-in",
            &[("setup_code", setup_code), ("password", PASSWORD), ("password_again", PASSWORD)],
        );
        let cookie = answer.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
        assert!(cookie.starts_with("__Host-"), "no session after the setup code: {}", answer.status());
        admin.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        admin
    }

    /// Adds a screen: types the code, reads the two digits, asks `on_the_wall` for those of the TV, and presses the
    /// button that is true.
    pub fn add_screen(&self, code: &str, name: &str, board: &str, on_the_wall: impl FnOnce() -> String) {
        let entered = self.post("/admin/screens/add", &[("code", code), ("name", name), ("board", board)]);
        assert_eq!(entered.status(), StatusCode::SEE_OTHER, "the code was not taken: {}", text(entered));
        let attempt = location(&entered);
        let page = text(self.get(&attempt));
        let digits = on_the_wall();
        let same = page.contains(&format!(">{digits}<"));
        let decided = self.post(&attempt, &[("digits", if same { "same" } else { "different" })]);
        assert!(same, "the page does not show the TV's digits {digits}:\n{page}");
        assert_eq!(location(&decided), "/admin/screens");
    }

    /// Makes an access link for screens that reach the server at `server`; answers the link.
    pub fn access_link(&self, server: &str, board: &str, uses: u32) -> String {
        let form = [
            ("server", server),
            ("name", "Without a person"),
            ("board", board),
            ("networks", ""),
            ("hours", "24"),
            ("uses", &uses.to_string()),
        ];
        let page = text(self.post("/admin/screens/links/add", &form));
        let line = page.split_once("access_link = \"").and_then(|(_, rest)| rest.split_once('"'));
        line.unwrap_or_else(|| panic!("no link on the page: {page}")).0.to_owned()
    }

    /// Removes the screen called `name`.
    pub fn remove_screen(&self, name: &str) {
        let remove = self.way("/admin/screens", name, "/remove");
        assert_eq!(location(&self.post(&remove, &[])), "/admin/screens");
    }

    /// Fills in a form under "Tell it" of the screen called `name`.
    pub fn tell_screen(&self, name: &str, form: &[(&str, &str)]) {
        let commands = self.way("/admin/screens", name, "/remove").replace("/remove", "/commands");
        let told = self.post(&commands, form);
        assert_eq!(told.status(), StatusCode::SEE_OTHER, "the screen was not told: {}", text(told));
    }

    /// Fills in a form under "Tell it" of the only screen.
    pub fn tell_only_screen(&self, form: &[(&str, &str)]) {
        self.tell_screen("/remove", form);
    }

    /// The page of the only screen, as text.
    pub fn screen_page(&self) -> String {
        let remove = self.way("/admin/screens", "/remove", "/remove");
        text(self.get(remove.trim_end_matches("/remove")))
    }

    /// Revokes the link called `name`, and removes the screens that joined by it.
    pub fn revoke_link(&self, name: &str) {
        let revoke = self.way("/admin/screens/links", name, "/revoke");
        assert_eq!(location(&self.post(&revoke, &[("screens", "remove")])), "/admin/screens/links");
    }

    /// The address in the row of `name` on the page `list` that ends with `end`.
    fn way(&self, list: &str, name: &str, end: &str) -> String {
        let page = text(self.get(list));
        let row = page.split("<li").find(|row| row.contains(name)).unwrap_or_else(|| panic!("no {name} in {page}"));
        let way = row.split('"').find(|part| part.starts_with(list) && part.ends_with(end));
        way.unwrap_or_else(|| panic!("nothing leads to {end}: {row}")).to_owned()
    }

    fn get(&self, path: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.base)).header(COOKIE, &self.cookie);
        request.send().unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.client.post(format!("{}{path}", self.base)).header(COOKIE, &self.cookie);
        let sent = request.header(ORIGIN, &self.base).form(form).send();
        sent.unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// A client that trusts the server's private authority alone, follows no redirect and waits for nobody long. Its clock
/// is off by so many seconds.
pub fn client(authority: &Path, clock: i64) -> Client {
    let pem = std::fs::read(authority).unwrap_or_else(|error| panic!("{}: {error}", authority.display()));
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
    let tls = ClientConfig::builder_with_details(Arc::new(aws_lc_rs::default_provider()), Arc::new(Off(clock)))
        .with_safe_default_protocol_versions()
        .expect("the versions are known")
        .with_root_certificates(roots)
        .with_no_client_auth();
    builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .timeout(Duration::from_secs(40))
        .build()
        .expect("a client with one authority can be made")
}

/// The clock of a computer, off by so many seconds.
#[derive(Debug)]
struct Off(i64);

impl TimeProvider for Off {
    fn current_time(&self) -> Option<UnixTime> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs().checked_add_signed(self.0)?)))
    }
}

/// A client on the TLS implementation that all of Nexus uses.
pub(crate) fn builder() -> ClientBuilder {
    // It is installed already where another journey in this process came first.
    let _ = aws_lc_rs::default_provider().install_default();
    Client::builder()
}

fn location(answer: &Response) -> String {
    let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    location.unwrap_or_else(|| panic!("{} leads nowhere ({})", answer.url(), answer.status())).to_owned()
}

fn text(answer: Response) -> String {
    answer.text().expect("a page is text")
}
