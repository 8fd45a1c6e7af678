//! One-time codes (RFC 6238) beside the password: set up with a QR code or a key to type, confirmed by a code, taken off.
//!
//! The Broker keeps the key and judges codes. It passes this process once, on the page that shows it.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use qrcode::{Color, EcLevel, QrCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::super::{
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

const PAGE: &str = "/admin/access/one-time-codes";

/// Modules of white around a QR code, which readers need (ISO/IEC 18004).
const QUIET: usize = 4;

#[derive(Template)]
#[template(path = "one_time_codes.html")]
struct CodesPage<'a> {
    step: Step<'a>,
    error: Option<String>,
}

enum Step<'a> {
    /// Nobody is asked for one.
    Off,
    /// A key is shown, and waits for its first code.
    Shown { square: Square, key: &'a str },
    /// The code that was typed was another; the key is not shown once more.
    Waiting,
    /// They are asked for.
    On,
}

/// A QR code as an image of vectors.
struct Square {
    /// With the white around it.
    side: usize,
    /// A path of all dark modules.
    dark: Zeroizing<String>,
}

impl Square {
    fn of(content: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(content, EcLevel::M).ok()?;
        let width = code.width();
        let modules = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
        let mut dark = Zeroizing::new(String::new());
        for (at, _) in modules {
            dark.push_str(&format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET));
        }
        Some(Self { side: width + 2 * QUIET, dark })
    }
}

/// What the forms send.
#[derive(Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    current: SecretString,
    #[serde(default)]
    code: SecretString,
}

/// `GET /admin/access/one-time-codes`
pub(crate) async fn show(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    shown(StatusCode::OK, if app.credential.needs_one_time_code() { Step::On } else { Step::Off }, None)
}

/// `POST /admin/access/one-time-codes`: shows a key, to who knows the password: a session that was stolen must not lock the
/// administrator out.
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    _: SignedIn,
    peer: Peer,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    if let Some(response) = too_often(&app, peer, Step::Off) {
        return response;
    }
    match app.credential.verify(fields.current).await {
        Ok(Some(_)) => {}
        Ok(None) => {
            app.strangers.refused(Door::SignIn, Refused::Wrong, peer.0.ip(), app.clock.now());
            return wrong(Step::Off, "That is not the present password.");
        }
        Err(error) => return failed(&error),
    }
    let key = match app.broker.begin_one_time_codes().await {
        Ok(key) => key,
        Err(error) => return wrong(Step::Off, &sentence(&error)),
    };
    let whose = app.names.first().map_or_else(|| "server".to_owned(), ToString::to_string);
    let key = key.expose_secret();
    let address = Zeroizing::new(format!("otpauth://totp/Nexus:{NAME}@{whose}?secret={key}&issuer=Nexus"));
    let Some(square) = Square::of(&address) else { return failed(&"a key that no QR code can hold") };
    shown(StatusCode::OK, Step::Shown { square, key: &in_groups(key) }, None)
}

/// `POST /admin/access/one-time-codes/confirm`: from here on a code is asked for, and everybody else has to sign in again.
pub(crate) async fn confirm(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    if let Some(response) = too_often(&app, peer, Step::Waiting) {
        return response;
    }
    match app.broker.confirm_one_time_codes(&fields.code).await {
        Ok(true) => {}
        Ok(false) => {
            return wrong(Step::Waiting, "That is not the code of this moment. Type the one that is shown now.");
        }
        Err(error) => return wrong(Step::Off, &sentence(&error)),
    }
    if let Err(error) = app.credential.set_one_time_codes(true) {
        return failed(&error);
    }
    let deed = signed_in.deed(Action::OneTimeCodesSet, NAME, peer, app.clock.now());
    match app.sessions.end_others(&signed_in.token_hash, &deed).await {
        Ok(()) => Redirect::to(PAGE).into_response(),
        Err(error) => failed(&error),
    }
}

/// `POST /admin/access/one-time-codes/remove`: with a code, so that a session that was stolen does not suffice.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    if let Some(response) = too_often(&app, peer, Step::On) {
        return response;
    }
    match app.broker.check_one_time_code(&fields.code, true).await {
        Ok(true) => {}
        Ok(false) => {
            app.strangers.refused(Door::SignIn, Refused::Wrong, peer.0.ip(), app.clock.now());
            return wrong(Step::On, "That is not the code of this moment, or it was used already.");
        }
        Err(error) => return wrong(Step::On, &sentence(&error)),
    }
    // In this order, so that nobody is asked for a code that none can judge.
    if let Err(error) = app.credential.set_one_time_codes(false) {
        return failed(&error);
    }
    let forgotten = app.broker.forget_one_time_codes().await;
    let deed = signed_in.deed(Action::OneTimeCodesRemoved, NAME, peer, app.clock.now());
    match (app.store.enter(&deed).await, forgotten) {
        (Ok(()), Ok(_)) => Redirect::to(PAGE).into_response(),
        (Err(error), _) => failed(&error),
        (Ok(()), Err(error)) => {
            wrong(Step::Off, &format!("Nobody is asked for a code any more, but its key stays: {error}."))
        }
    }
}

/// Takes a try of who is signed in; the answer where there is none left.
fn too_often(app: &App, peer: Peer, step: Step<'_>) -> Option<Response> {
    let wait = app.attempt(&app.throttles.password, Door::SignIn, peer.0.ip()).err()?;
    Some(throttled(wait, |words| shown(StatusCode::TOO_MANY_REQUESTS, step, Some(words.to_owned()))))
}

fn wrong(step: Step<'_>, error: &str) -> Response {
    shown(StatusCode::UNPROCESSABLE_ENTITY, step, Some(error.to_owned()))
}

fn shown(status: StatusCode, step: Step<'_>, error: Option<String>) -> Response {
    page(status, &CodesPage { step, error })
}

/// `ABCD EFGH`, as people type it.
fn in_groups(key: &str) -> Zeroizing<String> {
    let mut grouped = Zeroizing::new(String::with_capacity(key.len() * 5 / 4 + 1));
    for (at, character) in key.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(character);
    }
    grouped
}
