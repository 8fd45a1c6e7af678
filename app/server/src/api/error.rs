//! Errors of the API: a status, and `{"code": "...", "message": "..."}`.

use std::{borrow::Cow, time::Duration};

use axum::{
    Json,
    extract::rejection::{FormRejection, JsonRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{store::StoreError, viewers::ViewerError};

/// An error that a program can tell by its code and a person by its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    retry_after: Option<Duration>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct Body<'a> {
    /// For programs; it stays as it is.
    code: &'a str,
    /// For people: what is wrong, and what to do.
    message: &'a str,
}

impl ApiError {
    const fn fixed(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), retry_after: None }
    }

    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl ToString) -> Self {
        Self { status, code, message: Cow::Owned(message.to_string()), retry_after: None }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The words for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn too_many(message: impl ToString, retry_after: Duration) -> Self {
        let refused = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message);
        Self { retry_after: Some(retry_after), ..refused }
    }

    pub(crate) const UNKNOWN_BOARD: Self =
        Self::fixed(StatusCode::NOT_FOUND, "unknown_board", "There is no board of this name on this server.");
    pub(crate) const NOT_FOUND: Self = Self::fixed(StatusCode::NOT_FOUND, "not_found", "There is nothing here.");
    pub(crate) const METHOD_NOT_ALLOWED: Self = Self::fixed(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This path does not take that method; the Allow header says which it takes.",
    );
    pub(crate) const BODY_TOO_LARGE: Self = Self::fixed(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "The request body is longer than 16 KiB. Send a shorter one: nothing that this server takes is longer.",
    );
    pub(crate) const BODY_CUT_SHORT: Self =
        Self::fixed(StatusCode::BAD_REQUEST, "body_cut_short", "The request body did not arrive whole; send it again.");
    pub(crate) const NOT_ONE_HOST: Self = Self::fixed(
        StatusCode::BAD_REQUEST,
        "not_one_host",
        "The request has no `Host`, or more than one. Send the name of this server in exactly one.",
    );
    pub(crate) const UNKNOWN_HOST: Self = Self::fixed(
        StatusCode::MISDIRECTED_REQUEST,
        "unknown_host",
        "This server is not known by that name. Add the name to `names` in its configuration.",
    );
    pub(crate) const TOKEN_REFUSED: Self = Self::fixed(
        StatusCode::UNAUTHORIZED,
        "token_refused",
        "The access token is unknown, has expired, or belongs to a screen that was removed or suspended. Ask for a new \
         one at /api/v1/token; a screen that was removed has to be paired again.",
    );
    pub(crate) const OTHER_BOARD: Self = Self::fixed(
        StatusCode::FORBIDDEN,
        "other_board",
        "What you came with is for another board: an access token for one, an access link for those that it was made for.",
    );
    pub(crate) const LINK_FOR_SCREENS: Self = Self::fixed(
        StatusCode::CONFLICT,
        "link_for_screens",
        "This link is for a screen. It belongs into the file nexus.toml on the screen's set-up partition.",
    );
    pub(crate) const NOT_SIGNED_IN: Self = Self::fixed(
        StatusCode::UNAUTHORIZED,
        "not_signed_in",
        "This board is open to paired screens, to signed-in administrators, and to the server's own network.",
    );
    pub(crate) const PATH_UNREADABLE: Self =
        Self::fixed(StatusCode::BAD_REQUEST, "path_unreadable", "The path is not UTF-8 once it is decoded.");
    pub(crate) const HTTPS_REQUIRED: Self = Self::fixed(
        StatusCode::FORBIDDEN,
        "https_required",
        "Over plain HTTP this server only lets read boards that are open to everybody. Use its https:// address.",
    );
    pub(crate) const NOT_AN_OBSERVER: Self = Self::fixed(
        StatusCode::UNAUTHORIZED,
        "not_an_observer",
        "The metrics are for those who have their token, or come from a network that the configuration names.",
    );
    pub(crate) const NOT_ALLOWED_FROM_HERE: Self = Self::fixed(
        StatusCode::FORBIDDEN,
        "not_allowed_from_here",
        "Your address is not among the networks that may use this server. Who runs it can add yours to READ_ALLOWLIST.",
    );
    pub(crate) const FROM_ANOTHER_SITE: Self = Self::fixed(
        StatusCode::FORBIDDEN,
        "from_another_site",
        "This was sent from another site, or without an Origin. Open the link here.",
    );
    pub(crate) const PASSCODE_NEEDED: Self = Self::fixed(
        StatusCode::UNAUTHORIZED,
        "passcode_needed",
        "This board opens with the passcode, which is typed at /sign-in.",
    );
    pub(crate) const INTERNAL: Self =
        Self::fixed(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server could not do this; its log says why.");
    pub(crate) const TOO_SLOW: Self =
        Self::fixed(StatusCode::REQUEST_TIMEOUT, "too_slow", "The request took too long to arrive.");
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request failed");
        Self::INTERNAL
    }
}

impl From<ViewerError> for ApiError {
    fn from(error: ViewerError) -> Self {
        tracing::error!(%error, "a session could not be looked at");
        Self::INTERNAL
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let message = match &rejection {
            JsonRejection::MissingJsonContentType(_) => {
                "the body has to come with Content-Type: application/json".to_owned()
            }
            JsonRejection::JsonSyntaxError(error) => format!("the body is no JSON: {}", words(error)),
            JsonRejection::JsonDataError(error) => {
                format!("the body is not what this asks for (/api/v1/openapi.json says what is): {}", words(error))
            }
            _ => rejection.body_text(),
        };
        Self::new(rejection.status(), "malformed_body", message)
    }
}

/// What the parser says, without what the framework says of it.
fn words(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

impl From<FormRejection> for ApiError {
    fn from(rejection: FormRejection) -> Self {
        Self::new(rejection.status(), "malformed_body", rejection.body_text())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(Body { code: self.code, message: &self.message });
        let mut response = (self.status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            // Rounded up: whoever comes back on time is let in.
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
        }
        response
    }
}
