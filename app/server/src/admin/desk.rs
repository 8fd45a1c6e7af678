//! The connection to the helpdesk: how it does, making it, trying it, giving it up.

pub(super) mod connect;
pub(super) mod leave;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bridge::Listed;
use http::StatusCode;
use jiff::Timestamp;

use super::{
    form::{Field, Kind, Values},
    page::{page, problem},
    sign_in::sentence,
    signed_in::SignedIn,
};
use crate::{
    app::App,
    serve::Peer,
    settings::{Desk, Settings, SettingsError},
    store::Action,
};

/// The name under which the Broker keeps the connection.
const REQUEST_TRACKER: &str = "request-tracker";

/// What is said about something that was just done.
enum Word {
    /// It worked.
    Good(String),
    /// It did not.
    Bad(String),
}

#[derive(Template)]
#[template(path = "desk.html")]
struct DeskPage {
    provider: &'static str,
    address: Option<String>,
    state: DeskState,
    last: Option<String>,
    token: Token,
    is_demo: bool,
    /// What is amiss though it is read.
    amiss: Vec<String>,
    /// What is to be known before anything is tried.
    warning: Option<String>,
    word: Option<Word>,
    /// What is wrong with the form as a whole.
    error: Option<String>,
    is_faulty: bool,
    fields: Vec<Field>,
}

/// How reading the desk goes.
enum DeskState {
    Well,
    Waiting(&'static str),
    Trouble { words: String, since: String },
}

/// What is known of the token: whether there is one.
enum Token {
    Set,
    /// It is there, but cannot be opened.
    Unusable(String),
    NotSet,
    /// The Broker does not say.
    Unknown(String),
}

impl Token {
    fn is_set(&self) -> bool {
        matches!(self, Self::Set | Self::Unusable(_))
    }
}

/// `GET /admin/desk`
pub(super) async fn show(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    match Settings::read(&app.folder) {
        Ok(Some(settings)) => answer(&app, &settings, StatusCode::OK, Form::of(&settings), None).await,
        Ok(None) => unreadable(&SettingsError::gone(&app.folder)),
        Err(error) => unreadable(&error),
    }
}

/// `POST /admin/desk/test`: tries the connection that is stored.
pub(super) async fn test(State(app): State<Arc<App>>, signed_in: SignedIn, peer: Peer) -> Response {
    let settings = match Settings::read(&app.folder) {
        Ok(Some(settings)) => settings,
        Ok(None) => return unreadable(&SettingsError::gone(&app.folder)),
        Err(error) => return unreadable(&error),
    };
    let tested = app.broker.test(REQUEST_TRACKER).await;
    let now = app.clock.now();
    if let Err(error) =
        app.store.record(signed_in.admin.name(), Action::DeskTried, REQUEST_TRACKER, peer.0.ip(), now).await
    {
        return super::page::failed(&error);
    }
    let (status, word) = match tested {
        Ok(()) => (StatusCode::OK, Word::Good("The connection works: Request Tracker takes the token.".to_owned())),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Word::Bad(sentence(&error))),
    };
    answer(&app, &settings, status, Form::of(&settings), Some(word)).await
}

/// The form to connect Request Tracker, as it was sent or as it begins.
struct Form {
    values: Values,
    errors: super::form::Errors,
    error: Option<String>,
}

impl Form {
    /// As it begins.
    fn of(settings: &Settings) -> Self {
        let mut values = Values::default();
        if let Desk::RequestTracker(connected) = &settings.desk {
            let address = connected.address.as_ref().map(ToString::to_string).unwrap_or_default();
            values.put("address", address);
        }
        Self { values, errors: Default::default(), error: None }
    }

    fn fields(&self, settings: &Settings) -> Vec<Field> {
        let values = &self.values;
        let mut fields = vec![
            Field::line("address", "Address", "Of its web interface, like https://rt.example.com.", "url", values),
            Field::new(
                "token",
                "Token",
                "Of a user who may only read what the wall shall show. It is kept sealed, and never shown again.",
                Kind::Secret,
            ),
            Field::area(
                "ca",
                "Certificate authority",
                "Only where the helpdesk\u{2019}s certificate is of a private one: the authority\u{2019}s certificate, PEM.",
                4,
                values,
            ),
            Field::tick(
                "in_clear",
                "Send the token in clear",
                "Only for an http:// address. Others on that network can then read the token.",
                values,
            ),
        ];
        if let Some(other) = connected_to(settings) {
            fields.push(Field::tick(
                "replace",
                "Read another desk than before",
                &format!("Only for another address than {other}: its history on the boards is then forgotten."),
                values,
            ));
        }
        super::form::mark(fields.iter_mut(), &self.errors);
        fields
    }
}

/// The address that is connected, if one is.
fn connected_to(settings: &Settings) -> Option<String> {
    match &settings.desk {
        Desk::RequestTracker(connected) => connected.address.as_ref().map(ToString::to_string),
        Desk::Demo(_) => None,
    }
}

async fn answer(app: &App, settings: &Settings, status: StatusCode, form: Form, word: Option<Word>) -> Response {
    let reading = app.readings.now();
    let now = app.clock.now();
    let is_read = reading.desk.is_read_like(&settings.desk);
    let state = match &reading.trouble {
        _ if !is_read => DeskState::Waiting("The settings have just changed; the server follows within seconds."),
        Some(trouble) => DeskState::Trouble { words: sentence(&trouble.words), since: app.ago(trouble.since, now) },
        None if reading.well_at.is_some() => DeskState::Well,
        None => DeskState::Waiting("It is being read for the first time."),
    };
    let is_demo = matches!(settings.desk, Desk::Demo(_));
    let provider = if is_demo { "The demo desk" } else { "Request Tracker" };
    let shown = DeskPage {
        provider,
        address: connected_to(settings),
        state,
        last: reading.well_at.filter(|_| is_read).map(|at| app.ago(at, now)),
        token: token(app).await,
        is_demo,
        amiss: if is_read { app.amiss() } else { Vec::new() },
        warning: warning(app).await,
        word,
        is_faulty: !form.errors.is_empty(),
        fields: form.fields(settings),
        error: form.error,
    };
    page(status, &shown)
}

async fn token(app: &App) -> Token {
    match app.broker.connections().await {
        Ok(all) => match all.into_iter().find(|listed| listed.id == REQUEST_TRACKER) {
            Some(Listed { usable: true, .. }) => Token::Set,
            Some(Listed { message, .. }) => Token::Unusable(message.unwrap_or_default()),
            None => Token::NotSet,
        },
        Err(error) => Token::Unknown(error.to_string()),
    }
}

async fn warning(app: &App) -> Option<String> {
    match app.broker.health().await {
        Ok(health) if health.passphrase => None,
        Ok(_) => Some(NO_PASSPHRASE.to_owned()),
        Err(error) => Some(sentence(&error)),
    }
}

const NO_PASSPHRASE: &str = "No token can be stored, because the server was started without a passphrase. Set \
                             DASHBOARD_SECRET_PASSPHRASE, keep a copy of it, and start again.";

/// A page for settings that nobody can change here as they are.
pub(super) fn unreadable(error: &SettingsError) -> Response {
    problem(StatusCode::CONFLICT, "The settings cannot be read", &sentence(error)).into_response()
}

impl App {
    /// What is amiss with the desk, in words.
    fn amiss(&self) -> Vec<String> {
        self.warnings.borrow().iter().map(ToString::to_string).collect()
    }

    /// How long ago something was, or when, where that says more.
    pub(super) fn ago(&self, at: Timestamp, now: Timestamp) -> String {
        match now.duration_since(at).as_secs().max(0) {
            seconds @ 0..120 => format!("{seconds} s ago"),
            seconds @ 120..7200 => format!("{} min ago", seconds / 60),
            _ => self.worded(at),
        }
    }
}
