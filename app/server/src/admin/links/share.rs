//! Making a link by which browsers look at boards, and showing it this once.

use std::{collections::BTreeSet, sync::Arc};

use askama::Template;
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::Response,
};
use desk::{Client, ClientId};
use http::{HeaderMap, StatusCode, Uri};
use jiff::SignedDuration;
use pairing::{
    Entropy,
    link::{
        Address,
        server::{Issued, Networks, Terms},
    },
    message::Text,
};
use url::Url;
use zeroize::Zeroizing;

use super::{
    super::{
        page::{failed, incomplete, page},
        screens::Choice,
        sign_in::sentence,
        signed_in::SignedIn,
    },
    add::{LIFETIMES, MOST_USES, SERVER, reached},
    expiry,
};
use crate::{
    app::App,
    serve::Peer,
    store::{Action, Link, Purpose, Sight},
};

#[derive(Template)]
#[template(path = "share_link.html")]
struct SharePage<'a> {
    fields: &'a Fields,
    boards: Vec<Choice>,
    clients: Vec<Choice>,
    lifetimes: Vec<Choice>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "shared_link.html")]
struct SharedPage<'a> {
    name: &'a str,
    boards: String,
    clients: Option<String>,
    uses: u32,
    expires: String,
    link: &'a str,
}

/// What the form holds. Boards and clients come as often as they are chosen.
#[derive(Default)]
struct Fields {
    server: String,
    name: String,
    boards: Vec<String>,
    /// `some` where only the chosen clients may be seen.
    only: String,
    clients: Vec<String>,
    networks: String,
    hours: String,
    uses: String,
}

impl Fields {
    fn of(pairs: Vec<(String, String)>) -> Self {
        let mut fields = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "server" => fields.server = value,
                "name" => fields.name = value,
                "board" => fields.boards.push(value),
                "only" => fields.only = value,
                "client" => fields.clients.push(value),
                "networks" => fields.networks = value,
                "hours" => fields.hours = value,
                "uses" => fields.uses = value,
                _ => {}
            }
        }
        fields
    }
}

/// `GET /admin/screens/links/share`
pub(crate) async fn form(State(app): State<Arc<App>>, _: SignedIn, uri: Uri, headers: HeaderMap) -> Response {
    let fields = Fields {
        server: reached(&app, &uri, &headers),
        boards: app.settings().boards.first().map(|board| board.id.0.clone()).into_iter().collect(),
        hours: "168".to_owned(),
        uses: "1".to_owned(),
        ..Fields::default()
    };
    show(&app, &fields, StatusCode::OK, None)
}

/// `POST /admin/screens/links/share`: answers with the link. It stands in this answer and nowhere else.
pub(crate) async fn share(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    fields: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let Ok(Form(pairs)) = fields else { return incomplete() };
    let fields = Fields::of(pairs);
    let again = |error| show(&app, &fields, StatusCode::UNPROCESSABLE_ENTITY, Some(error));
    let (server, name, sight, terms) = match read(&app, &fields) {
        Ok(wanted) => wanted,
        Err(error) => return again(error),
    };
    let entropy = match Entropy::system() {
        Ok(entropy) => entropy,
        Err(error) => return failed(&error),
    };
    let (issued, key) = Issued::new(terms, &entropy);
    // Browsers go by what they trust themselves, so there is no anchor to name.
    let Some(address) = Address::new(server, issued.id, None) else { return again(SERVER.to_owned()) };
    let now = app.clock.now();
    let purpose = Purpose::Browsers(sight.clone());
    let link = Link { issued, name: name.to_string(), purpose, created_at: now };
    let deed = signed_in.deed(Action::LinkCreated, link.issued.id, peer, now);
    if let Err(error) = app.store.add_link(&link, &deed).await.and(app.follow_links().await) {
        return failed(&error);
    }
    let whole: Zeroizing<String> = address.with(&key);
    let shown = SharedPage {
        name: &link.name,
        boards: app.board_titles(&sight.boards),
        clients: sight.clients.as_ref().map(|clients| app.client_names(clients)),
        uses: link.issued.terms.uses,
        expires: expiry(&app, link.issued.terms.expires_at),
        link: &whole,
    };
    page(StatusCode::OK, &shown)
}

fn read(app: &App, fields: &Fields) -> Result<(Url, Text<56>, Sight, Terms), String> {
    let server = Url::parse(fields.server.trim()).map_err(|_| SERVER)?;
    let name = Text::try_from(fields.name.trim().to_owned()).map_err(|_| "A name has 1 to 56 characters.")?;
    let settings = app.settings();
    let chosen = |id: &String| fields.boards.contains(id);
    let boards = settings.boards.iter().map(|board| board.id.0.clone()).filter(chosen).collect::<Vec<_>>();
    if boards.is_empty() || boards.len() != fields.boards.len() {
        return Err("Choose at least one of the boards.".to_owned());
    }
    let clients = match fields.only.as_str() {
        "some" => Some(clients(app, fields)?),
        _ if fields.clients.is_empty() => None,
        _ => return Err("Choose whether all clients are shown, or those that are ticked.".to_owned()),
    };
    let networks = fields.networks.parse::<Networks>().map_err(|error| sentence(&error))?;
    let hours = LIFETIMES.iter().map(|(hours, _)| *hours).find(|hours| hours.to_string() == fields.hours);
    let hours = hours.ok_or("Choose how long the link can be used.")?;
    let uses = fields.uses.trim().parse().ok().filter(|uses| (1..=MOST_USES).contains(uses));
    let uses = uses.ok_or_else(|| format!("A link is for 1 to {MOST_USES} browsers."))?;
    let expires_at = (app.clock.now() + SignedDuration::from_hours(hours)).as_second();
    Ok((server, name, Sight { boards, clients }, Terms { networks, expires_at, uses }))
}

fn clients(app: &App, fields: &Fields) -> Result<BTreeSet<ClientId>, String> {
    let known = app.clients.borrow();
    let chosen = |id: &String| known.iter().find(|client| client.id.0 == *id).map(|client| client.id.clone());
    let clients = fields.clients.iter().map(chosen).collect::<Option<BTreeSet<_>>>();
    clients.filter(|clients| !clients.is_empty()).ok_or_else(|| "Tick at least one client, or show all.".to_owned())
}

fn show(app: &App, fields: &Fields, status: StatusCode, error: Option<String>) -> Response {
    let lifetime = |(hours, title): (i64, &str)| {
        let id = hours.to_string();
        Choice { chosen: id == fields.hours, title: title.to_owned(), id }
    };
    let settings = app.settings();
    let board = |board: &crate::settings::BoardSettings| {
        let id = board.id.0.clone();
        Choice { title: app.board_title(&id), chosen: fields.boards.contains(&id), id }
    };
    let client = |client: &Client| {
        let id = client.id.0.clone();
        Choice { title: client.name.clone(), chosen: fields.clients.contains(&id), id }
    };
    let shown = SharePage {
        fields,
        boards: settings.boards.iter().map(board).collect(),
        clients: app.clients.borrow().iter().map(client).collect(),
        lifetimes: LIFETIMES.into_iter().map(lifetime).collect(),
        error,
    };
    page(status, &shown)
}

impl App {
    /// Boards by their titles.
    pub(super) fn board_titles(&self, boards: &[String]) -> String {
        boards.iter().map(|board| self.board_title(board)).collect::<Vec<_>>().join(", ")
    }

    /// Clients by their names; by their ids where the desk knows them no more.
    pub(super) fn client_names(&self, clients: &BTreeSet<ClientId>) -> String {
        let known = self.clients.borrow();
        let name = |id: &ClientId| {
            known.iter().find(|client| client.id == *id).map_or_else(|| id.0.clone(), |client| client.name.clone())
        };
        clients.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}
