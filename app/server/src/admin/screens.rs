//! Screens: the list, adding one by its code, changing and removing one.

pub(super) mod add;
pub(super) mod change;
pub(super) mod remove;

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
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
}

struct Row {
    id: Uuid,
    name: String,
    board: String,
    model: String,
    serial: String,
    address: String,
    added: String,
    connected: bool,
}

/// `GET /admin/screens`
pub(super) async fn list(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    let screens = app.screens.list().iter().map(|entry| row(&app, entry)).collect();
    page(StatusCode::OK, &ScreensPage { screens })
}

fn row(app: &App, entry: &Entry) -> Row {
    let screen = &entry.screen;
    let zone = jiff::tz::TimeZone::get(&app.settings().time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    Row {
        id: screen.id,
        name: screen.name.clone(),
        board: app.board_title(&screen.board),
        model: screen.model.clone(),
        serial: screen.serial.clone(),
        address: screen.address.to_string(),
        added: screen.added_at.to_zoned(zone).strftime("%-d %B %Y, %H:%M").to_string(),
        connected: entry.is_connected(),
    }
}

/// A board to choose.
struct Choice {
    id: String,
    title: String,
    chosen: bool,
}

fn choices(app: &App, chosen: &str) -> Vec<Choice> {
    let choice = |board: &crate::settings::BoardSettings| {
        let id = board.id.0.clone();
        Choice { title: app.board_title(&id), chosen: id == chosen, id }
    };
    app.settings().boards.iter().map(choice).collect()
}

fn unknown_screen() -> Response {
    problem(StatusCode::NOT_FOUND, "There is no such screen", "It may have been removed. Go back to the list.")
}

impl App {
    /// A board's title on the wall; its id where it is no longer among the settings.
    fn board_title(&self, id: &str) -> String {
        let snapshot = self.live.snapshot(&board::BoardId(id.to_owned()));
        snapshot.map_or_else(|| id.to_owned(), |snapshot| snapshot.board().title.clone())
    }
}
