//! Changing connections over the socket: each is tried before it is stored.
//!
//! A new address never inherits the credential of the one before: whoever takes over the server's process can replace a
//! connection, but cannot have the token that is stored sent to a host of its own.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;

use crate::api::{Broker, Refusal, Removed};
use crate::body::Wiped;
use crate::{BaseUrl, Connection, Error, Id};

/// A connection that somebody wants, as far as they say it themselves; the rest is the provider's way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Address of the provider's web interface.
    address: String,
    credential: SecretString,
    /// PEM.
    #[serde(default)]
    ca_certificate: Option<String>,
    /// Whether the credential may travel where others can read it.
    #[serde(default)]
    allow_in_clear: bool,
}

impl Wanted {
    fn connection(self) -> Result<Connection, Error> {
        let base: BaseUrl = self.address.trim().parse()?;
        if base.is_in_clear() && !self.allow_in_clear {
            return Err(Error::InClear(base.to_string()));
        }
        Connection::request_tracker(&base, self.credential, self.ca_certificate)
    }
}

/// `PUT /connections/{id}`: stores a connection that works.
pub(crate) async fn connect(
    State(broker): State<Broker>,
    Path(id): Path<String>,
    Wiped(wanted): Wiped<Wanted>,
) -> Result<StatusCode, Refusal> {
    let id = known(&id)?;
    // First, because what cannot be sealed afterwards shall not be tried.
    broker.store.require_passphrase()?;
    let connection = wanted.connection().map_err(Refusal::unfit)?;
    try_out(&broker, &id, &connection).await?;
    broker.store.connect(&id, &connection).await?;
    tracing::info!(connection = %id, base_url = %connection.base_url(), "stored");
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /connections/{id}/trial`: tries a connection and stores nothing.
pub(crate) async fn trial(
    State(broker): State<Broker>,
    Path(id): Path<String>,
    Wiped(wanted): Wiped<Wanted>,
) -> Result<StatusCode, Refusal> {
    let connection = wanted.connection().map_err(Refusal::unfit)?;
    try_out(&broker, &known(&id)?, &connection).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /connections/{id}/test`: tries the connection that is stored.
pub(crate) async fn test(State(broker): State<Broker>, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let id = known(&id)?;
    let upstream = broker.store.upstream(&id).await?.ok_or_else(Refusal::unknown_connection)?;
    let _turn = broker.turns.acquire().await;
    broker.trial.by(&upstream).await.inspect_err(|error| tracing::warn!(connection = %id, "a test failed: {error}"))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /connections/{id}`
pub(crate) async fn disconnect(State(broker): State<Broker>, Path(id): Path<String>) -> Result<Json<Removed>, Refusal> {
    let id = known(&id)?;
    let removed = broker.store.disconnect(&id).await?;
    tracing::info!(connection = %id, removed, "removed");
    Ok(Json(Removed { removed }))
}

async fn try_out(broker: &Broker, id: &Id, connection: &Connection) -> Result<(), Refusal> {
    let _turn = broker.turns.acquire().await;
    let tried = broker.trial.of(connection).await;
    Ok(tried.inspect_err(|error| tracing::warn!(connection = %id, "a trial failed, nothing was stored: {error}"))?)
}

/// The connections that can be made here.
fn known(id: &str) -> Result<Id, Refusal> {
    let id: Id = id.parse().map_err(|_| Refusal::unknown_connection())?;
    if id == Id::request_tracker() { Ok(id) } else { Err(Refusal::unknown_connection()) }
}
