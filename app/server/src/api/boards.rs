//! A board's state and its event stream.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use board::{BoardId, wire::EventId};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{ApiError, stream};
use crate::{app::App, live::Coding, serve::Peer};

/// `GET /api/v1/boards/{id}/state`
pub(super) async fn state(
    State(app): State<Arc<App>>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = BoardId(id);
    let reader = app.reader(&headers, peer, &id).await?;
    let snapshot = reader.live.snapshot(&id).ok_or(ApiError::UNKNOWN_BOARD)?;
    let coding = Coding::asked(&headers);
    let tag = snapshot.tag(coding);
    let caching = [
        (header::ETAG, tag.as_str()),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::VARY, header::ACCEPT_ENCODING.as_str()),
    ];
    if holds(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let state = snapshot.state().map_err(|error| {
        tracing::error!(%error, "a board cannot be written as JSON");
        ApiError::INTERNAL
    })?;
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok(match coding {
        Coding::Plain => (caching, kind, state.plain().clone()).into_response(),
        Coding::Gzip => (caching, kind, [(header::CONTENT_ENCODING, "gzip")], state.gzip()).into_response(),
    })
}

/// `GET /api/v1/boards/{id}/events`
pub(super) async fn events(
    State(app): State<Arc<App>>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = BoardId(id);
    let reader = app.reader(&headers, peer, &id).await?;
    let snapshots = reader.live.subscribe(&id).ok_or(ApiError::UNKNOWN_BOARD)?;
    // An id of another server run, or none at all, means that the reader needs the whole board.
    let seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.parse::<EventId>().ok())
        .filter(|id| id.epoch == reader.live.epoch())
        .map(|id| id.revision);
    let coding = Coding::asked(&headers);
    let events = stream::events(&app, snapshots, seen, reader, coding);
    let kind = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, header::ACCEPT_ENCODING.as_str()),
    ];
    let mut response = (kind, Body::from_stream(events)).into_response();
    if let Some(name) = coding.name() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Ok(response)
}

/// Whether the client says that it holds what `tag` names (RFC 9110, section 13.1.2: weak comparison).
fn holds(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|held| held.trim())
        .any(|held| held == "*" || held.strip_prefix("W/").unwrap_or(held) == tag)
}
