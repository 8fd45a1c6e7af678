//! `/sign-in`: the passcode is typed once, and this browser is remembered.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Query, State, rejection::FormRejection},
    middleware::{from_fn, map_response},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    cookie,
    sessions::{Browser, LIFETIME},
};
use crate::{
    admin::{
        never_stored, origin,
        page::{failed, incomplete, page, throttled},
    },
    agent,
    app::App,
    forwarded::Client,
    routes::Routes,
    serve::Peer,
    store::{Action, Deed},
    strangers::{Door, Refused},
};

pub(super) fn routes() -> Routes<Arc<App>> {
    Routes::new()
        .route("/sign-in", get(form).post(sign_in))
        .route("/sign-out", post(sign_out))
        .layer(from_fn(origin::check))
        .layer(map_response(never_stored))
}

#[derive(Template)]
#[template(path = "view_sign_in.html")]
struct SignInPage<'a> {
    needed: bool,
    next: &'a str,
    error: Option<&'a str>,
}

#[derive(Deserialize)]
struct Where {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    passcode: SecretString,
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`
async fn form(State(app): State<Arc<App>>, Query(query): Query<Where>) -> Response {
    let next = within(&app, &query.next);
    page(StatusCode::OK, &SignInPage { needed: app.credential.has_passcode(), next: &next, error: None })
}

/// `POST /sign-in`
async fn sign_in(
    State(app): State<Arc<App>>,
    Peer(client): Peer,
    headers: HeaderMap,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    let next = within(&app, &fields.next);
    let again = |status, error: &str| page(status, &SignInPage { needed: true, next: &next, error: Some(error) });
    // Counted before anything dear is done, so that guesses that come at once are counted as well.
    if let Err(wait) = app.attempt(&app.throttles.passcode, Door::Passcode, client.ip()) {
        return throttled(wait, |words| again(StatusCode::TOO_MANY_REQUESTS, words));
    }
    let passcode = match app.credential.verify_passcode(fields.passcode).await {
        Ok(Some(passcode)) => passcode,
        Ok(None) if !app.credential.has_passcode() => return Redirect::to(&next).into_response(),
        Ok(None) => {
            app.strangers.refused(Door::Passcode, Refused::Wrong, client.ip(), app.clock.now());
            return again(StatusCode::UNPROCESSABLE_ENTITY, "That is not the passcode.");
        }
        Err(error) => return failed(&error),
    };
    let browser = Browser { address: client.ip(), agent: agent::words(&headers) };
    let token = match app.viewers.begin(&passcode, browser, &deed(&app, client, Action::ViewerSignedIn)).await {
        Ok(Some(token)) => token,
        // It became another one since it was looked at.
        Ok(None) => return again(StatusCode::UNPROCESSABLE_ENTITY, "That is not the passcode."),
        Err(error) => return failed(&error),
    };
    match cookie::set(&token, LIFETIME) {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to(&next)).into_response(),
        None => failed(&"a session token that is no header value"),
    }
}

/// `POST /sign-out`: ends the session of this browser, and the streams that it reads.
async fn sign_out(State(app): State<Arc<App>>, Peer(client): Peer, headers: HeaderMap) -> Response {
    if let Some(token) = cookie::session(&headers) {
        let ended = match app.viewers.of(&token, app.clock.now()).await {
            Ok(Some(id)) => app.viewers.end(id, &deed(&app, client, Action::ViewerSignedOut)).await.map_err(Into::into),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            return failed(&error);
        }
    }
    ([(header::SET_COOKIE, cookie::clear())], Redirect::to("/sign-in")).into_response()
}

/// What a viewer does.
fn deed(app: &App, client: Client, action: Action) -> Deed {
    let (actor, subject) = ("viewer".to_owned(), "passcode".to_owned());
    Deed { actor, action, subject, address: client.ip(), at: app.clock.now() }
}

/// Where to go on: only ever a board's page; the first board's where none is named.
fn within(app: &App, next: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_?=&%+.".contains(c);
    if next.starts_with("/b/") && next.chars().all(plain) {
        return next.to_owned();
    }
    app.settings().boards.first().map_or_else(|| "/".to_owned(), |board| format!("/b/{}", board.id.0))
}
