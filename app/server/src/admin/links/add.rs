//! Making a link, and showing it this once.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::Response,
};
use http::{HeaderMap, StatusCode, Uri, header};
use jiff::SignedDuration;
use pairing::{
    Entropy,
    link::{
        Address,
        server::{Issued, Networks, Terms},
    },
    message::Text,
};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use super::{
    super::{
        page::{failed, incomplete, page},
        screens::{Choice, choices},
        sign_in::sentence,
        signed_in::SignedIn,
    },
    expiry,
};
use crate::{
    app::App,
    config::PublicName,
    serve::Peer,
    store::{Action, Link, Purpose},
};

/// How long a link can be used, in hours, and in words.
pub(super) const LIFETIMES: [(i64, &str); 5] =
    [(1, "an hour"), (24, "a day"), (7 * 24, "a week"), (30 * 24, "30 days"), (365 * 24, "a year")];
/// Most devices that can join by one link.
pub(super) const MOST_USES: u32 = 1000;

#[derive(Template)]
#[template(path = "add_link.html")]
struct AddPage<'a> {
    fields: &'a Fields,
    boards: Vec<Choice>,
    lifetimes: Vec<Choice>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "new_link.html")]
struct NewPage<'a> {
    name: &'a str,
    board: String,
    uses: u32,
    expires: String,
    link: &'a str,
}

/// What the form holds.
#[derive(Default, Deserialize)]
pub(crate) struct Fields {
    /// The server's address, as the screens reach it.
    #[serde(default)]
    server: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    board: String,
    #[serde(default)]
    networks: String,
    /// Hours, one of [`LIFETIMES`].
    #[serde(default)]
    hours: String,
    #[serde(default)]
    uses: String,
}

/// What the form asks for.
struct Wanted {
    server: Url,
    name: Text<56>,
    board: String,
    terms: Terms,
}

/// `GET /admin/screens/links/add`
pub(crate) async fn form(State(app): State<Arc<App>>, _: SignedIn, uri: Uri, headers: HeaderMap) -> Response {
    let fields = Fields {
        server: reached(&app, &uri, &headers),
        hours: "168".to_owned(),
        uses: "1".to_owned(),
        ..Fields::default()
    };
    show(&app, &fields, StatusCode::OK, None)
}

/// `POST /admin/screens/links/add`: answers with the link. It stands in this answer and nowhere else.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    let Wanted { server, name, board, terms } = match read(&app, &fields) {
        Ok(wanted) => wanted,
        Err(error) => return show(&app, &fields, StatusCode::UNPROCESSABLE_ENTITY, Some(error)),
    };
    let anchor = match app.identity.anchor().hash() {
        Ok(anchor) => anchor,
        Err(error) => return failed(&error),
    };
    let entropy = match Entropy::system() {
        Ok(entropy) => entropy,
        Err(error) => return failed(&error),
    };
    let (issued, key) = Issued::new(terms, &entropy);
    let Some(address) = Address::new(server, issued.id, anchor) else {
        return show(&app, &fields, StatusCode::UNPROCESSABLE_ENTITY, Some(SERVER.to_owned()));
    };
    let now = app.clock.now();
    let link =
        Link { issued, name: name.to_string(), purpose: Purpose::Screens { board: board.clone() }, created_at: now };
    let deed = signed_in.deed(Action::LinkCreated, link.issued.id, peer, now);
    if let Err(error) = app.store.add_link(&link, &deed).await {
        return failed(&error);
    }
    let whole: Zeroizing<String> = address.with(&key);
    let shown = NewPage {
        name: &link.name,
        board: app.board_title(&board),
        uses: link.issued.terms.uses,
        expires: expiry(&app, link.issued.terms.expires_at),
        link: &whole,
    };
    page(StatusCode::OK, &shown)
}

pub(super) const SERVER: &str =
    "Write the server\u{2019}s address as screens reach it, like https://nexus.example.com:8443.";

fn read(app: &App, fields: &Fields) -> Result<Wanted, String> {
    let server = Url::parse(fields.server.trim()).map_err(|_| SERVER)?;
    let name = Text::try_from(fields.name.trim().to_owned()).map_err(|_| "A name has 1 to 56 characters.")?;
    let known = |board: &&crate::settings::BoardSettings| board.id.0 == fields.board;
    let settings = app.settings();
    let board = settings.boards.iter().find(known).ok_or("Choose one of the boards.")?.id.0.clone();
    let networks = fields.networks.parse::<Networks>().map_err(|error| sentence(&error))?;
    let hours = LIFETIMES.iter().map(|(hours, _)| *hours).find(|hours| hours.to_string() == fields.hours);
    let hours = hours.ok_or("Choose how long the link can be used.")?;
    let uses = fields.uses.trim().parse().ok().filter(|uses| (1..=MOST_USES).contains(uses));
    let uses = uses.ok_or_else(|| format!("A link is for 1 to {MOST_USES} screens."))?;
    let expires_at = (app.clock.now() + SignedDuration::from_hours(hours)).as_second();
    Ok(Wanted { server, name, board, terms: Terms { networks, expires_at, uses } })
}

fn show(app: &App, fields: &Fields, status: StatusCode, error: Option<String>) -> Response {
    let lifetime = |(hours, title): (i64, &str)| {
        let id = hours.to_string();
        Choice { chosen: id == fields.hours, title: title.to_owned(), id }
    };
    let lifetimes = LIFETIMES.into_iter().map(lifetime).collect();
    page(status, &AddPage { fields, boards: choices(app, &fields.board), lifetimes, error })
}

/// The address by which the administrator reached this page; with the server's own name, where that was only good on
/// this machine.
pub(super) fn reached(app: &App, uri: &Uri, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = uri.authority().cloned().or_else(|| host.and_then(|host| host.parse().ok()));
    let Some(authority) = authority else { return String::new() };
    let local = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
    match app.names.first().filter(|_| local) {
        Some(PublicName::Host(name)) => match authority.port_u16() {
            Some(port) => format!("https://{name}:{port}"),
            None => format!("https://{name}"),
        },
        _ => format!("https://{authority}"),
    }
}
