//! Request bodies that hold a secret.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use zeroize::Zeroize;

use crate::api::Refusal;

/// Largest body: a secret, an address and a few certificates.
const MAX_LENGTH: usize = 64 << 10;

/// A JSON body whose bytes are wiped once it is read, and of which no error repeats anything.
pub(crate) struct Wiped<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Wiped<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let bytes = to_bytes(request.into_body(), MAX_LENGTH).await.map_err(|_| Refusal::too_large())?;
        // serde_json's own words may quote what it met.
        let value = serde_json::from_slice(&bytes).map_err(|_| Refusal::malformed());
        wipe(bytes);
        value.map(Self)
    }
}

/// Overwrites bytes that nobody else holds.
fn wipe(bytes: Bytes) {
    if let Ok(mut bytes) = bytes.try_into_mut() {
        bytes.zeroize();
    }
}
