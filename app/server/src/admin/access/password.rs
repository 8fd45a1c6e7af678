//! Giving the administrator another password.

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

use super::super::{
    CredentialError,
    page::{failed, incomplete, page, throttled},
    sign_in::sentence,
    signed_in::{NAME, SignedIn},
};
use crate::{
    app::App,
    serve::Peer,
    store::Action,
    strangers::{Door, Refused},
};

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    error: Option<&'a str>,
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    current: SecretString,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    password_again: SecretString,
}

/// `GET /admin/access/password`
pub(crate) async fn form(_: SignedIn) -> Response {
    page(StatusCode::OK, &PasswordPage { error: None })
}

/// `POST /admin/access/password`: every other administrator's session ends, since somebody may know the old password.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    let again = |status, error: &str| page(status, &PasswordPage { error: Some(error) });
    let wrong = |error: &str| again(StatusCode::UNPROCESSABLE_ENTITY, error);
    if fields.password.expose_secret() != fields.password_again.expose_secret() {
        return wrong("The two new passwords differ.");
    }
    // A session that was stolen must not find out the password.
    let from = peer.0.ip();
    if let Err(wait) = app.attempt(&app.throttles.password, Door::SignIn, from) {
        return throttled(wait, |words| again(StatusCode::TOO_MANY_REQUESTS, words));
    }
    match app.credential.verify(fields.current).await {
        Ok(Some(_)) => {}
        Ok(None) => {
            app.strangers.refused(Door::SignIn, Refused::Wrong, from, app.clock.now());
            return wrong("That is not the present password.");
        }
        Err(error) => return failed(&error),
    }
    match app.credential.change(fields.password).await {
        Ok(()) => {}
        Err(error @ CredentialError::Length) => return wrong(&sentence(&error)),
        Err(error) => return failed(&error),
    }
    let deed = signed_in.deed(Action::PasswordChanged, NAME, peer, app.clock.now());
    match app.sessions.end_others(&signed_in.token_hash, &deed).await {
        Ok(()) => Redirect::to("/admin/access").into_response(),
        Err(error) => failed(&error),
    }
}
