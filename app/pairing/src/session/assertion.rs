//! The client assertion: made by the device, verified by the server.

use std::time::Instant;

use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Nonce, NonceError, Nonces};
use crate::message::PublicKey;
use crate::{DeviceKey, Entropy};

/// Longest assertion that is looked at, in bytes.
pub const MAX_ASSERTION: usize = 2 * 1024;
/// How long the device says that its assertion lasts, in seconds.
const LIFETIME: i64 = 60;
/// The longest that the server accepts there.
const MAX_LIFETIME: i64 = 300;

/// What an assertion says, RFC 7523 §3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// The device.
    pub iss: Uuid,
    /// The device again: it speaks for itself.
    pub sub: Uuid,
    /// The installation that it wants a token of.
    pub aud: Uuid,
    /// The id of this assertion.
    pub jti: Uuid,
    /// When it was made, by the device's clock, in seconds since 1970.
    pub iat: i64,
    /// When it ends, by the same clock.
    pub exp: i64,
    /// The server's nonce.
    pub nonce: Nonce,
}

/// Makes and signs an assertion. `clock` is the device's idea of the time in seconds since 1970; it may be wrong.
///
/// # Errors
/// [`AssertionError::Signing`], which a valid key never causes.
pub fn assert(
    key: &DeviceKey,
    device: Uuid,
    instance: Uuid,
    nonce: Nonce,
    clock: i64,
    entropy: &Entropy,
) -> Result<String, AssertionError> {
    let claims = Claims {
        iss: device,
        sub: device,
        aud: instance,
        jti: uuid::Builder::from_random_bytes(entropy.draw("assertion id")).into_uuid(),
        iat: clock,
        exp: clock.saturating_add(LIFETIME),
        nonce,
    };
    let der = key.signing_key().to_pkcs8_der().map_err(|_| AssertionError::Signing)?;
    let key = EncodingKey::from_ed_der(der.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &key).map_err(|_| AssertionError::Signing)
}

/// An assertion as it arrived: it says whose it is, and nothing of it is to be believed yet.
#[derive(Clone)]
pub struct Assertion<'a> {
    text: &'a str,
    device: Uuid,
}

/// An assertion that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The key that it was signed by.
    pub key: PublicKey,
    /// When its nonce was given out.
    pub nonce_given_at: Instant,
    /// What it says.
    pub claims: Claims,
}

/// Why an assertion is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// It does not read as an assertion.
    #[error("the client assertion is malformed")]
    Malformed,
    /// The signature is not the device's, or the algorithm is not EdDSA.
    #[error("the client assertion is not signed by this device's key")]
    Signature,
    /// It is meant for another installation.
    #[error("the client assertion is for another server")]
    Audience,
    /// It was made by another device than it speaks for, or lasts too long.
    #[error("the client assertion's claims contradict each other")]
    Claims,
    /// The nonce is no good.
    #[error(transparent)]
    Nonce(#[from] NonceError),
    /// The device's key cannot sign.
    #[error("the device key cannot sign the client assertion")]
    Signing,
}

impl<'a> Assertion<'a> {
    /// Reads whose assertion it claims to be.
    ///
    /// # Errors
    /// [`AssertionError::Malformed`].
    pub fn read(text: &'a str) -> Result<Self, AssertionError> {
        if text.len() > MAX_ASSERTION {
            return Err(AssertionError::Malformed);
        }
        let claims: Claims =
            jsonwebtoken::dangerous::insecure_decode_claims(text).map_err(|_| AssertionError::Malformed)?;
        Ok(Self { text, device: claims.sub })
    }

    /// The device that it claims to come from, by which the caller finds the key.
    #[must_use]
    pub const fn device(&self) -> Uuid {
        self.device
    }

    /// Verifies it and spends its nonce: from here on the claims are the device's own.
    ///
    /// # Errors
    /// Any [`AssertionError`]. The nonce is only spent where everything else is right.
    pub fn verify(
        &self,
        key: &PublicKey,
        instance: Uuid,
        nonces: &mut Nonces,
        now: Instant,
    ) -> Result<Claims, AssertionError> {
        self.prove([key], instance, nonces, now).map(|proof| proof.claims)
    }

    /// The same for a device of which several keys are known: says by which of them it was signed.
    ///
    /// # Errors
    /// Any [`AssertionError`]. The nonce is only spent where everything else is right.
    pub fn prove<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k PublicKey>,
        instance: Uuid,
        nonces: &mut Nonces,
        now: Instant,
    ) -> Result<Proof, AssertionError> {
        let (key, claims) = keys.into_iter().find_map(|key| self.signed_by(key)).ok_or(AssertionError::Signature)?;
        if claims.aud != instance {
            return Err(AssertionError::Audience);
        }
        let lifetime = claims.exp.checked_sub(claims.iat).ok_or(AssertionError::Claims)?;
        if claims.iss != claims.sub || claims.sub != self.device || !(1..=MAX_LIFETIME).contains(&lifetime) {
            return Err(AssertionError::Claims);
        }
        let nonce_given_at = nonces.spend(claims.nonce, now)?;
        Ok(Proof { key, nonce_given_at, claims })
    }

    fn signed_by(&self, key: &PublicKey) -> Option<(PublicKey, Claims)> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The age is judged by the nonce, the audience by the caller, so that it is exactly one.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        validation.validate_aud = false;
        let decoded = jsonwebtoken::decode(self.text, &DecodingKey::from_ed_der(key.as_bytes()), &validation);
        decoded.ok().map(|decoded| (*key, decoded.claims))
    }
}

impl std::fmt::Debug for Assertion<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assertion").field("device", &self.device).finish_non_exhaustive()
    }
}
