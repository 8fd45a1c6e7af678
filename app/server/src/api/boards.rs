//! A board's state and its event stream.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use board::{BoardId, wire::EventId};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{ApiError, id::Id, openapi::messages, stream};
use crate::{
    app::App,
    live::{Coding, Dialect},
    serve::{Endless, Peer},
};

/// The board as it stands.
#[utoipa::path(
    get,
    path = "/api/v1/boards/{id}/state",
    tag = "boards",
    params(
        ("id" = String, Path, description = "The board's name", example = "overview"),
        ("If-None-Match" = Option<String>, Header, description = "The tag of the state that the reader holds"),
    ),
    responses(
        (status = 200, description = "The board; compressed for who asks for gzip", body = messages::Board, headers(
            ("ETag" = String, description = "Names this state in this coding"),
            ("Cache-Control" = String),
            ("Vary" = String),
        )),
        (status = 304, description = "The reader holds this state", headers(("ETag" = String))),
        (status = 401, description = "Nobody whom the board is open to, or a token that is refused"),
        (status = 403, description = "The token is for another board, or the request came over plain HTTP"),
        (status = 404, description = "There is no such board"),
    ),
    security((), ("screen" = []))
)]
pub(super) async fn state(
    State(app): State<Arc<App>>,
    peer: Peer,
    Id(id): Id,
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

/// The board, and whatever changes from now on.
///
/// Server-sent events: `board`, `panel`, `layout`, `overlay` and, before the server goes away, `bye`. A comment comes after
/// five seconds without any of them, and at once where nothing is new. Who comes back says what it has seen, and gets
/// what changed since.
#[utoipa::path(
    get,
    path = "/api/v1/boards/{id}/events",
    tag = "boards",
    params(
        ("id" = String, Path, description = "The board's name", example = "overview"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the newest event that the reader has seen"),
    ),
    responses(
        (status = 200, description = "A stream that does not end by itself", body = String, content_type = "text/event-stream", headers(
            ("Cache-Control" = String),
            ("Vary" = String),
        )),
        (status = 401, description = "Nobody whom the board is open to, or a token that is refused"),
        (status = 403, description = "The token is for another board, or the request came over plain HTTP"),
        (status = 404, description = "There is no such board"),
    ),
    security((), ("screen" = []))
)]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    peer: Peer,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    stream_of(&app, peer, id, headers, Dialect::Json).await
}

/// The event stream of a board, in either dialect.
pub(crate) async fn stream_of(
    app: &App,
    peer: Peer,
    id: String,
    headers: HeaderMap,
    dialect: Dialect,
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
    let endless = Endless { revoked: reader.removed.clone() };
    let events = stream::events(app, snapshots, seen, reader, (coding, dialect));
    let kind = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, header::ACCEPT_ENCODING.as_str()),
    ];
    let mut response = (kind, Extension(endless), Body::from_stream(events)).into_response();
    if let Some(name) = coding.name() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Ok(response)
}

/// Whether the client says that it holds what `tag` names (RFC 9110, section 13.1.2: weak comparison).
pub(crate) fn holds(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|held| held.trim())
        .any(|held| held == "*" || held.strip_prefix("W/").unwrap_or(held) == tag)
}
