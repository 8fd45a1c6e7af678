//! Removing a board, after asking which one its screens go on with.
//!
//! They go where the administrator says, and not to just any other board: that one might show a room more than it may see.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    response::Response,
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    super::{
        super::{
            desk::unreadable,
            page::{failed, incomplete, page},
            signed_in::SignedIn,
        },
        board, read, seen, thresholds,
    },
    back, gone, record,
};
use crate::{
    admin::screens::Choice,
    app::App,
    serve::Peer,
    settings::{BoardSettings, Settings, SettingsError},
    store::{Action, StoreError},
};

#[derive(Template)]
#[template(path = "remove_board.html")]
struct RemovePage {
    id: String,
    title: String,
    /// Names of the screens that show it.
    screens: Vec<String>,
    /// The other boards.
    boards: Vec<Choice>,
    seen: String,
    problem: Option<&'static str>,
}

/// What the button sends.
#[derive(Deserialize)]
pub(in crate::admin) struct Fields {
    seen: String,
    /// What its screens go on with.
    #[serde(default)]
    board: String,
}

/// Why it stays.
enum Kept {
    Settings(SettingsError),
    Gone,
    /// It is something else than the page showed.
    Overtaken(Box<Settings>),
    /// There is no such other board, or none at all.
    Nowhere(Box<Settings>),
}

impl From<SettingsError> for Kept {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

/// `GET /admin/settings/boards/{id}/remove`
pub(in crate::admin) async fn ask(State(app): State<Arc<App>>, _: SignedIn, Path(id): Path<String>) -> Response {
    match read(&app) {
        Ok(settings) => asked(&app, StatusCode::OK, &settings, &id, None),
        Err(error) => unreadable(&error),
    }
}

/// `POST /admin/settings/boards/{id}/remove`
pub(in crate::admin) async fn remove(
    State(app): State<Arc<App>>,
    by: SignedIn,
    peer: Peer,
    Path(id): Path<String>,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    let (removed, next, digest) = (id.clone(), fields.board.clone(), fields.seen);
    let changed = app.change_settings(move |settings| without(settings, &removed, &next, &digest)).await;
    let settings = match changed {
        Ok(settings) => settings,
        Err(Kept::Settings(error)) => return unreadable(&error),
        Err(Kept::Gone) => return gone(),
        Err(Kept::Overtaken(settings)) => {
            let problem = "Nothing was removed: this board was changed by somebody else since you opened this page. \
                           Look at it again, and remove it where you still want to.";
            return asked(&app, StatusCode::CONFLICT, &settings, &id, Some(problem));
        }
        Err(Kept::Nowhere(settings)) => {
            let problem = "Choose one of the other boards for its screens.";
            return asked(&app, StatusCode::UNPROCESSABLE_ENTITY, &settings, &id, Some(problem));
        }
    };
    let first = settings.boards.first().map(|board| board.id.0.clone()).unwrap_or_default();
    let next = if fields.board.is_empty() { first } else { fields.board };
    // The board first: what goes wrong from here on leaves screens that say what they lack.
    let done = async {
        move_screens(&app, &by, peer, &id, &next).await?;
        record(&app, &by, peer, format!("board {id} removed")).await
    };
    match done.await {
        Ok(()) => back(&[("removed", &id)]),
        Err(error) => failed(&error),
    }
}

async fn move_screens(app: &App, by: &SignedIn, peer: Peer, from: &str, to: &str) -> Result<(), StoreError> {
    for entry in app.screens.list().iter().filter(|entry| entry.screen.board == from) {
        let deed = by.deed(Action::ScreenChanged, entry.screen.id, peer, app.clock.now());
        let (name, group) = (entry.screen.name.clone(), entry.screen.group.clone());
        app.screens.change(entry.screen.id, name, to.to_owned(), group, &deed).await?;
    }
    Ok(())
}

fn without(mut settings: Settings, id: &str, next: &str, digest: &str) -> Result<Settings, Kept> {
    let board = settings.boards.iter().find(|board| board.id.0 == id).ok_or(Kept::Gone)?;
    if shape(board) != digest {
        return Err(Kept::Overtaken(Box::new(settings)));
    }
    let mut others = settings.boards.iter().filter(|board| board.id.0 != id);
    if !others.any(|board| next.is_empty() || board.id.0 == next) {
        return Err(Kept::Nowhere(Box::new(settings)));
    }
    settings.boards.retain(|board| board.id.0 != id);
    Ok(settings)
}

fn asked(app: &App, status: StatusCode, settings: &Settings, id: &str, problem: Option<&'static str>) -> Response {
    let Some(board) = settings.boards.iter().find(|board| board.id.0 == id) else { return gone() };
    let others = settings.boards.iter().filter(|other| other.id != board.id);
    let choice =
        |other: &BoardSettings| Choice { id: other.id.0.clone(), title: other.title(&settings.team), chosen: false };
    let screens = app.screens.list();
    let shown = screens.iter().filter(|entry| entry.screen.board == id).map(|entry| entry.screen.name.clone());
    let asked = RemovePage {
        id: id.to_owned(),
        title: board.title(&settings.team),
        screens: shown.collect(),
        boards: others.map(choice).collect(),
        seen: shape(board),
        problem,
    };
    page(status, &asked)
}

/// What the page showed of a board: all of it.
fn shape(board: &BoardSettings) -> String {
    let mut values = board::values(board);
    values.0.extend(thresholds::values(&board.thresholds).0);
    seen(&values)
}
