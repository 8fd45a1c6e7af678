//! `/api/v1`: what screens and scripts speak.

mod boards;
mod error;
mod stream;

use std::sync::Arc;

use axum::{Router, routing::get};

pub use error::ApiError;

use crate::app::App;

/// The routes of the API.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/api/v1/boards/{id}/state", get(boards::state))
        .route("/api/v1/boards/{id}/events", get(boards::events))
}
