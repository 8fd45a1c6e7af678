//! Signing in: with the setup code once, with the password from then on.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Query, State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, StatusCode, header};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    CredentialError, Hashed, cookie,
    page::{failed, incomplete, page, throttled},
    signed_in::{NAME, SignedIn},
};
use crate::{
    agent,
    app::App,
    operation::SignIn,
    serve::Peer,
    store::{Action, AdminSession, Deed},
    strangers::{Door, Refused},
};

/// How long an administrator stays signed in.
const SESSION: SignedDuration = SignedDuration::from_hours(12);
const START: &str = "/admin/screens";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    first: bool,
    needs_code: bool,
    next: &'a str,
    error: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Where {
    #[serde(default)]
    next: String,
}

/// What the form sends. The first sign-in has a setup code and the new password twice.
#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    setup_code: String,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    password_again: SecretString,
    /// A one-time code, where these are asked for.
    #[serde(default)]
    code: SecretString,
    #[serde(default)]
    next: String,
}

/// `GET /admin/sign-in`
pub(super) async fn form(State(app): State<Arc<App>>, Query(query): Query<Where>) -> Response {
    let first = app.credential.setup_code().is_some();
    let needs_code = app.credential.needs_one_time_code();
    page(StatusCode::OK, &SignInPage { first, needs_code, next: &query.next, error: None })
}

/// `POST /admin/sign-in`
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    peer: Peer,
    headers: HeaderMap,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    let first = app.credential.setup_code().is_some();
    let needs_code = app.credential.needs_one_time_code();
    let again =
        |status, error: String| page(status, &SignInPage { first, needs_code, next: &fields.next, error: Some(error) });
    let (from, now) = (peer.0.ip(), app.clock.now());
    let wrong = || {
        app.metrics.signed_in(SignIn::Refused);
        app.strangers.refused(Door::SignIn, Refused::Wrong, from, now);
    };
    if let Err(wait) = app.throttles.sign_in.take_as(from, app.familiar.knows(peer.0, now)) {
        app.metrics.signed_in(SignIn::Throttled);
        app.strangers.refused(Door::SignIn, Refused::TooOften, from, now);
        return throttled(wait, |words| again(StatusCode::TOO_MANY_REQUESTS, words.to_owned()));
    }

    let (action, password) = if first {
        if fields.password.expose_secret() != fields.password_again.expose_secret() {
            return again(StatusCode::UNPROCESSABLE_ENTITY, "The two passwords differ.".to_owned());
        }
        match app.credential.set_up(&fields.setup_code, fields.password.clone()).await {
            Ok(password) => (Action::PasswordSet, password),
            Err(error @ (CredentialError::SetupCode | CredentialError::Length)) => {
                wrong();
                return again(StatusCode::UNPROCESSABLE_ENTITY, sentence(&error));
            }
            Err(error) => return failed(&error),
        }
    } else {
        match known(&app, &fields, needs_code).await {
            Ok(Some(password)) => (Action::SignedIn, password),
            Ok(None) => {
                wrong();
                return again(StatusCode::UNPROCESSABLE_ENTITY, not_known(needs_code));
            }
            Err(Unknowable::Credential(error)) => return failed(&error),
            Err(Unknowable::Code(error)) => {
                tracing::error!(%error, "a one-time code could not be judged");
                let words = format!("One-time codes cannot be judged now: {}", sentence(&error));
                return again(StatusCode::SERVICE_UNAVAILABLE, words);
            }
        }
    };
    match start(&app, peer, &headers, action, &password, &fields.next).await {
        Some(response) => {
            app.metrics.signed_in(SignIn::Accepted);
            response
        }
        // It became another one since it was looked at.
        None => {
            wrong();
            again(StatusCode::UNPROCESSABLE_ENTITY, not_known(needs_code))
        }
    }
}

/// Why it cannot be told who signs in.
enum Unknowable {
    Credential(CredentialError),
    Code(bridge::Error),
}

/// What is kept of the password, if it is right, and the one-time code as well where one is needed. Both are looked at
/// whatever the other is, so that neither the answer nor the time that it takes tells which of them was wrong.
async fn known(app: &App, fields: &Fields, needs_code: bool) -> Result<Option<Hashed>, Unknowable> {
    let password = app.credential.verify(fields.password.clone()).await.map_err(Unknowable::Credential)?;
    if !needs_code {
        return Ok(password);
    }
    let fits = app.broker.check_one_time_code(&fields.code, false).await.map_err(Unknowable::Code)?;
    match password.filter(|_| fits) {
        // Used only now, so that a slip in the password does not cost the code.
        Some(password) => {
            let spent = app.broker.check_one_time_code(&fields.code, true).await.map_err(Unknowable::Code)?;
            Ok(Some(password).filter(|_| spent))
        }
        None => Ok(None),
    }
}

fn not_known(needs_code: bool) -> String {
    let words = if needs_code {
        "That is not the password, or not the code of this moment; each code works once."
    } else {
        "That is not the password."
    };
    words.to_owned()
}

/// Begins a session, if the password of which `password` is kept still is the password.
async fn start(
    app: &App,
    peer: Peer,
    headers: &HeaderMap,
    action: Action,
    password: &Hashed,
    next: &str,
) -> Option<Response> {
    let now = app.clock.now();
    let token = cookie::token();
    let session = AdminSession {
        token_hash: cookie::hash(&token),
        address: peer.0.ip().to_string(),
        agent: agent::words(headers),
        started_at: now,
        seen_at: now,
        expires_at: now + SESSION,
    };
    let deed = Deed { actor: NAME.to_owned(), action, subject: NAME.to_owned(), address: peer.0.ip(), at: now };
    match (app.sessions.start(&session, password, &deed).await, cookie::set(&token, SESSION)) {
        (Ok(false), _) => None,
        (Ok(true), Some(cookie)) => {
            app.familiar.note(peer.0.ip(), now);
            Some(([(header::SET_COOKIE, cookie)], Redirect::to(within(next))).into_response())
        }
        (Err(error), _) => Some(failed(&error)),
        (Ok(true), None) => Some(failed(&"a session token that is no header value")),
    }
}

/// `POST /admin/sign-out`: ends the session, and the streams that are read by it.
pub(super) async fn sign_out(State(app): State<Arc<App>>, signed_in: SignedIn, peer: Peer) -> Response {
    let deed = signed_in.deed(Action::SignedOut, NAME, peer, app.clock.now());
    match app.sessions.end(&signed_in.token_hash, &deed).await {
        Ok(()) => ([(header::SET_COOKIE, cookie::clear())], Redirect::to("/admin/sign-in")).into_response(),
        Err(error) => failed(&error),
    }
}

/// Where to go on; only ever a page of these.
fn within(next: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_?=&%+.".contains(c);
    if next.starts_with("/admin/") && next.chars().all(plain) { next } else { START }
}

/// An error's message as a sentence on a page.
pub(super) fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let end = if text.ends_with('.') { "" } else { "." };
    // An address stays as it was entered.
    if text.split(' ').next().is_some_and(|word| word.contains("://")) {
        return format!("{text}{end}");
    }
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}{end}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_led_elsewhere() {
        assert_eq!(within("/admin/screens/add?code=417-KX7M"), "/admin/screens/add?code=417-KX7M");
        for elsewhere in ["", "https://evil.example/", "//evil.example", "/admin/\\evil", "/admin/\r\nx: y", "/other"] {
            assert_eq!(within(elsewhere), START, "{elsewhere}");
        }
    }
}
