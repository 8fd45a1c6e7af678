//! What the Broker answers on its socket.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::endpoint::Purpose;
use crate::store::Store;
use crate::upstream::Failure;
use crate::{Error, Id};
use crate::{calendar, proxy, webhook};

/// Marks an answer as the Broker's own. A provider's answer never has it.
pub(crate) const ERROR_HEADER: HeaderName = HeaderName::from_static("nexus-broker-error");

/// Requests under way at once; each may hold one answer in memory.
const MAX_TURNS: usize = 8;

#[derive(Clone)]
pub(crate) struct Broker {
    pub(crate) store: Arc<Store>,
    pub(crate) turns: Arc<Semaphore>,
}

pub(crate) fn router(store: Store) -> Router {
    let broker = Broker { store: Arc::new(store), turns: Arc::new(Semaphore::new(MAX_TURNS)) };
    Router::new()
        .route("/health", get(health))
        .route("/connections", get(connections))
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

async fn connections(State(broker): State<Broker>) -> Result<Json<Connections>, Refusal> {
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
        let message = "there is no such connection; make it with `nexus connect`";
        Self::new(StatusCode::NOT_FOUND, "unknown_connection", message.into())
    }

    pub(crate) fn not_set(purpose: Purpose) -> Self {
        let message = format!("the secret \"{}\" is not set; enter it with `nexus connect`", purpose.name());
        Self::new(StatusCode::NOT_FOUND, "not_set", message)
    }

    pub(crate) fn no_delivery_id() -> Self {
        let message = "a delivery needs the header webhook-id: 1 to 64 letters, digits, - or _";
        Self::new(StatusCode::BAD_REQUEST, "no_delivery_id", message.into())
    }

    pub(crate) fn read_only() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "read_only", "connections are for reading: use GET".into())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Vault(vault::Error::NoPassphrase) => "no_passphrase",
            error if error.is_about_the_file() => "secrets_damaged",
            _ => "secret_unreadable",
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, error.to_string())
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let (status, code) = match &failure {
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

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mark = [(ERROR_HEADER, HeaderValue::from_static(self.reason.code))];
        (self.status, mark, Json(self.reason)).into_response()
    }
}
