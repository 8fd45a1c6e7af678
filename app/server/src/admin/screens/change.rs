//! Giving a screen another name, board or group.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use device::fleet::MAX_MESSAGE;
use http::StatusCode;
use pairing::message::Text;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    super::{
        page::{failed, incomplete, page},
        signed_in::SignedIn,
    },
    Choice, Named, choices, command,
    software::Software,
};
use crate::{
    app::App,
    group::{Group, LONGEST},
    serve::Peer,
    store::{Action, Screen, StoreError},
};

#[derive(Template)]
#[template(path = "screen.html")]
struct ScreenPage<'a> {
    id: Uuid,
    name: &'a str,
    boards: Vec<Choice>,
    group: &'a str,
    /// Those that there are.
    groups: Vec<Group>,
    longest_group: usize,
    /// When it came out that two devices use its identity.
    suspended: Option<String>,
    software: Option<Software>,
    held: bool,
    commands: Vec<command::Row>,
    /// Of a message, in characters.
    longest: usize,
    error: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    name: String,
    board: String,
    #[serde(default)]
    group: String,
}

/// `GET /admin/screens/{id}`
pub(crate) async fn form(State(app): State<Arc<App>>, _: SignedIn, Named(entry): Named) -> Response {
    let screen = &entry.screen;
    let group = screen.group.as_ref().map_or("", Group::as_ref);
    match shown(&app, screen, &screen.name, &screen.board, group).await {
        Ok(form) => page(StatusCode::OK, &form),
        Err(error) => failed(&error),
    }
}

/// `POST /admin/screens/{id}`
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    Named(entry): Named,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let id = entry.screen.id;
    let Ok(Form(fields)) = fields else { return incomplete() };
    let again = async |error: &str| match shown(&app, &entry.screen, &fields.name, &fields.board, &fields.group).await {
        Ok(form) => page(StatusCode::UNPROCESSABLE_ENTITY, &ScreenPage { error: Some(error.to_owned()), ..form }),
        Err(error) => failed(&error),
    };
    let Ok(name) = Text::<64>::try_from(fields.name.trim().to_owned()) else {
        return again("A name has 1 to 64 characters.").await;
    };
    if !app.settings().boards.iter().any(|board| board.id.0 == fields.board) {
        return again("Choose one of the boards.").await;
    }
    let group = match fields.group.trim() {
        "" => None,
        text => match Group::try_from(text.to_owned()) {
            Ok(group) => Some(group),
            Err(error) => return again(&error.to_string()).await,
        },
    };
    let deed = signed_in.deed(Action::ScreenChanged, id, peer, app.clock.now());
    match app.screens.change(id, name.to_string(), fields.board.clone(), group, &deed).await {
        Ok(()) => Redirect::to("/admin/screens").into_response(),
        Err(error) => failed(&error),
    }
}

/// The form, with this name, board and group in its fields.
async fn shown<'a>(
    app: &App,
    screen: &Screen,
    name: &'a str,
    board: &str,
    group: &'a str,
) -> Result<ScreenPage<'a>, StoreError> {
    Ok(ScreenPage {
        id: screen.id,
        name,
        boards: choices(app, board),
        group,
        groups: app.screens.groups(),
        longest_group: LONGEST,
        suspended: screen.suspended_at.map(|at| app.worded(at)),
        software: app.fleet.find(screen.id).map(|report| Software::of(app, &report)),
        held: app.fleet.is_held(screen.id),
        commands: command::newest(app, screen.id).await?,
        longest: MAX_MESSAGE,
        error: None,
    })
}
