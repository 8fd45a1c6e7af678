//! Changing secrets over the socket. What is told about one is whether it is set, and nothing else.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::Secret;
use crate::api::{Broker, Refusal, Removed};
use crate::body::Wiped;

#[derive(Serialize)]
pub(crate) struct Secrets {
    secrets: Vec<Known>,
}

#[derive(Serialize)]
struct Known {
    name: &'static str,
    set: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Value {
    value: SecretString,
}

/// `GET /secrets`
pub(crate) async fn list(State(broker): State<Broker>) -> Result<Json<Secrets>, Refusal> {
    let set = broker.store.secrets().await?;
    let known = |secret: Secret| Known { name: secret.name(), set: set.contains(&secret) };
    Ok(Json(Secrets { secrets: Secret::ALL.map(known).into() }))
}

/// `PUT /secrets/{name}`
pub(crate) async fn set(
    State(broker): State<Broker>,
    Path(name): Path<String>,
    Wiped(Value { value }): Wiped<Value>,
) -> Result<StatusCode, Refusal> {
    let secret = known(&name)?;
    broker.store.require_passphrase()?;
    let value = secret.checked(&value).map_err(Refusal::unfit)?;
    broker.store.set(secret, value).await?;
    tracing::info!(%secret, "stored");
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /secrets/{name}`
pub(crate) async fn remove(State(broker): State<Broker>, Path(name): Path<String>) -> Result<Json<Removed>, Refusal> {
    let secret = known(&name)?;
    let removed = broker.store.remove(secret).await?;
    tracing::info!(%secret, removed, "removed");
    Ok(Json(Removed { removed }))
}

fn known(name: &str) -> Result<Secret, Refusal> {
    name.parse().map_err(Refusal::unknown_secret)
}
