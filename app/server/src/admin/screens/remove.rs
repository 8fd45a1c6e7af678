//! Removing a screen, after asking.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use uuid::Uuid;

use super::{
    super::{
        page::{failed, page},
        signed_in::SignedIn,
    },
    Named,
};
use crate::{app::App, serve::Peer, store::Action};

#[derive(Template)]
#[template(path = "remove_screen.html")]
struct RemovePage<'a> {
    id: Uuid,
    name: &'a str,
}

/// `GET /admin/screens/{id}/remove`
pub(crate) async fn ask(_: SignedIn, Named(entry): Named) -> Response {
    page(StatusCode::OK, &RemovePage { id: entry.screen.id, name: &entry.screen.name })
}

/// `POST /admin/screens/{id}/remove`: the screen is signed out at once, open streams included.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    Named(entry): Named,
) -> Response {
    let id = entry.screen.id;
    let deed = signed_in.deed(Action::ScreenRemoved, id, peer, app.clock.now());
    match app.screens.remove(id, &deed).await {
        Ok(()) => {
            app.fleet.forget(id);
            app.commands.forget(id);
            Redirect::to("/admin/screens").into_response()
        }
        Err(error) => failed(&error),
    }
}
