//! What the Broker answers on its socket.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post, put};
use axum::{Json, Router};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use tokio::sync::{Mutex, Semaphore};

use crate::one_time::{self, Pending};
use crate::store::Store;
use crate::upstream::Failure;
use crate::{Error, Id, Secret, Trial, Verdict, calendar, connections, proxy, secrets, session_key, webhook};

/// Marks an answer as the Broker's own. A provider's answer never has it.
pub(crate) const ERROR_HEADER: HeaderName = HeaderName::from_static("nexus-broker-error");

/// Requests under way at once; each may hold one answer in memory.
const MAX_TURNS: usize = 8;

#[derive(Clone)]
pub(crate) struct Broker {
    pub(crate) store: Arc<Store>,
    pub(crate) turns: Arc<Semaphore>,
    pub(crate) trial: Trial,
    /// Held while the server's key is looked up or drawn.
    pub(crate) session_key: Arc<Mutex<()>>,
    /// A key of one-time codes that is to be confirmed. Held while codes are judged.
    pub(crate) one_time: Arc<Mutex<Option<Pending>>>,
}

pub(crate) fn router(store: Store, trial: Trial) -> Router {
    let turns = Arc::new(Semaphore::new(MAX_TURNS));
    let (session_key, one_time) = (Arc::default(), Arc::default());
    let broker = Broker { store: Arc::new(store), turns, trial, session_key, one_time };
    Router::new()
        .route("/health", get(health))
        .route("/connections", get(list))
        .route("/connections/{id}", put(connections::connect).delete(connections::disconnect))
        .route("/connections/{id}/trial", post(connections::trial))
        .route("/connections/{id}/test", post(connections::test))
        .route("/secrets", get(secrets::list))
        .route("/secrets/{name}", put(secrets::set).delete(secrets::remove))
        .route("/session-key", post(session_key::session_key))
        .route("/one-time-codes", post(one_time::begin).delete(one_time::forget))
        .route("/one-time-codes/confirmation", post(one_time::confirm))
        .route("/one-time-codes/check", post(one_time::check))
        .route("/connections/{id}/proxy/{*path}", any(proxy::forward))
        .route("/calendar", get(calendar::read))
        .route("/webhook", get(webhook::known))
        .route("/webhook/deliveries", post(webhook::deliver))
        .fallback(async || Refusal::new(StatusCode::NOT_FOUND, "unknown_path", "there is nothing at this path".into()))
        .with_state(broker)
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    passphrase: bool,
}

async fn health(State(broker): State<Broker>) -> Json<Health> {
    Json(Health { status: "ok", passphrase: broker.store.has_passphrase() })
}

#[derive(Serialize)]
struct Connections {
    connections: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    id: String,
    base_url: Option<String>,
    usable: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

async fn list(State(broker): State<Broker>) -> Result<Json<Connections>, Refusal> {
    let mut connections = Vec::new();
    for id in broker.store.ids().await? {
        connections.extend(listed(&broker.store, id).await);
    }
    Ok(Json(Connections { connections }))
}

async fn listed(store: &Store, id: Id) -> Option<Listed> {
    let (base_url, reason) = match store.upstream(&id).await {
        Ok(upstream) => (Some(upstream?.base_url().to_string()), None),
        Err(error) => (None, Some(Refusal::from(error).reason)),
    };
    Some(Listed { id: id.to_string(), usable: base_url.is_some(), base_url, reason })
}

/// The answer to a removal.
#[derive(Serialize)]
pub(crate) struct Removed {
    pub(crate) removed: bool,
}

/// An error of the Broker's own.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    reason: Reason,
}

#[derive(Debug, Serialize)]
struct Reason {
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: String) -> Self {
        Self { status, reason: Reason { code, message } }
    }

    pub(crate) fn unknown_connection() -> Self {
        let message = "there is no such connection; make it under Desk on the admin pages, or with `nexus connect`";
        Self::new(StatusCode::NOT_FOUND, "unknown_connection", message.into())
    }

    pub(crate) fn not_set(secret: Secret) -> Self {
        let message = format!("the secret \"{}\" is not set; enter it with `nexus connect`", secret.name());
        Self::new(StatusCode::NOT_FOUND, "not_set", message)
    }

    pub(crate) fn no_one_time_codes() -> Self {
        let message =
            "there is no key of one-time codes; take them off on the console with `nexus one-time-codes remove`";
        Self::new(StatusCode::NOT_FOUND, "not_set", message.into())
    }

    pub(crate) fn nothing_to_confirm() -> Self {
        let message =
            "no key waits to be confirmed: it was shown too long ago, or the Broker was started again; begin anew";
        Self::new(StatusCode::CONFLICT, "nothing_to_confirm", message.into())
    }

    pub(crate) fn no_delivery_id() -> Self {
        let message = "a delivery needs the header webhook-id: 1 to 64 letters, digits, - or _";
        Self::new(StatusCode::BAD_REQUEST, "no_delivery_id", message.into())
    }

    pub(crate) fn read_only() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "read_only", "connections are for reading: use GET".into())
    }

    pub(crate) fn unknown_secret(error: Error) -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown_secret", error.to_string())
    }

    pub(crate) fn too_large() -> Self {
        let message = "the body is longer than 64 KiB, or was cut short";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message.into())
    }

    pub(crate) fn malformed() -> Self {
        let message = "the body is not the JSON object that belongs here";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed_body", message.into())
    }

    /// What somebody entered cannot be used; the code says which part of it.
    pub(crate) fn unfit(error: Error) -> Self {
        let code = match &error {
            Error::InClear(_) => "in_clear",
            Error::Credential(_) => "credential",
            Error::CaCertificate(_) => "ca_certificate",
            Error::Secret(_) | Error::SigningKey => "value",
            _ => "address",
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Verdict(verdict) => return Self::of(verdict),
            Error::Attempt(failure) => return Self::from(failure),
            Error::Vault(vault::Error::NoPassphrase) => "no_passphrase",
            Error::Outdated(_) => "passphrase_outdated",
            error if error.is_about_the_file() => "secrets_damaged",
            _ => "secret_unreadable",
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, error.to_string())
    }
}

impl Refusal {
    fn of(verdict: &Verdict) -> Self {
        let code = match verdict {
            Verdict::Silent(_) => "unreachable",
            Verdict::Refused(_) => "credential_refused",
            Verdict::Unexpected(_) => "unexpected_answer",
        };
        Self::new(StatusCode::BAD_GATEWAY, code, verdict.to_string())
    }
}

impl From<&Failure> for Refusal {
    fn from(failure: &Failure) -> Self {
        let (status, code) = match failure {
            Failure::Path => (StatusCode::BAD_REQUEST, "path_refused"),
            Failure::Unsigned(_) => (StatusCode::SERVICE_UNAVAILABLE, "secret_unreadable"),
            Failure::Egress(failure) => match failure {
                egress::Failure::Refused(_) => (StatusCode::BAD_GATEWAY, "address_refused"),
                egress::Failure::Unreachable(..) => (StatusCode::BAD_GATEWAY, "unreachable"),
                egress::Failure::Certificate(..) => (StatusCode::BAD_GATEWAY, "certificate"),
                egress::Failure::Timeout(..) => (StatusCode::GATEWAY_TIMEOUT, "timeout"),
                egress::Failure::TooLarge(..) => (StatusCode::BAD_GATEWAY, "answer_too_large"),
                egress::Failure::MediaType(..) => (StatusCode::BAD_GATEWAY, "media_type"),
            },
            Failure::Status(..) => (StatusCode::BAD_GATEWAY, "answered_badly"),
            Failure::Echoed(_) => (StatusCode::BAD_GATEWAY, "credential_echoed"),
        };
        Self::new(status, code, failure.to_string())
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::from(&failure)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mark = [(ERROR_HEADER, HeaderValue::from_static(self.reason.code))];
        (self.status, mark, Json(self.reason)).into_response()
    }
}
