//! The sessions' epoch.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// What all sessions of an installation have in common, of administrators and of viewers: with another one, all of them
/// have ended. It is drawn anew where a password is set by the setup code, and where a backup is restored. An installation
/// of an older version has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Epoch(String);

impl Epoch {
    pub(super) fn draw() -> Self {
        Self(BASE64URL_NOPAD.encode(&crate::random::bytes::<16>()))
    }

    pub(super) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// It is no secret.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
