//! The device's side of pairing. The rules are those of [`pairing::server`]; here they get a wire.

use std::{sync::Arc, sync::PoisonError, time::Instant};

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
};
use http::StatusCode;
use pairing::{
    Entropy,
    message::{Create, Created, Outcome, PairingId, Verdict},
    server::{CreateError, Registry, UnknownPairing},
};

use super::{ApiError, id::Id, openapi::messages};
use crate::{app::App, serve::Peer, strangers::Door};

/// Opens a pairing.
#[utoipa::path(
    post,
    path = "/api/v1/pairings",
    tag = "pairing",
    request_body = messages::Create,
    responses(
        (status = 201, description = "It is open", body = messages::Created),
        (status = 400, description = "The body is no JSON, or this server does not take it"),
        (status = 415, description = "The body is not `application/json`"),
        (status = 422, description = "The body is JSON, but not what belongs here"),
        (status = 429, description = "Too many were opened, from here or in all"),
    )
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    peer: Peer,
    body: Result<Json<Create>, JsonRejection>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let address = peer.0.ip();
    app.attempt(&app.throttles.pairings, Door::PairingCode, address)
        .map_err(|wait| ApiError::too_many("Too many pairings were opened from here; try again later.", wait))?;
    let Json(create) = body?;
    let created = app.pairings(|pairings, entropy, now| pairings.create(create, address, entropy, now))??;
    tracing::info!(nameplate = created.nameplate.number(), "a device asks to be paired");
    Ok((StatusCode::CREATED, Json(created)))
}

/// How a pairing stands.
#[utoipa::path(
    get,
    path = "/api/v1/pairings/{id}",
    tag = "pairing",
    params(("id" = String, Path, description = "The device's secret handle on it")),
    responses(
        (status = 200, description = "How it stands", body = messages::Outcome),
        (status = 404, description = "There is no such pairing"),
    )
)]
pub(super) async fn poll(State(app): State<Arc<App>>, Id(id): Id) -> Result<Json<Outcome>, ApiError> {
    let id = pairing_id(&id)?;
    Ok(Json(app.pairings(|pairings, _, now| pairings.poll(&id, now))??))
}

/// The device's verdict.
#[utoipa::path(
    post,
    path = "/api/v1/pairings/{id}/confirmation",
    tag = "pairing",
    params(("id" = String, Path, description = "The device's secret handle on it")),
    request_body = messages::Verdict,
    responses(
        (status = 200, description = "How the pairing stands now", body = messages::Outcome),
        (status = 400, description = "The body is no JSON, or this server does not take it"),
        (status = 415, description = "The body is not `application/json`"),
        (status = 422, description = "The body is JSON, but not what belongs here"),
        (status = 404, description = "There is no such pairing"),
    )
)]
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    Id(id): Id,
    body: Result<Json<Verdict>, JsonRejection>,
) -> Result<Json<Outcome>, ApiError> {
    let id = pairing_id(&id)?;
    let Json(verdict) = body?;
    let outcome = app.pairings(|pairings, _, now| pairings.verdict(&id, &verdict, now))??;
    app.pairing_moved.notify_waiters();
    Ok(Json(outcome))
}

fn pairing_id(text: &str) -> Result<PairingId, ApiError> {
    text.parse().map_err(|_| UnknownPairing.into())
}

impl App {
    /// Asks the registry of open pairings.
    pub(crate) fn pairings<T>(&self, ask: impl FnOnce(&mut Registry, &Entropy, Instant) -> T) -> Result<T, ApiError> {
        let entropy = Entropy::system().map_err(|error| {
            tracing::error!(%error, "a pairing failed");
            ApiError::INTERNAL
        })?;
        let mut pairings = self.pairings.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ask(&mut pairings, &entropy, Instant::now()))
    }
}

impl From<UnknownPairing> for ApiError {
    fn from(error: UnknownPairing) -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown_pairing", error)
    }
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Version { .. } => Self::new(StatusCode::BAD_REQUEST, "other_version", error),
            CreateError::DeviceKey => Self::new(StatusCode::BAD_REQUEST, "unusable_key", error),
            CreateError::TooManyFromNetwork { retry_after } | CreateError::TooMany { retry_after } => {
                Self::too_many(error, retry_after)
            }
        }
    }
}
