//! `nexus serve`, up and running, and somebody who looks at it from outside.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, Once},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::{Certificate, blocking::Client, header, redirect};

use crate::stage::Installation;

pub(crate) const PASSWORD: &str = "canary password of the administrator";

pub(crate) struct Serving {
    supervisor: Child,
    console: Arc<Mutex<String>>,
    log: Arc<Mutex<String>>,
}

impl Serving {
    /// Starts it on this installation, with further variables.
    pub(crate) fn start(installation: &Installation, variables: &[(&str, &str)]) -> Self {
        Self::run(installation.nexus().envs(variables.iter().copied()))
    }

    /// Starts it as this command would.
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut supervisor = command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let console = collect(supervisor.stdout.take().unwrap());
        let log = collect(supervisor.stderr.take().unwrap());
        let serving = Self { supervisor, console, log };
        eventually(|| serving.console().contains("/admin").then_some(()));
        serving
    }

    /// What it printed for the person who started it.
    pub(crate) fn console(&self) -> String {
        self.console.lock().unwrap().clone()
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The setup code of a new installation.
    pub(crate) fn setup_code(&self) -> String {
        eventually(|| {
            let console = self.console();
            console.lines().find_map(|line| line.strip_prefix("    ")).map(str::to_owned)
        })
    }

    /// Where it serves: `https://localhost:41234`.
    pub(crate) fn origin(&self) -> String {
        let console = self.console();
        let (address, _) = console.split_once("/admin").unwrap();
        address[address.find("https://").unwrap()..].to_owned()
    }

    /// The process that was started.
    pub(crate) fn id(&self) -> u32 {
        self.supervisor.id()
    }

    /// The process of this role.
    pub(crate) fn child(&self, role: &str) -> u32 {
        let path = format!("/proc/{0}/task/{0}/children", self.supervisor.id());
        let children = fs::read_to_string(path).unwrap();
        let is = |id: &&str| {
            let arguments = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
            arguments.split('\0').any(|argument| argument == role)
        };
        children.split_whitespace().find(is).expect("both children run").parse().unwrap()
    }

    /// Stops it as an operator would.
    pub(crate) fn stop(mut self) {
        kill(Pid::from_raw(self.supervisor.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
        assert!(self.supervisor.wait().unwrap().success(), "{}", self.log());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.supervisor.kill().ok();
        self.supervisor.wait().ok();
    }
}

fn collect(output: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let kept = text.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let mut text = kept.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
    text
}

/// Looks again and again, until something is there.
#[track_caller]
pub(crate) fn eventually<T>(look: impl Fn() -> Option<T>) -> T {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it never came")
}

/// A client that trusts the installation's authority alone, and follows no redirect.
pub(crate) fn client(installation: &Installation) -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap());
    let authority = fs::read(installation.data().join("pki/authority.pem")).unwrap();
    let anchor = Certificate::from_pem(&authority).unwrap();
    Client::builder().tls_certs_only([anchor]).redirect(redirect::Policy::none()).build().unwrap()
}

/// An administrator's browser.
pub(crate) struct Browser {
    pub(crate) client: Client,
    pub(crate) origin: String,
    pub(crate) cookie: String,
}

/// What came back: status, headers and body, as one text.
pub(crate) struct Answer {
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Browser {
    /// Signed in with the setup code of a new installation.
    pub(crate) fn set_up(installation: &Installation, serving: &Serving) -> Self {
        let mut browser = Self { client: client(installation), origin: serving.origin(), cookie: String::new() };
        let code = serving.setup_code();
        let fields = [("setup_code", code.as_str()), ("password", PASSWORD), ("password_again", PASSWORD)];
        let request = browser.client.post(format!("{}/admin/sign-in", browser.origin));
        let answer = request.header(header::ORIGIN, &browser.origin).form(&fields).send().unwrap();
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        browser.cookie = cookie.split(';').next().unwrap().to_owned();
        browser
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.told(self.client.get(format!("{}{path}", self.origin)))
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.told(self.client.post(format!("{}{path}", self.origin)).form(fields))
    }

    fn told(&self, request: reqwest::blocking::RequestBuilder) -> Answer {
        let request = request.header(header::ORIGIN, &self.origin).header(header::COOKIE, &self.cookie);
        let answer = request.send().unwrap();
        let location = answer.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let head = format!("{} {:?}", answer.status(), answer.headers());
        Answer { location, text: format!("{head}\n{}", answer.text().unwrap()) }
    }
}
