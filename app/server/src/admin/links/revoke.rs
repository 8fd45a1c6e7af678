//! Revoking a link, after asking, and with it the screens that joined by it and the browsers that came by it.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use pairing::link::Id;
use serde::Deserialize;

use super::super::{
    page::{failed, page, problem},
    signed_in::SignedIn,
};
use crate::{
    app::App,
    serve::Peer,
    store::{Action, Link, Purpose, StoreError},
};

#[derive(Template)]
#[template(path = "revoke_link.html")]
struct RevokePage<'a> {
    id: Id,
    name: &'a str,
    for_browsers: bool,
    screens: Vec<String>,
}

/// What the buttons send.
#[derive(Default, Deserialize)]
pub(crate) struct Decision {
    /// `keep` leaves the screens that joined; everything else removes them with the link.
    #[serde(default)]
    screens: String,
}

/// `GET /admin/screens/links/{id}/revoke`
pub(crate) async fn ask(State(app): State<Arc<App>>, _: SignedIn, Path(id): Path<String>) -> Response {
    match find(&app, &id).await {
        Ok(Some(link)) => {
            let id = link.issued.id;
            let for_browsers = matches!(link.purpose, Purpose::Browsers(_));
            let screens = app.screens.of_link(id).iter().map(|entry| entry.screen.name.clone()).collect();
            page(StatusCode::OK, &RevokePage { id, name: &link.name, for_browsers, screens })
        }
        Ok(None) => unknown(),
        Err(error) => failed(&error),
    }
}

/// `POST /admin/screens/links/{id}/revoke`: nobody joins by it from here on. The screens that did are signed out at once,
/// open streams included, unless they are to be kept.
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    Path(id): Path<String>,
    decision: Result<Form<Decision>, FormRejection>,
) -> Response {
    let link = match find(&app, &id).await {
        Ok(Some(link)) => link,
        Ok(None) => return unknown(),
        Err(error) => return failed(&error),
    };
    let keep = decision.is_ok_and(|Form(decision)| decision.screens == "keep");
    match end(&app, &signed_in, peer, link.issued.id, keep).await {
        Ok(()) => Redirect::to("/admin/screens/links").into_response(),
        Err(error) => failed(&error),
    }
}

async fn end(app: &App, signed_in: &SignedIn, peer: Peer, id: Id, keep: bool) -> Result<(), StoreError> {
    let now = app.clock.now();
    // In this order, so that nobody joins in between.
    app.store.revoke_link(&id, &signed_in.deed(Action::LinkRevoked, id, peer, now)).await?;
    app.viewers.end_all_of(id).await?;
    app.follow_links().await?;
    if keep {
        return Ok(());
    }
    for entry in app.screens.of_link(id) {
        let screen = entry.screen.id;
        app.screens.remove(screen, &signed_in.deed(Action::ScreenRemoved, screen, peer, now)).await?;
        app.fleet.forget(screen);
        app.commands.forget(screen);
    }
    Ok(())
}

async fn find(app: &App, id: &str) -> Result<Option<Link>, StoreError> {
    match id.parse() {
        Ok(id) => app.store.link(&id).await,
        Err(_) => Ok(None),
    }
}

fn unknown() -> Response {
    problem(StatusCode::NOT_FOUND, "There is no such access link", "Go back to the list.")
}
