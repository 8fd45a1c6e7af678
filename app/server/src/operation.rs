//! What those who run the server ask it: whether it lives, whether it is ready, and how it does.

mod metrics;
mod observers;
mod readiness;

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

pub(crate) use metrics::{Metrics, SignIn, observe};
pub use observers::ObserversError;
pub(crate) use observers::{Observers, Standing};
pub(crate) use readiness::Readiness;

use crate::{
    api::{ApiError, messages},
    app::App,
    routes::Routes,
    serve::Peer,
};

/// What Prometheus asks for and gets.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) fn routes() -> Routes<Arc<App>> {
    Routes::new()
        // The process lives: whoever restarts it asks this, and nothing that a restart does not mend.
        .route("/healthz", get(async || ([(header::CACHE_CONTROL, "no-store")], "ok\n")))
}

/// Whether the server can do what it is there for.
///
/// Strangers hear whether; who runs the server hears why not.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses(
        (status = 200, description = "It can", body = messages::Readiness),
        (status = 503, description = "It cannot", body = messages::Readiness),
    )
)]
pub(crate) async fn ready(State(app): State<Arc<App>>, peer: Peer, headers: HeaderMap) -> Response {
    let report = app.readiness.report(&app).await;
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let here = peer.0.is_known() && peer.0.ip().is_loopback();
    let known = here
        || app.observers.standing(&headers, peer.0) == Standing::Observer
        || app.is_administrator(&headers, peer).await;
    let body = if known { Json(&*report).into_response() } else { Json(report.verdict()).into_response() };
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// Figures for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses(
        (status = 200, description = "OpenMetrics", body = String, content_type = "application/openmetrics-text"),
        (status = 401, description = "They are for others"),
        (status = 404, description = "They are for nobody: the configuration names no observers"),
    ),
    security((), ("observer" = []))
)]
pub(crate) async fn measured(
    State(app): State<Arc<App>>,
    peer: Peer,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    match app.observers.standing(&headers, peer.0) {
        Standing::Nobody => return Err(ApiError::NOT_FOUND),
        Standing::Stranger => return Err(ApiError::NOT_AN_OBSERVER),
        Standing::Observer => {}
    }
    let text = app.metrics.text(&app).await.map_err(|error| {
        tracing::error!(%error, "the metrics could not be told");
        ApiError::INTERNAL
    })?;
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
