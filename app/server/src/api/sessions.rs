//! How a paired device gets its access token (RFC 7523).

use std::{
    sync::{Arc, PoisonError},
    time::Instant,
};

use axum::{
    Form, Json,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use pairing::{
    Entropy,
    rotation::Refusal,
    session::{Assertion, AssertionError, Denial, DenialCode, Fresh, Token, TokenRequest},
};

use super::{ApiError, openapi::messages};
use crate::{app::App, serve::Peer, token};

/// A nonce for one assertion.
#[utoipa::path(
    post,
    path = "/api/v1/nonces",
    tag = "sessions",
    responses(
        (status = 200, description = "It is good for a short time, and once", body = messages::Fresh),
        (status = 429, description = "Too many were asked for, from here or in all"),
    )
)]
pub(super) async fn nonce(State(app): State<Arc<App>>, peer: Peer) -> Result<Response, ApiError> {
    throttle(&app, peer)?;
    let entropy = Entropy::system().map_err(|error| {
        tracing::error!(%error, "no nonce could be made");
        ApiError::INTERNAL
    })?;
    let nonce = app.nonces.lock().unwrap_or_else(PoisonError::into_inner).issue(&entropy, Instant::now());
    Ok(secret(Json(Fresh { nonce })))
}

/// An access token for a paired device.
#[utoipa::path(
    post,
    path = "/api/v1/token",
    tag = "sessions",
    request_body(content = messages::TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It grants the board of the device's screen", body = messages::Token),
        (status = 400, description = "Another grant, or no form"),
        (status = 401, description = "The device is unknown, does not prove that it is it, or is one of two that use one identity"),
        (status = 415, description = "The body is not `application/x-www-form-urlencoded`"),
        (status = 422, description = "A field is missing"),
        (status = 429, description = "Too many were asked for, from here or in all"),
    )
)]
pub(super) async fn token(
    State(app): State<Arc<App>>,
    peer: Peer,
    body: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Response, ApiError> {
    throttle(&app, peer)?;
    let Form(request) = body?;
    if !request.is_ours() {
        return Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "This server grants client_credentials for a client assertion that is a JWT bearer token.",
        ));
    }
    let assertion = match Assertion::read(&request.client_assertion) {
        Ok(assertion) => assertion,
        Err(error) => return Ok(denied(DenialCode::InvalidAssertion, error)),
    };
    let Some(entry) = app.screens.of_device(assertion.device()) else {
        return Ok(denied(DenialCode::UnknownDevice, "this device was removed, or never paired with this server"));
    };
    let verified = {
        let mut nonces = app.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        assertion.prove(entry.screen.keys.all(), app.instance, &mut nonces, Instant::now())
    };
    let proof = match verified {
        Ok(proof) => proof,
        Err(error @ AssertionError::Nonce(_)) => return Ok(denied(DenialCode::StaleNonce, error)),
        Err(error) => return Ok(denied(DenialCode::InvalidAssertion, error)),
    };
    let entry = match app.session(entry.screen.id, &proof, peer).await? {
        Ok(entry) => entry,
        Err(refusal) => return Ok(denied(code(refusal), refusal)),
    };
    let (access_token, _) = app.mint.issue(entry.screen.id, app.clock.now());
    Ok(secret(Json(Token {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: token::LIFETIME.as_secs() as u32,
        scope: "board:read".to_owned(),
        screen: entry.screen.place()?,
    })))
}

fn code(refusal: Refusal) -> DenialCode {
    match refusal {
        Refusal::Copied | Refusal::Suspended => DenialCode::Suspended,
        Refusal::StaleNonce => DenialCode::StaleNonce,
        Refusal::UnknownDevice => DenialCode::UnknownDevice,
        _ => DenialCode::InvalidAssertion,
    }
}

pub(super) fn throttle(app: &App, peer: Peer) -> Result<(), ApiError> {
    app.throttles
        .tokens
        .take(peer.0.ip())
        .map_err(|wait| ApiError::too_many("Too many tokens were asked for from here; try again later.", wait))
}

fn denied(code: DenialCode, message: impl ToString) -> Response {
    let denial = Denial { code, message: message.to_string() };
    (StatusCode::UNAUTHORIZED, secret(Json(denial))).into_response()
}

fn secret(body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
