//! `/api/v1`: what screens and scripts speak.

mod boards;
mod error;
mod links;
mod pairings;
mod sessions;
mod stream;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

pub(crate) use boards::{holds, stream_of};
pub(crate) use error::ApiError;

use crate::app::App;

/// The routes of the API.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/api/v1/boards/{id}/state", get(boards::state))
        .route("/api/v1/boards/{id}/events", get(boards::events))
        .route("/api/v1/pairings", post(pairings::create))
        .route("/api/v1/pairings/{id}", get(pairings::poll))
        .route("/api/v1/pairings/{id}/confirmation", post(pairings::confirm))
        .route("/api/v1/anchor", get(links::anchor))
        .route("/api/v1/links/{id}", post(links::exchange))
        .route("/api/v1/nonces", post(sessions::nonce))
        .route("/api/v1/token", post(sessions::token))
}
