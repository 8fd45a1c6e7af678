//! The key of a link, what the server keeps of it, and the hash of the trust anchor.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::Id;
use crate::message::{FieldError, Octets};
use crate::{Entropy, schedule};

/// What entitles to join. Wiped when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    pub(super) fn draw(entropy: &Entropy) -> Self {
        Self(entropy.draw("link key"))
    }

    /// The key as it stands in a link: 43 characters of base64url. A secret.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(data_encoding::BASE64URL_NOPAD.encode(&self.0))
    }

    /// What the server keeps. The key is random and as long as the hash, so a slow hash would add nothing.
    pub(super) fn hash(&self, id: &Id) -> KeyHash {
        Octets::new(schedule::digest(&[b"nexus link key v1", id.as_bytes(), &self.0]))
    }
}

/// A hash of a link's key.
pub type KeyHash = Octets<32>;

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl FromStr for Key {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        text.parse::<Octets<32>>().map(|octets| Self(*octets.as_bytes()))
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.expose())
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What is wrong with a secret is told without repeating it.
        Zeroizing::new(String::deserialize(deserializer)?).parse().map_err(D::Error::custom)
    }
}

/// Which trust anchor a link means: SHA-256 over the DER of its certificates' SubjectPublicKeyInfo, in their order. For
/// one certificate, which is the rule, this is the pin of RFC 7469 §2.4, and
/// `openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | sha256sum` gives it in hexadecimal.
///
/// It is of the key and not of the certificate, so that an authority whose certificate was made again from its key is
/// still the one that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorHash(Octets<32>);

impl AnchorHash {
    /// The hash of an anchor, given the SubjectPublicKeyInfo of each of its certificates, in DER.
    #[must_use]
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a [u8]>) -> Self {
        // DER says where it ends, so no two lists of keys read alike.
        let hash = keys.into_iter().fold(Sha256::new(), |hash, key| hash.chain_update(key));
        Self(Octets::new(hash.finalize().into()))
    }
}

impl fmt::Display for AnchorHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AnchorHash {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        text.parse().map(Self)
    }
}
