//! Secrets: which are set, entering one, removing one. What is stored is never shown, and never comes back here.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;

use super::super::{
    form::{Field, Kind, Wiped},
    page::{failed, page, problem},
    sign_in::sentence,
    signed_in::SignedIn,
};
use crate::{app::App, serve::Peer, store::Action};

/// Names for people, by those of the Broker: a title and what it is for.
const TITLES: [(&str, &str, &str); 3] = [
    (
        "calendar-url",
        "Address of the on-call calendar",
        "An iCalendar feed (.ics). Who knows it can read the calendar.",
    ),
    ("webhook-url", "Address of the alert webhook", "Alerts are sent there. Who knows it can post there."),
    (
        "webhook-key",
        "Key of the alert webhook",
        "Alerts are signed with it: 24 to 64 bytes in base64, after whsec_ or without it.",
    ),
];

#[derive(Template)]
#[template(path = "secrets.html")]
struct SecretsPage {
    secrets: Vec<Row>,
    error: Option<String>,
}

struct Row {
    name: String,
    title: String,
    about: &'static str,
    set: bool,
}

#[derive(Template)]
#[template(path = "secret.html")]
struct SecretPage {
    name: String,
    title: String,
    field: Field,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "remove_secret.html")]
struct RemovePage {
    name: String,
    title: String,
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    value: SecretString,
}

/// `GET /admin/settings/secrets`
pub(crate) async fn list(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    match app.broker.secrets().await {
        Ok(secrets) => {
            let row = |secret: bridge::KnownSecret| {
                let (title, about) = titled(&secret.name);
                Row { name: secret.name, title, about, set: secret.set }
            };
            page(StatusCode::OK, &SecretsPage { secrets: secrets.into_iter().map(row).collect(), error: None })
        }
        Err(error) => page(StatusCode::OK, &SecretsPage { secrets: Vec::new(), error: Some(sentence(&error)) }),
    }
}

/// `GET /admin/settings/secrets/{name}`
pub(crate) async fn form(_: SignedIn, Path(name): Path<String>) -> Response {
    if is_known(&name) { shown(name, StatusCode::OK, None, None) } else { unknown() }
}

/// `POST /admin/settings/secrets/{name}`
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    by: SignedIn,
    peer: Peer,
    Path(name): Path<String>,
    Wiped(fields): Wiped<Fields>,
) -> Response {
    if !is_known(&name) {
        return unknown();
    }
    match app.broker.set_secret(&name, &fields.value).await {
        Ok(()) => done(&app, &by, peer, Action::SecretSet, &name).await,
        Err(bridge::Error::Refused { code, message }) if matches!(code.as_str(), "address" | "value") => {
            shown(name, StatusCode::UNPROCESSABLE_ENTITY, Some(sentence(&message)), None)
        }
        Err(error) => shown(name, StatusCode::UNPROCESSABLE_ENTITY, None, Some(sentence(&error))),
    }
}

/// `GET /admin/settings/secrets/{name}/remove`
pub(crate) async fn ask(_: SignedIn, Path(name): Path<String>) -> Response {
    if !is_known(&name) {
        return unknown();
    }
    page(StatusCode::OK, &RemovePage { title: titled(&name).0, name })
}

/// `POST /admin/settings/secrets/{name}/remove`
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    by: SignedIn,
    peer: Peer,
    Path(name): Path<String>,
) -> Response {
    if !is_known(&name) {
        return unknown();
    }
    match app.broker.remove_secret(&name).await {
        Ok(_) => done(&app, &by, peer, Action::SecretRemoved, &name).await,
        Err(error) => problem(StatusCode::BAD_GATEWAY, "The secret could not be removed", &sentence(&error)),
    }
}

async fn done(app: &App, by: &SignedIn, peer: Peer, action: Action, name: &str) -> Response {
    match app.store.record(by.admin.name(), action, name, peer.0.ip(), app.clock.now()).await {
        Ok(()) => Redirect::to("/admin/settings/secrets").into_response(),
        Err(error) => failed(&error),
    }
}

fn shown(name: String, status: StatusCode, wrong: Option<String>, error: Option<String>) -> Response {
    let (title, about) = titled(&name);
    let mut field = Field::new("value", title.clone(), about, Kind::Secret);
    (field.focus, field.error) = (true, wrong);
    page(status, &SecretPage { name, title, field, error })
}

/// A secret's name for people; one that is newer than this table goes by its own.
fn titled(name: &str) -> (String, &'static str) {
    let known = TITLES.iter().find(|(known, _, _)| *known == name);
    known.map_or_else(|| (name.to_owned(), ""), |(_, title, about)| ((*title).to_owned(), about))
}

fn is_known(name: &str) -> bool {
    TITLES.iter().any(|(known, _, _)| *known == name)
}

fn unknown() -> Response {
    problem(StatusCode::NOT_FOUND, "There is no such secret", "Those that there are stand under Settings, Secrets.")
}
