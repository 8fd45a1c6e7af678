//! The id in a path.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use super::ApiError;

/// What stands in the path for `{id}`.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Nothing but a path that is no UTF-8 is refused, and axum would say so in plain text.
        Path::from_request_parts(parts, state).await.map(|Path(id)| Self(id)).map_err(|_| ApiError::PATH_UNREADABLE)
    }
}
