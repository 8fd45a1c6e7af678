//! What a paired device asks beside its board: whether an update is its turn, and to be heard on how it is.

use std::sync::Arc;

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
};
use device::fleet::{Candidates, Health, MAX_REASON, Turn, UpdateState};
use http::{HeaderMap, HeaderName, StatusCode, header};
use jiff::tz::TimeZone;

use super::{ApiError, openapi::messages};
use crate::{app::App, updates::Rules};

/// The most versions that a device names.
const MAX_VERSIONS: usize = 64;

/// Whether one of these releases is this screen's turn.
#[utoipa::path(
    post,
    path = "/api/v1/update",
    tag = "updates",
    request_body = messages::Candidates,
    responses(
        (status = 200, description = "Whether, which and when", body = messages::Turn),
        (status = 400, description = "The body is no JSON"),
        (status = 401, description = "No token, or one that is refused"),
        (status = 415, description = "The body is not `application/json`"),
        (status = 422, description = "The body is JSON, but not what belongs here"),
    ),
    security(("screen" = []))
)]
pub(super) async fn update(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<Candidates>, JsonRejection>,
) -> Result<([(HeaderName, &'static str); 1], Json<Turn>), ApiError> {
    let entry = app.device(&headers)?;
    let Json(ask) = body?;
    if ask.versions.is_empty() || ask.versions.len() > MAX_VERSIONS {
        return Err(unfit(format!("1 to {MAX_VERSIONS} versions are asked about, the newest first")));
    }
    let state = app.mirror.state().map_err(|error| {
        tracing::error!(%error, "the state of the update mirror cannot be read");
        ApiError::INTERNAL
    })?;
    let settings = app.settings();
    let rules = Rules {
        updates: &settings.updates,
        zone: &TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC),
        held: app.fleet.is_held(entry.screen.id),
        group: entry.screen.group.as_ref(),
        releases: state.releases(),
        tallies: &app.fleet.tallies(),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(rules.turn(&ask, app.clock.now()))))
}

/// How a device is.
#[utoipa::path(
    post,
    path = "/api/v1/health",
    tag = "updates",
    request_body = messages::Health,
    responses(
        (status = 204, description = "It was heard"),
        (status = 400, description = "The body is no JSON"),
        (status = 401, description = "No token, or one that is refused"),
        (status = 415, description = "The body is not `application/json`"),
        (status = 422, description = "The body is JSON, but not what belongs here"),
    ),
    security(("screen" = []))
)]
pub(super) async fn health(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<Health>, JsonRejection>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1]), ApiError> {
    let entry = app.device(&headers)?;
    let Json(health) = body?;
    let words = match &health.update {
        UpdateState::Unchecked { why, .. } => why.as_deref(),
        UpdateState::Held { why, .. } => Some(why.as_str()),
        _ => None,
    };
    let reason = health.failure.as_ref().map(|failure| failure.reason.as_str());
    if words.into_iter().chain(reason).any(|text| text.chars().count() > MAX_REASON) {
        return Err(unfit(format!("a text has at most {MAX_REASON} characters")));
    }
    app.fleet.tell(entry.screen.id, health, app.clock.now()).await?;
    Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]))
}

/// A body that reads, and says what nobody may say.
pub(super) fn unfit(why: String) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed_body", why)
}
