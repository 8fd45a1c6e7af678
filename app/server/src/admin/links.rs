//! Access links: the list, making one, revoking one.

pub(super) mod add;
pub(super) mod revoke;
pub(super) mod share;

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use pairing::link::{Id, Refusal};

use super::{
    page::{failed, page},
    signed_in::SignedIn,
};
use crate::{
    app::App,
    store::{Link, Purpose},
};

#[derive(Template)]
#[template(path = "links.html")]
struct LinksPage {
    links: Vec<Row>,
}

struct Row {
    id: Id,
    name: String,
    board: String,
    networks: String,
    used: u32,
    uses: u32,
    expires: String,
    created: String,
    open: bool,
    state: &'static str,
    /// Screens that joined by it, where it is for screens.
    screens: Option<usize>,
    /// Whose tickets are seen, where it is for browsers.
    clients: String,
    revoked: bool,
}

impl Row {
    /// Whether there is anything left to end.
    fn revocable(&self) -> bool {
        !self.revoked || self.screens.is_some_and(|screens| screens > 0)
    }
}

/// `GET /admin/screens/links`
pub(super) async fn list(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    match app.store.links().await {
        Ok(links) => page(StatusCode::OK, &LinksPage { links: links.iter().map(|link| row(&app, link)).collect() }),
        Err(error) => failed(&error),
    }
}

fn row(app: &App, link: &Link) -> Row {
    let issued = &link.issued;
    let open = issued.is_open(app.clock.now().as_second());
    let state = match open {
        Ok(()) => "Open",
        Err(Refusal::Revoked) => "Revoked",
        Err(Refusal::Expired) => "Expired",
        Err(_) => "Used up",
    };
    let networks = &issued.terms.networks;
    let (board, screens, clients) = match &link.purpose {
        Purpose::Screens { board } => {
            (app.board_title(board), Some(app.screens.of_link(issued.id).len()), String::new())
        }
        Purpose::Browsers(sight) => {
            let clients = sight.clients.as_ref().map_or_else(|| "all".to_owned(), |clients| app.client_names(clients));
            (app.board_titles(&sight.boards), None, clients)
        }
    };
    Row {
        id: issued.id,
        name: link.name.clone(),
        board,
        networks: if networks.are_everywhere() { "anywhere".to_owned() } else { networks.to_string() },
        used: issued.used,
        uses: issued.terms.uses,
        expires: expiry(app, issued.terms.expires_at),
        created: app.worded(link.created_at),
        open: open.is_ok(),
        state,
        screens,
        clients,
        revoked: issued.revoked,
    }
}

fn expiry(app: &App, unix: i64) -> String {
    app.worded(Timestamp::from_second(unix).unwrap_or(Timestamp::MAX))
}
