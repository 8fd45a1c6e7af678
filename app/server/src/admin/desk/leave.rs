//! Going back to the demo desk, after asking.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;

use super::{REQUEST_TRACKER, unreadable};
use crate::{
    admin::{
        page::{failed, page, problem},
        sign_in::sentence,
        signed_in::SignedIn,
    },
    app::App,
    serve::Peer,
    settings::{Desk, Settings, SettingsError},
    store::Action,
};

#[derive(Template)]
#[template(path = "leave_desk.html")]
struct LeavePage;

/// `GET /admin/desk/demo`
pub(crate) async fn ask(_: SignedIn) -> Response {
    page(StatusCode::OK, &LeavePage)
}

/// `POST /admin/desk/demo`: the demo desk is read, and the token is forgotten.
pub(crate) async fn leave(State(app): State<Arc<App>>, signed_in: SignedIn, peer: Peer) -> Response {
    // In this order, so that nothing is read any more by a connection that goes away.
    let (choice, at) = (app.configured.desk.clone(), app.clock.now());
    let back = move |settings: Settings| match settings.desk {
        Desk::Demo(_) => Ok(settings),
        Desk::RequestTracker(_) => Ok(Settings { desk: Desk::demo(&choice, at), ..settings }),
    };
    if let Err(error) = app.change_settings::<SettingsError>(back).await {
        return unreadable(&error);
    }
    let forgotten = app.broker.disconnect(REQUEST_TRACKER).await;
    let recorded =
        app.store.record(signed_in.admin.name(), Action::DeskDisconnected, REQUEST_TRACKER, peer.0.ip(), at).await;
    match (forgotten, recorded) {
        (Ok(_), Ok(())) => Redirect::to("/admin/desk").into_response(),
        (_, Err(error)) => failed(&error),
        (Err(error), Ok(())) => {
            let detail = format!(
                "The demo desk is read from now on, but the token of the desk before is still stored: {} Go back to the \
                 demo desk once more when that is mended.",
                sentence(&error)
            );
            problem(StatusCode::BAD_GATEWAY, "The token could not be removed", &detail)
        }
    }
}
