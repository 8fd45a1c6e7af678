//! Who is signed in: the list, ending one session, ending all.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use uuid::Uuid;

use super::super::{
    page::{failed, page, problem},
    signed_in::{NAME, SignedIn},
};
use crate::{
    app::App,
    serve::Peer,
    store::{Action, StoreError},
};

const LIST: &str = "/admin/access/sessions";

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    admins: Vec<Row>,
    viewers: Vec<Row>,
}

struct Row {
    id: String,
    agent: String,
    /// By what a viewer came.
    by: String,
    address: String,
    started: String,
    seen: String,
    until: String,
    /// Whether it is the one that looks at this page.
    own: bool,
}

/// `GET /admin/access/sessions`
pub(crate) async fn list(State(app): State<Arc<App>>, signed_in: SignedIn) -> Response {
    match rows(&app, &signed_in).await {
        Ok(shown) => page(StatusCode::OK, &shown),
        Err(error) => failed(&error),
    }
}

async fn rows(app: &App, signed_in: &SignedIn) -> Result<SessionsPage, StoreError> {
    let now = app.clock.now();
    let links = app.store.links().await?;
    let named = |text: String| if text.is_empty() { "not known".to_owned() } else { text };
    let admins = app.sessions.list(now).await?.into_iter().map(|session| Row {
        own: session.token_hash == signed_in.token_hash,
        id: session.token_hash,
        agent: named(session.agent),
        by: String::new(),
        address: named(session.address),
        started: app.worded(session.started_at),
        seen: app.worded(session.seen_at.max(session.started_at)),
        until: app.worded(session.expires_at),
    });
    let viewers = app.viewers.list(now).await?.into_iter().map(|viewer| Row {
        own: false,
        id: viewer.id.to_string(),
        agent: viewer.agent,
        by: match viewer.link {
            None => "passcode".to_owned(),
            Some(id) => links
                .iter()
                .find(|link| link.issued.id == id)
                .map_or_else(|| "link".to_owned(), |link| format!("link \u{201c}{}\u{201d}", link.name)),
        },
        address: viewer.address.to_string(),
        started: app.worded(viewer.started_at),
        seen: app.worded(viewer.seen_at),
        until: app.worded(viewer.expires_at),
    });
    Ok(SessionsPage { admins: admins.collect(), viewers: viewers.collect() })
}

/// `POST /admin/access/sessions/viewers/{id}`: this browser has to sign in again, open streams included.
pub(crate) async fn end_viewer(
    State(app): State<Arc<App>>,
    by: SignedIn,
    peer: Peer,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse::<Uuid>() else { return unknown() };
    finished(app.viewers.end(id, &by.deed(Action::SessionEnded, id, peer, app.clock.now())).await)
}

/// `POST /admin/access/sessions/admins/{id}`: as [`end_viewer`], for an administrator's session.
pub(crate) async fn end_admin(
    State(app): State<Arc<App>>,
    by: SignedIn,
    peer: Peer,
    Path(id): Path<String>,
) -> Response {
    if id.len() != 64 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return unknown();
    }
    finished(app.sessions.end(&id, &by.deed(Action::SessionEnded, &id[..16], peer, app.clock.now())).await)
}

/// `POST /admin/access/sessions`: everybody has to sign in again but who presses this button.
pub(crate) async fn end_all(State(app): State<Arc<App>>, by: SignedIn, peer: Peer) -> Response {
    let deed = by.deed(Action::AllSessionsEnded, NAME, peer, app.clock.now());
    finished(app.sessions.end_others(&by.token_hash, &deed).await.and(app.viewers.end_everybody().await))
}

fn finished(ended: Result<(), StoreError>) -> Response {
    match ended {
        Ok(()) => Redirect::to(LIST).into_response(),
        Err(error) => failed(&error),
    }
}

fn unknown() -> Response {
    problem(StatusCode::NOT_FOUND, "There is no such session", "It may have ended. Go back to the list.")
}
