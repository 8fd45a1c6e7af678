//! The door in front of everything: who asks, and whether the operator lets that address in at all.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use crate::{
    admin::page::page,
    api::ApiError,
    app::App,
    forwarded::{Client, is_forwarded},
    serve::{Peer, Remote},
};

/// Learns who asks, for everything behind this door: see [`Client`].
pub(crate) async fn know_client(
    State(app): State<Arc<App>>,
    remote: Remote,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let client = Client::of(remote.0, request.headers(), app.gate.proxies.as_ref())
        .map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "forwarding_refused", error))?;
    request.extensions_mut().insert(Peer(client));
    Ok(next.run(request).await)
}

/// Refuses whom `READ_ALLOWLIST` does not name: boards, every sign-in, the admin pages and pairing alike, since whoever may
/// not read has no business at any of these doors. Most of them were not even heard ([`crate::access::Gate::hears`]); those
/// that come here are brought by a trusted proxy, or are this machine, which may ask how the server does.
pub(crate) async fn refuse_strangers(
    State(app): State<Arc<App>>,
    Remote(remote): Remote,
    Peer(client): Peer,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let is_here = remote.ip().to_canonical().is_loopback() && !is_forwarded(request.headers());
    if app.gate.admits(client) || (is_here && matches!(path, "/healthz" | "/readyz")) {
        return next.run(request).await;
    }
    tracing::debug!(address = %client.ip(), "an address that is not on READ_ALLOWLIST was turned away");
    if path.starts_with("/api/") {
        ApiError::NOT_ALLOWED_FROM_HERE.into_response()
    } else {
        page(StatusCode::FORBIDDEN, &TurnedAway { address: client.ip().to_string() })
    }
}

#[derive(Template)]
#[template(path = "turned_away.html")]
struct TurnedAway {
    address: String,
}
