//! Device sessions: a nonce of the server, a client assertion of the device, an access token.
//!
//! ```text
//! device ── POST /api/v1/nonces ─────────────────────► server
//!        ◄─ Nonce ───────────────────────────────────
//!        ── POST /api/v1/token, TokenRequest ────────►  verifies the assertion, spends the nonce
//!        ◄─ Token, or Denial ────────────────────────
//! ```
//!
//! The assertion is a JWT as RFC 7523 has it (EdDSA, RFC 8037), with the server's nonce as one more claim. In one
//! point the server judges otherwise than RFC 7523 §3: not by `exp` against its own clock but by the age of the nonce,
//! which it knows by itself, so a stick whose clock is a year off is not locked out. `exp` only bounds what the
//! device says of its own assertion: it must be later than `iat`, by five minutes at most.

mod assertion;
mod nonce;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use assertion::{Assertion, AssertionError, Claims, MAX_ASSERTION, Proof, assert};
pub use nonce::{Nonce, NonceError, Nonces};

/// `grant_type` of a token request.
pub const GRANT_TYPE: &str = "client_credentials";
/// `client_assertion_type` of a token request, RFC 7523 §2.2.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest life of an access token, in seconds.
pub const MAX_TOKEN_SECONDS: u32 = 3600;

/// Server → device, `POST /api/v1/nonces`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fresh {
    /// To be signed within an assertion.
    pub nonce: Nonce,
}

/// Device → server, `POST /api/v1/token`, as a form.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenRequest {
    /// [`GRANT_TYPE`].
    pub grant_type: String,
    /// [`ASSERTION_TYPE`].
    pub client_assertion_type: String,
    /// The JWT that [`assert()`] makes.
    pub client_assertion: String,
}

impl TokenRequest {
    /// A request with this assertion.
    #[must_use]
    pub fn new(client_assertion: String) -> Self {
        Self { grant_type: GRANT_TYPE.into(), client_assertion_type: ASSERTION_TYPE.into(), client_assertion }
    }

    /// Whether grant and assertion type are the ones that are spoken here.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.grant_type == GRANT_TYPE && self.client_assertion_type == ASSERTION_TYPE
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenRequest(..)")
    }
}

/// Server → device: the access token, RFC 6749 §5.1.
#[derive(Clone, Serialize, Deserialize)]
pub struct Token {
    /// The bearer token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until it ends, at most [`MAX_TOKEN_SECONDS`].
    pub expires_in: u32,
    /// `board:read`.
    pub scope: String,
    /// The screen that this device fills, as it is called and what it shows now.
    pub screen: crate::message::Screen,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("expires_in", &self.expires_in)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Server → device with 401: no token. The body of every API error has `code` and `message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// What the device acts on.
    pub code: DenialCode,
    /// For a person who reads a log.
    pub message: String,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DenialCode {
    /// The screen was removed: the device forgets its pairing.
    UnknownDevice,
    /// The nonce is too old, already spent or not the server's: ask for another one.
    StaleNonce,
    /// The assertion does not verify.
    InvalidAssertion,
    /// Two devices use this identity: neither gets a token until an administrator removed the screen.
    Suspended,
    /// Any other code.
    #[serde(other)]
    Other,
}
