//! Boards for browsers: `/b/{id}`, the same state as on the wall, as semantic HTML.
//!
//! A page can be read without a script. With one it stays live: `fragment` words every panel in HTML, by the very types
//! and the very formatting of the wall, and a change travels as the new HTML of what changed, made once for all who look
//! (`crate::live`). So the script formats nothing but what runs between two changes: waits, countdowns, the clock.

mod assets;
mod board;
pub(crate) mod fragment;
mod refused;
mod theme;

use std::sync::Arc;

use ::board::{Board, wire::EventId};
use axum::routing::get;
use jiff::Timestamp;

pub use assets::{Asset, find as asset};

use crate::{app::App, routes::Routes};

/// The routes of the boards' pages, and of all that pages load.
pub(crate) fn routes() -> Routes<Arc<App>> {
    Routes::new()
        .route("/", get(board::start))
        .route("/b", get(board::list))
        .route("/b/{id}", get(board::page))
        .route("/b/{id}/events", get(board::events))
        .route("/assets/{*name}", get(assets::serve))
}

/// The page of a board as it is sent at `now`: what a browser shows before its script runs.
///
/// # Errors
/// The page could not be written.
pub fn page(board: &Board, at: EventId, now: Timestamp) -> Result<String, askama::Error> {
    board::whole(board, at, now)
}
