//! Errors of the API: a status, and `{"code": "...", "message": "..."}`.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Serialize;

use crate::store::StoreError;

/// An error that a program can tell by its code and a person by its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: StatusCode,
    /// What happened, for programs.
    pub code: &'static str,
    /// What happened and what to do, for people.
    pub message: &'static str,
}

#[derive(Serialize)]
struct Body {
    code: &'static str,
    message: &'static str,
}

impl ApiError {
    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message }
    }

    pub(crate) const UNKNOWN_BOARD: Self =
        Self::new(StatusCode::NOT_FOUND, "unknown_board", "There is no board of this name on this server.");
    pub(crate) const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.");
    pub(crate) const UNKNOWN_HOST: Self = Self::new(
        StatusCode::MISDIRECTED_REQUEST,
        "unknown_host",
        "This server is not known by that name. Add the name to `names` in its configuration.",
    );
    pub(crate) const TOKEN_REFUSED: Self = Self::new(
        StatusCode::UNAUTHORIZED,
        "token_refused",
        "The access token is unknown, has expired, or belongs to a screen that was removed.",
    );
    pub(crate) const OTHER_BOARD: Self =
        Self::new(StatusCode::FORBIDDEN, "other_board", "This access token is for another board.");
    pub(crate) const NOT_SIGNED_IN: Self = Self::new(
        StatusCode::UNAUTHORIZED,
        "not_signed_in",
        "This board is open to paired screens, to signed-in administrators, and to the server's own network.",
    );
    pub(crate) const INTERNAL: Self =
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server could not do this; its log says why.");
    pub(crate) const TOO_SLOW: Self =
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The request took too long to arrive.");
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request failed");
        Self::INTERNAL
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(Body { code: self.code, message: self.message });
        let mut response = (self.status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, http::HeaderValue::from_static("Bearer"));
        }
        response
    }
}
