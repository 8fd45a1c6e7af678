//! Connecting Request Tracker, or only trying whether that would work.
//!
//! The token is in this process for the one request that carries it: in the form's bytes, which are wiped, and in a
//! [`SecretString`] that is handed to the Broker. `nexus connect` does without even that.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use bridge::Wanted;
use http::StatusCode;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::{Form, REQUEST_TRACKER, Word, answer, connected_to, unreadable};
use crate::{
    admin::{
        form::{Errors, Values, Wiped},
        page::failed,
        sign_in::sentence,
        signed_in::SignedIn,
    },
    app::App,
    serve::Peer,
    settings::{self, Connected, Settings, SettingsError},
    store::Action,
};

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    address: String,
    #[serde(default)]
    token: SecretString,
    #[serde(default)]
    ca: String,
    in_clear: Option<String>,
    replace: Option<String>,
    /// `connect` stores what works; everything else only tries.
    #[serde(default)]
    task: String,
}

/// `POST /admin/desk`
pub(crate) async fn connect(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    Wiped(fields): Wiped<Fields>,
) -> Response {
    // First: what cannot be chosen afterwards shall not be tried.
    let settings = match Settings::read(&app.folder) {
        Ok(Some(settings)) => settings,
        Ok(None) => return unreadable(&SettingsError::gone(&app.folder)),
        Err(error) => return unreadable(&error),
    };
    let values = fields.kept();
    let again = async |errors: Errors, error: Option<String>| {
        let form = Form { values: values.clone(), errors, error };
        answer(&app, &settings, StatusCode::UNPROCESSABLE_ENTITY, form, None).await
    };
    let address = match fields.checked(&settings) {
        Ok(address) => address,
        Err(errors) => return again(errors, None).await,
    };
    let is_to_stay = fields.task == "connect";

    let done = carry_out(&app, fields, address, is_to_stay).await;
    let now = app.clock.now();
    let action = if is_to_stay && done.is_ok() { Action::DeskConnected } else { Action::DeskTried };
    if let Err(error) = app.store.record(signed_in.admin.name(), action, REQUEST_TRACKER, peer.0.ip(), now).await {
        return failed(&error);
    }
    match done {
        Ok(()) if is_to_stay => Redirect::to("/admin/desk").into_response(),
        Ok(()) => {
            let word =
                "It works: Request Tracker takes the token. Nothing was stored; to connect, enter the token again.";
            let form = Form { values, errors: Errors::new(), error: None };
            answer(&app, &settings, StatusCode::OK, form, Some(Word::Good(word.to_owned()))).await
        }
        Err(Failed::Broker(error)) => {
            let (errors, error) = placed(&error);
            again(errors, error).await
        }
        Err(Failed::Settings(error)) => {
            let words = format!("The token was stored, but the desk could not be chosen: {error}");
            again(Errors::new(), Some(sentence(&words))).await
        }
    }
}

enum Failed {
    Broker(bridge::Error),
    Settings(SettingsError),
}

impl From<SettingsError> for Failed {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

async fn carry_out(app: &App, fields: Fields, address: Url, is_to_stay: bool) -> Result<(), Failed> {
    let ca = fields.ca.trim();
    let wanted = Wanted {
        // As it was typed: the Broker judges the spelling too.
        address: fields.address.trim(),
        credential: &fields.token,
        ca_certificate: (!ca.is_empty()).then_some(ca),
        allow_in_clear: fields.in_clear.is_some(),
    };
    if !is_to_stay {
        return app.broker.try_out(REQUEST_TRACKER, wanted).await.map_err(Failed::Broker);
    }
    app.broker.connect(REQUEST_TRACKER, wanted).await.map_err(Failed::Broker)?;
    // Let go of before the file is waited for.
    drop(fields.token);
    choose(app, address, app.clock.now()).await
}

async fn choose(app: &App, address: Url, at: Timestamp) -> Result<(), Failed> {
    let to_address = move |settings: Settings| {
        let desk = settings::Desk::RequestTracker(Connected::to(address, at, &settings.desk));
        Ok(Settings { desk, ..settings })
    };
    app.change_settings(to_address).await.map(drop)
}

impl Fields {
    /// What is shown again: all but the token.
    fn kept(&self) -> Values {
        let mut values = Values::default();
        values.put("address", &self.address);
        values.put("ca", &self.ca);
        values.tick("in_clear", self.in_clear.is_some());
        values.tick("replace", self.replace.is_some());
        values
    }

    fn checked(&self, settings: &Settings) -> Result<Url, Errors> {
        let at = |field: &str, error: &str| Errors::from([(field.to_owned(), error.to_owned())]);
        let Ok(address) = Url::parse(self.address.trim()) else {
            return Err(at("address", "Write the address like https://rt.example.com."));
        };
        let is_other = connected_to(settings).is_some_and(|before| before != address.as_str());
        if is_other && self.task == "connect" && self.replace.is_none() {
            return Err(at("replace", "This is another address than before. Tick this if it is another desk."));
        }
        Ok(address)
    }
}

/// The Broker's words, at the field that they are about; otherwise about the form as a whole.
fn placed(error: &bridge::Error) -> (Errors, Option<String>) {
    let bridge::Error::Refused { code, message } = error else { return (Errors::new(), Some(sentence(error))) };
    let field = match code.as_str() {
        "address" | "address_refused" | "unreachable" | "timeout" | "unexpected_answer" | "answer_too_large" => {
            "address"
        }
        "credential" | "credential_refused" | "credential_echoed" => "token",
        "certificate" | "ca_certificate" => "ca",
        "in_clear" => "in_clear",
        _ => return (Errors::new(), Some(sentence(message))),
    };
    (Errors::from([(field.to_owned(), sentence(message))]), None)
}
