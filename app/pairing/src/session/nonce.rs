//! Nonces that the server can tell to be its own, and their age, without keeping any that nobody used.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Entropy;
use crate::message::{FieldError, Octets};

/// How long a nonce can be used.
const LIFETIME: Duration = Duration::from_mins(2);

/// A nonce: 8 bytes of age, 16 random ones, and 16 of an HMAC over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nonce(Octets<40>);

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Nonce {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        text.parse().map(Self)
    }
}

/// The server's nonces. Asking for one costs no memory, so a stranger cannot crowd a device out.
pub struct Nonces {
    key: Zeroizing<[u8; 32]>,
    since: Instant,
    /// What was spent, until it would have ended anyway. Only verified assertions get here.
    spent: HashMap<[u8; 16], Instant>,
}

/// Why a nonce is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NonceError {
    /// Not made here, or before a restart.
    #[error("the nonce is not one of this server's")]
    Foreign,
    /// Too old.
    #[error("the nonce is older than {} s", LIFETIME.as_secs())]
    Old,
    /// Already used: a replay.
    #[error("the nonce was already used")]
    Spent,
}

impl Nonces {
    /// Starts over: nonces made before are foreign.
    #[must_use]
    pub fn new(entropy: &Entropy, now: Instant) -> Self {
        Self { key: Zeroizing::new(entropy.draw("nonce key")), since: now, spent: HashMap::new() }
    }

    /// A fresh nonce.
    #[must_use]
    pub fn issue(&self, entropy: &Entropy, now: Instant) -> Nonce {
        let age = u64::try_from(now.saturating_duration_since(self.since).as_millis()).unwrap_or(u64::MAX);
        let mut bytes = [0; 40];
        bytes[..8].copy_from_slice(&age.to_be_bytes());
        bytes[8..24].copy_from_slice(&entropy.draw::<16>("nonce"));
        let tag = self.tag(&bytes[..24]);
        bytes[24..].copy_from_slice(&tag);
        Nonce(Octets::new(bytes))
    }

    /// Uses a nonce up, and says when it was given out. Call it after everything else about the assertion was verified.
    ///
    /// # Errors
    /// It is not ours, too old, or was used before.
    pub fn spend(&mut self, nonce: Nonce, now: Instant) -> Result<Instant, NonceError> {
        let [age @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = nonce.0.as_bytes();
        let (issued, random) = age.split_at(8);
        if !bool::from(self.tag(age).ct_eq(&nonce.0.as_bytes()[24..])) {
            return Err(NonceError::Foreign);
        }
        let (Ok(issued), Ok(random)) = (<[u8; 8]>::try_from(issued), <[u8; 16]>::try_from(random)) else {
            return Err(NonceError::Foreign);
        };
        let given_at = self.since + Duration::from_millis(u64::from_be_bytes(issued));
        let ends = given_at + LIFETIME;
        if now >= ends {
            return Err(NonceError::Old);
        }
        self.spent.retain(|_, ends| now < *ends);
        if self.spent.insert(random, ends).is_some() { Err(NonceError::Spent) } else { Ok(given_at) }
    }

    fn tag(&self, message: &[u8]) -> [u8; 16] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.key).expect("HMAC takes keys of any length");
        mac.update(b"nexus session nonce v1");
        mac.update(message);
        let mut tag = [0; 16];
        tag.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        tag
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonces").field("spent", &self.spent.len()).finish_non_exhaustive()
    }
}
