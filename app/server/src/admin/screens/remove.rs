//! Removing a screen, after asking.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use uuid::Uuid;

use super::{
    super::{
        page::{failed, page},
        signed_in::SignedIn,
    },
    unknown_screen,
};
use crate::{app::App, serve::Peer, store::Action};

#[derive(Template)]
#[template(path = "remove_screen.html")]
struct RemovePage<'a> {
    id: Uuid,
    name: &'a str,
}

/// `GET /admin/screens/{id}/remove`
pub(crate) async fn ask(State(app): State<Arc<App>>, _: SignedIn, Path(id): Path<Uuid>) -> Response {
    match app.screens.find(id) {
        Some(entry) => page(StatusCode::OK, &RemovePage { id, name: &entry.screen.name }),
        None => unknown_screen(),
    }
}

/// `POST /admin/screens/{id}/remove`: the screen is signed out at once, open streams included.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    Path(id): Path<Uuid>,
) -> Response {
    if app.screens.find(id).is_none() {
        return unknown_screen();
    }
    let removed = app.screens.remove(id).await;
    let now = app.clock.now();
    let recorded =
        app.store.record(signed_in.admin.name(), Action::ScreenRemoved, &id.to_string(), peer.0.ip(), now).await;
    match removed.and(recorded) {
        Ok(()) => Redirect::to("/admin/screens").into_response(),
        Err(error) => failed(&error),
    }
}
