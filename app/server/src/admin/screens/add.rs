//! Adding a screen: its code, then the two digits, then it is there.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use pairing::{
    Code,
    message::{self, Text, Trust},
    rotation::server::Keys,
    server::{Admin, Attempt, AttemptError, AttemptId, Offer, Registration, Stage, VERDICT_WITHIN},
};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::{
    super::{
        page::{failed, incomplete, page, problem},
        sign_in::sentence,
        signed_in::SignedIn,
    },
    Choice, choices,
};
use crate::{
    app::App,
    serve::Peer,
    store::{Action, Screen},
    strangers::{Door, Refused},
    tls::Anchor,
};

#[derive(Template)]
#[template(path = "add_screen.html")]
struct AddPage<'a> {
    code: &'a str,
    name: &'a str,
    boards: Vec<Choice>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "attempt.html")]
struct AttemptPage {
    attempt: AttemptId,
    address: String,
    model: String,
    serial: String,
    software: String,
    name: String,
    step: Step,
}

enum Step {
    Waiting,
    Compare { digits: String },
    Failed { why: String },
}

/// What the form of the code holds.
#[derive(Default, Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    board: String,
}

/// `GET /admin/screens/add`, with the code where a QR code brought it.
pub(crate) async fn form(State(app): State<Arc<App>>, _: SignedIn, Query(fields): Query<Fields>) -> Response {
    let boards = choices(&app, &fields.board);
    page(StatusCode::OK, &AddPage { code: &fields.code, name: &fields.name, boards, error: None })
}

/// `POST /admin/screens/add`: spends the guess.
pub(crate) async fn enter(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    let again = |error: String| {
        let boards = choices(&app, &fields.board);
        let form = AddPage { code: &fields.code, name: &fields.name, boards, error: Some(error) };
        page(StatusCode::UNPROCESSABLE_ENTITY, &form)
    };
    let code = match fields.code.parse::<Code>() {
        Ok(code) => code,
        Err(error) => return again(sentence(&error)),
    };
    let screen = match place(&app, &fields) {
        Ok(screen) => screen,
        Err(error) => return again(error),
    };
    let offer = Offer { trust: app.trust(), screen };
    let answered = app.pairings(|pairings, entropy, now| pairings.answer(&signed_in.admin, &code, offer, entropy, now));
    let attempt = match answered {
        Ok(Ok(attempt)) => attempt,
        Ok(Err(error)) => {
            app.strangers.refused(Door::PairingCode, Refused::Wrong, peer.0.ip(), app.clock.now());
            return again(sentence(&error));
        }
        Err(error) => return error.into_response(),
    };
    let nameplate = code.nameplate().number().to_string();
    let now = app.clock.now();
    match app.store.record(signed_in.admin.name(), Action::CodeEntered, &nameplate, peer.0.ip(), now).await {
        Ok(()) => Redirect::to(&format!("/admin/screens/add/{attempt}")).into_response(),
        Err(error) => failed(&error),
    }
}

/// `GET /admin/screens/add/{attempt}`: waits for the device, which takes a second or two, so that the page need not
/// ask again and again.
pub(crate) async fn attempt(State(app): State<Arc<App>>, signed_in: SignedIn, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<AttemptId>() else { return unknown() };
    match settled(&app, &signed_in.admin, id).await {
        Ok(attempt) => show(id, &attempt),
        Err(_) => unknown(),
    }
}

/// What the two buttons send.
#[derive(Deserialize)]
pub(crate) struct Decision {
    #[serde(default)]
    digits: String,
}

/// `POST /admin/screens/add/{attempt}`: the digits are the same, or they differ.
pub(crate) async fn decide(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    Path(id): Path<String>,
    decision: Result<Form<Decision>, FormRejection>,
) -> Response {
    let (Ok(id), Ok(Form(decision))) = (id.parse::<AttemptId>(), decision) else { return unknown() };
    let admin = &signed_in.admin;
    let approved = match decision.digits.as_str() {
        "same" => app.pairings(|pairings, _, now| pairings.approve(admin, id, now)),
        "different" => {
            return match app.pairings(|pairings, _, now| pairings.decline(admin, id, now)) {
                Ok(Ok(()) | Err(AttemptError::NotComparing)) => {
                    Redirect::to(&format!("/admin/screens/add/{id}")).into_response()
                }
                Ok(Err(AttemptError::Unknown)) => unknown(),
                Err(error) => error.into_response(),
            };
        }
        _ => return unknown(),
    };
    let registration = match approved {
        Ok(Ok(registration)) => registration,
        // Too late, or the button was pressed twice: the page says how it stands.
        Ok(Err(AttemptError::NotComparing)) => {
            return Redirect::to(&format!("/admin/screens/add/{id}")).into_response();
        }
        Ok(Err(AttemptError::Unknown)) => return unknown(),
        Err(error) => return error.into_response(),
    };
    let deed = signed_in.deed(Action::ScreenAdded, registration.screen.id, peer, app.clock.now());
    if let Err(error) = app.screens.add(registered(registration, &app), &deed).await {
        return failed(&error);
    }
    match app.pairings(|pairings, _, now| pairings.registered(admin, id, now)) {
        Ok(_) => Redirect::to("/admin/screens").into_response(),
        Err(error) => error.into_response(),
    }
}

/// The attempt once the device has given its verdict, or the time for that is over.
async fn settled(app: &App, admin: &Admin, id: AttemptId) -> Result<Attempt, AttemptError> {
    let deadline = Instant::now() + VERDICT_WITHIN + Duration::from_secs(1);
    loop {
        let moved = app.pairing_moved.notified();
        let attempt =
            app.pairings(|pairings, _, now| pairings.attempt(admin, id, now)).map_err(|_| AttemptError::Unknown)??;
        if attempt.stage != Stage::WaitingForDevice || timeout_at(deadline, moved).await.is_err() {
            return Ok(attempt);
        }
    }
}

fn show(id: AttemptId, attempt: &Attempt) -> Response {
    let step = match attempt.stage {
        Stage::WaitingForDevice => Step::Waiting,
        Stage::Compare(digits) => Step::Compare { digits: digits.to_string() },
        Stage::Failed(failure) => Step::Failed { why: sentence(&failure) },
        Stage::Approved | Stage::Registered(_) => return Redirect::to("/admin/screens").into_response(),
    };
    let description = &attempt.description;
    let shown = AttemptPage {
        attempt: id,
        address: attempt.address.to_canonical().to_string(),
        model: description.model.to_string(),
        serial: description.serial.to_string(),
        software: description.software.to_string(),
        name: attempt.screen.name.to_string(),
        step,
    };
    page(StatusCode::OK, &shown)
}

fn unknown() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "There is no such attempt to add a screen",
        "Type the code that the screen shows now.",
    )
}

/// The place on the wall that the form describes.
fn place(app: &App, fields: &Fields) -> Result<message::Screen, String> {
    let name = fields.name.trim();
    let name = Text::try_from(if name.is_empty() { "New screen".to_owned() } else { name.to_owned() })
        .map_err(|_| "A name has at most 64 characters.".to_owned())?;
    let settings = app.settings();
    let board = match fields.board.as_str() {
        "" => settings.boards.first().map(|board| board.id.0.clone()),
        id => settings.boards.iter().map(|board| board.id.0.clone()).find(|known| known == id),
    };
    let board = board.and_then(|board| board.parse().ok()).ok_or("Choose one of the boards.")?;
    Ok(message::Screen { id: Uuid::new_v4(), name, board })
}

fn registered(registration: Registration, app: &App) -> Screen {
    let Registration { device, key, description, address, screen } = registration;
    Screen {
        id: screen.id,
        name: screen.name.to_string(),
        board: screen.board.to_string(),
        group: None,
        device,
        keys: Keys::new(key),
        model: description.model.to_string(),
        serial: description.serial.to_string(),
        software: description.software.to_string(),
        address: address.to_canonical(),
        added_at: app.clock.now(),
        link: None,
        suspended_at: None,
    }
}

impl App {
    /// What a device verifies this server against.
    pub(crate) fn trust(&self) -> Trust {
        match self.identity.anchor() {
            Anchor::Certificates(pem) => Trust::Anchor(pem.clone()),
            Anchor::WebPki(host) => Trust::WebPki(host.clone()),
        }
    }
}
