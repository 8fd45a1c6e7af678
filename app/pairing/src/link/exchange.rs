//! The bodies of the calls, and why a server refuses one.

use serde::{Deserialize, Serialize};

use super::{Id, Key};
use crate::message::{Description, PublicKey, Signature, VERSION};
use crate::schedule;
use crate::session::Nonce;

/// Server → device, `GET /api/v1/anchor`: what connections verify against. It is no secret, and worth nothing until it
/// was held against a hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// A private authority, PEM; `None` where the public web's roots vouch for the server.
    pub certificates: Option<String>,
}

/// Device → server, `POST /api/v1/links/{id}`. The answer is a [`crate::device::Paired`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// [`VERSION`].
    pub version: u8,
    /// The link's key.
    pub key: Key,
    /// The device's Ed25519 public key.
    pub device_key: PublicKey,
    /// What joins, for the admin's eyes.
    pub description: Description,
    /// A fresh nonce of the server.
    pub nonce: Nonce,
    /// By the device key, over all of the above and the link's id.
    pub signature: Signature,
}

impl Exchange {
    /// What the device key signs: a label that no other signature of it begins with, then a digest of everything.
    pub(super) fn signed(&self, id: &Id) -> Vec<u8> {
        let digest = schedule::digest(&[
            b"nexus link exchange v1",
            &[self.version],
            id.as_bytes(),
            self.key.hash(id).as_bytes(),
            self.device_key.as_bytes(),
            self.description.model.as_bytes(),
            self.description.serial.as_bytes(),
            self.description.software.as_bytes(),
            self.nonce.to_string().as_bytes(),
        ]);
        [b"nexus link signature v1".as_slice(), &digest].concat()
    }
}

/// Why a device may not join. The words are for the log and the API; what a screen says is the agent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another version of the exchange.
    #[error("this server speaks version {VERSION} of the exchange")]
    Version,
    /// No such link, or not its key.
    #[error("there is no such access link")]
    Unknown,
    /// The device key is unusable, or the signature is not by it.
    #[error("the device does not prove that it holds its key")]
    Signature,
    /// The nonce is too old, spent, or not this server's.
    #[error("the nonce is too old or was used; ask for another one")]
    StaleNonce,
    /// An admin ended the link.
    #[error("this access link was revoked")]
    Revoked,
    /// It is over.
    #[error("this access link has expired")]
    Expired,
    /// As many devices joined as may.
    #[error("this access link has been used up")]
    UsedUp,
    /// The device's address is in none of the link's networks.
    #[error("this access link is not for the network that the device is in")]
    Elsewhere,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Self; 8] = [
        Self::Version,
        Self::Unknown,
        Self::Signature,
        Self::StaleNonce,
        Self::Revoked,
        Self::Expired,
        Self::UsedUp,
        Self::Elsewhere,
    ];

    /// The `code` of the API error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Version => "other_version",
            Self::Unknown => "unknown_link",
            Self::Signature => "invalid_signature",
            Self::StaleNonce => "stale_nonce",
            Self::Revoked => "link_revoked",
            Self::Expired => "link_expired",
            Self::UsedUp => "link_used_up",
            Self::Elsewhere => "link_elsewhere",
        }
    }

    /// The refusal that has this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}
