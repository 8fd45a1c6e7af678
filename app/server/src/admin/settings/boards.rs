//! The boards: which there are, and in which order.

pub(in crate::admin) mod add;
pub(in crate::admin) mod remove;

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        desk::unreadable,
        form::{Errors, Values},
        page::{failed, incomplete, page, problem},
        signed_in::SignedIn,
    },
    Unsaved, board, read, seen,
};
use crate::{
    app::App,
    serve::Peer,
    settings::{BoardSettings, Settings},
    store::{Action, StoreError},
};

#[derive(Template)]
#[template(path = "boards.html")]
struct BoardsPage {
    boards: Vec<Row>,
    seen: String,
    /// What was done just now.
    done: Option<String>,
    overtaken: bool,
}

struct Row {
    id: String,
    title: String,
    layout: &'static str,
    theme: &'static str,
    private: bool,
    screens: usize,
    is_first: bool,
    is_last: bool,
    /// The button that somebody who moved it most likely wants next.
    focus: Option<Way>,
}

/// Which way a board is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::admin) enum Way {
    Up,
    Down,
}

/// What follows the `?`: what was done just now.
#[derive(Default, Deserialize)]
pub(in crate::admin) struct Done {
    added: Option<String>,
    removed: Option<String>,
    moved: Option<String>,
    to: Option<Way>,
}

/// What the buttons send.
#[derive(Deserialize)]
pub(in crate::admin) struct Move {
    seen: String,
    to: Way,
}

/// `GET /admin/settings/boards`
pub(in crate::admin) async fn list(State(app): State<Arc<App>>, _: SignedIn, Query(done): Query<Done>) -> Response {
    match read(&app) {
        Ok(settings) => page(StatusCode::OK, &shown(&app, &settings, &done)),
        Err(error) => unreadable(&error),
    }
}

/// `POST /admin/settings/boards/{id}/move`
pub(in crate::admin) async fn shift(
    State(app): State<Arc<App>>,
    by: SignedIn,
    peer: Peer,
    Path(id): Path<String>,
    fields: Result<Form<Move>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    let (to, moved) = (fields.to, id.clone());
    let changed = app
        .change_settings(move |mut settings| {
            if seen(&order(&settings)) != fields.seen {
                return Err(Unsaved::Overtaken(Box::new(settings)));
            }
            let place = settings.boards.iter().position(|board| board.id.0 == moved).ok_or(Unsaved::Gone)?;
            let other = match to {
                Way::Up => place.checked_sub(1),
                Way::Down => Some(place + 1).filter(|next| *next < settings.boards.len()),
            };
            // One that is at the end already stays there.
            if let Some(other) = other {
                settings.boards.swap(place, other);
            }
            Ok(settings)
        })
        .await;
    match changed {
        Ok(_) => match record(&app, &by, peer, format!("board {id} moved")).await {
            Ok(()) => back(&[("moved", &id), ("to", if to == Way::Up { "up" } else { "down" })]),
            Err(error) => failed(&error),
        },
        Err(Unsaved::Settings(error)) => unreadable(&error),
        Err(Unsaved::Overtaken(settings)) => {
            let newer = BoardsPage { overtaken: true, ..shown(&app, &settings, &Done::default()) };
            page(StatusCode::CONFLICT, &newer)
        }
        Err(Unsaved::Gone | Unsaved::Wrong(_)) => gone(),
    }
}

fn shown(app: &App, settings: &Settings, done: &Done) -> BoardsPage {
    let screens = app.screens.list();
    let last = settings.boards.len().saturating_sub(1);
    let row = |(place, board): (usize, &BoardSettings)| {
        let (is_first, is_last) = (place == 0, place == last);
        let next = match done.to {
            Some(Way::Up) if is_first => Some(Way::Down),
            Some(Way::Down) if is_last => Some(Way::Up),
            to => to,
        };
        Row {
            id: board.id.0.clone(),
            title: board.title(&settings.team),
            layout: board.preset().map_or("", |preset| preset.name()),
            theme: board::title_of(board.theme),
            private: board.private,
            screens: screens.iter().filter(|entry| entry.screen.board == board.id.0).count(),
            is_first,
            is_last,
            focus: next.filter(|_| done.moved.as_ref() == Some(&board.id.0)),
        }
    };
    BoardsPage {
        boards: settings.boards.iter().enumerate().map(row).collect(),
        seen: seen(&order(settings)),
        done: told(settings, done),
        overtaken: false,
    }
}

/// What was done, in words; nothing where it was undone meanwhile.
fn told(settings: &Settings, done: &Done) -> Option<String> {
    let find = |id: &Option<String>| {
        let place = settings.boards.iter().position(|board| Some(&board.id.0) == id.as_ref())?;
        Some((place + 1, settings.boards.get(place)?.title(&settings.team)))
    };
    if let Some((_, title)) = find(&done.added) {
        return Some(format!("\u{201c}{title}\u{201d} was added. Screens can show it within seconds."));
    }
    if let Some((place, title)) = find(&done.moved) {
        return Some(format!("\u{201c}{title}\u{201d} is now number {place} of {}.", settings.boards.len()));
    }
    done.removed.as_ref().map(|_| "The board was removed.".to_owned())
}

/// Which boards there are, and in which order.
fn order(settings: &Settings) -> Values {
    let mut values = Values::default();
    for (place, board) in settings.boards.iter().enumerate() {
        values.put(format!("{place:06}"), &*board.id.0);
    }
    values
}

async fn record(app: &App, by: &SignedIn, peer: Peer, what: String) -> Result<(), StoreError> {
    app.store.record(by.admin.name(), Action::SettingsChanged, &what, peer.0.ip(), app.clock.now()).await
}

/// The list, which says what was done.
fn back(done: &[(&str, &str)]) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(done).finish();
    Redirect::to(&format!("/admin/settings/boards?{query}")).into_response()
}

fn gone() -> Response {
    problem(StatusCode::NOT_FOUND, "There is no such board", "The boards are listed under Settings.")
}

/// What is wrong with a name that would make two boards look alike.
pub(super) fn name_is_taken() -> Errors {
    Errors::from([("name".to_owned(), "There is a board of this name already. Choose another.".to_owned())])
}
