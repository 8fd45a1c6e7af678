//! The view passcode: set, changed, removed.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    super::{
        CredentialError,
        page::{failed, incomplete, page},
        sign_in::sentence,
        signed_in::SignedIn,
    },
    overview,
};
use crate::{app::App, serve::Peer, store::Action};

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    passcode: SecretString,
    #[serde(default)]
    passcode_again: SecretString,
}

/// `POST /admin/access/passcode`: whoever typed an older one has to type this one, open streams included.
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    if fields.passcode.expose_secret() != fields.passcode_again.expose_secret() {
        return overview(&app, StatusCode::UNPROCESSABLE_ENTITY, Some("The two passcodes differ."));
    }
    match app.credential.set_passcode(fields.passcode).await {
        Ok(()) => changed(&app, &signed_in, peer, Action::PasscodeSet).await,
        Err(error @ CredentialError::PasscodeLength) => {
            overview(&app, StatusCode::UNPROCESSABLE_ENTITY, Some(&sentence(&error)))
        }
        Err(error) => failed(&error),
    }
}

#[derive(Template)]
#[template(path = "remove_passcode.html")]
struct RemovePage;

/// `GET /admin/access/passcode/remove`
pub(crate) async fn ask(_: SignedIn) -> Response {
    page(StatusCode::OK, &RemovePage)
}

/// `POST /admin/access/passcode/remove`
pub(crate) async fn remove(State(app): State<Arc<App>>, signed_in: SignedIn, peer: Peer) -> Response {
    match app.credential.remove_passcode() {
        Ok(()) => changed(&app, &signed_in, peer, Action::PasscodeRemoved).await,
        Err(error) => failed(&error),
    }
}

async fn changed(app: &App, signed_in: &SignedIn, peer: Peer, action: Action) -> Response {
    let deed = signed_in.deed(action, "passcode", peer, app.clock.now());
    match app.viewers.passcode_changed(&deed).await {
        Ok(()) => Redirect::to("/admin/access").into_response(),
        Err(error) => failed(&error),
    }
}
