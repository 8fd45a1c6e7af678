//! Screens: the list, adding one by its code, changing and removing one.

pub(super) mod add;
pub(super) mod change;
pub(super) mod command;
pub(super) mod remove;
pub(super) mod software;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts, Path, State},
    response::Response,
};
use http::{StatusCode, request::Parts};
use uuid::Uuid;

use super::{
    page::{page, problem},
    signed_in::SignedIn,
};
use crate::{app::App, screens::Entry};

#[derive(Template)]
#[template(path = "screens.html")]
struct ScreensPage {
    screens: Vec<Row>,
    connected: usize,
    suspended: usize,
}

struct Row {
    id: Uuid,
    name: String,
    board: String,
    /// Whether that board is not there any more.
    stranded: bool,
    model: String,
    serial: String,
    address: String,
    group: String,
    added: String,
    connected: bool,
    suspended: bool,
    /// What runs there, if that is known.
    software: String,
    /// Whether an update went wrong there, or none has been heard of for long.
    trouble: bool,
}

/// `GET /admin/screens`
pub(super) async fn list(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    let screens = app.screens.list().iter().map(|entry| row(&app, entry)).collect::<Vec<_>>();
    let connected = screens.iter().filter(|screen| screen.connected).count();
    let suspended = screens.iter().filter(|screen| screen.suspended).count();
    page(StatusCode::OK, &ScreensPage { screens, connected, suspended })
}

fn row(app: &App, entry: &Entry) -> Row {
    let screen = &entry.screen;
    let report = app.fleet.find(screen.id);
    Row {
        id: screen.id,
        name: screen.name.clone(),
        board: app.board_title(&screen.board),
        stranded: !app.settings().boards.iter().any(|board| board.id.0 == screen.board),
        model: screen.model.clone(),
        serial: screen.serial.clone(),
        address: screen.address.to_string(),
        group: screen.group.as_ref().map(ToString::to_string).unwrap_or_default(),
        added: app.worded(screen.added_at),
        connected: entry.is_connected(),
        suspended: screen.keys.is_suspended(),
        software: report.as_ref().map(|report| report.health.version.to_string()).unwrap_or_default(),
        trouble: report.is_some_and(|report| software::is_in_trouble(&report.health)),
    }
}

/// A board to choose.
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) chosen: bool,
}

pub(super) fn choices(app: &App, chosen: &str) -> Vec<Choice> {
    let choice = |board: &crate::settings::BoardSettings| {
        let id = board.id.0.clone();
        Choice { title: app.board_title(&id), chosen: id == chosen, id }
    };
    app.settings().boards.iter().map(choice).collect()
}

/// The screen that the path names, if it is still there; to be asked for after who asks is known.
pub(super) struct Named(Arc<Entry>);

impl FromRequestParts<Arc<App>> for Named {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let id = Path::<Uuid>::from_request_parts(parts, app).await.ok();
        id.and_then(|Path(id)| app.screens.find(id)).map(Self).ok_or_else(unknown_screen)
    }
}

fn unknown_screen() -> Response {
    problem(StatusCode::NOT_FOUND, "There is no such screen", "It may have been removed. Go back to the list.")
}

impl App {
    /// A point in time for people, in the installation's time zone.
    pub(super) fn worded(&self, at: jiff::Timestamp) -> String {
        let zone = jiff::tz::TimeZone::get(&self.settings().time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        at.to_zoned(zone).strftime("%-d %B %Y, %H:%M").to_string()
    }

    /// A board's title on the wall; its id where it is no longer among the settings.
    pub(super) fn board_title(&self, id: &str) -> String {
        let snapshot = self.live.snapshot(&board::BoardId(id.to_owned()));
        snapshot.map_or_else(|| id.to_owned(), |snapshot| snapshot.board().title.clone())
    }
}
