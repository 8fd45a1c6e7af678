//! The JSON bodies of the pairing calls, as server and agent both use them.
//!
//! Every field checks itself when it is read: what parsed is of the right length and harmless to show. Binary
//! fields are base64url without padding.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::Nameplate;

/// The version of this exchange. A peer of another one is refused.
pub const VERSION: u8 = 1;
/// Longest answer of any pairing call, in bytes.
pub const MAX_ANSWER: usize = 64 * 1024;
/// Longest sealed payload, in bytes.
pub const MAX_SEALED: usize = 32 * 1024;
/// Longest trust anchor, in bytes of PEM.
pub const MAX_ANCHOR: usize = 24 * 1024;

/// Device → server, `POST /api/v1/pairings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// [`VERSION`].
    pub version: u8,
    /// The device's Ed25519 public key.
    pub device_key: PublicKey,
    /// The device's PAKE message.
    pub pake: PublicValue,
    /// What asks to join, for the admin's eyes. As trustworthy as a business card.
    pub description: Description,
}

/// Server → device, `201`: the pairing is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// The device's secret handle on this pairing.
    pub pairing: PairingId,
    /// The public number that the code begins with.
    pub nameplate: Nameplate,
    /// Seconds until the code ends. A duration, since the device's clock may be wrong.
    pub lifetime_seconds: u32,
}

/// Server → device, `GET /api/v1/pairings/{pairing id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Nobody has typed the code yet.
    Waiting,
    /// An admin typed a code. The device has 30 s to give its verdict.
    Answered(Answer),
    /// The device confirmed; the admin compares the digits.
    Comparing,
    /// The device is registered.
    Registered {
        /// The device's id from now on.
        device: Uuid,
    },
    /// It came to nothing; a new pairing starts over. Why, is not for this side.
    Closed,
}

/// The server's half of the exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The server's PAKE message.
    pub pake: PublicValue,
    /// Shows that the server knows the code.
    pub tag: Tag,
    /// A [`Payload`], sealed under the shared key.
    pub sealed: Sealed,
}

/// What the server seals for the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Which installation this is; the audience of every later assertion.
    pub instance: Uuid,
    /// What TLS connections to the server must verify against.
    pub trust: Trust,
    /// The place on the wall that this device fills.
    pub screen: Screen,
}

/// How the device verifies the server from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Exactly these certificates: a private CA, PEM, at most [`MAX_ANCHOR`] bytes.
    Anchor(String),
    /// The public web's roots, for this host name.
    WebPki(Text<253>),
}

/// A registered place on a wall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// Its id.
    pub id: Uuid,
    /// Its name, as people say it: "Support, 2nd floor".
    pub name: Text<64>,
    /// The id of the board that it shows.
    pub board: Text<64>,
}

/// Device → server, `POST /api/v1/pairings/{pairing id}/confirmation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case", deny_unknown_fields)]
pub enum Verdict {
    /// The code was right and the connection verifies.
    Confirmed {
        /// Shows that the device holds the shared key and saw the same messages.
        tag: Tag,
        /// By the device key, over the whole transcript.
        signature: Signature,
    },
    /// The device wants none of it. The tag is random, or true where the connection did not verify; only who
    /// holds the shared key can tell.
    Refused {
        /// See above.
        tag: Tag,
    },
}

/// An Ed25519 public key.
pub type PublicKey = Octets<32>;
/// A PAKE message.
pub type PublicValue = Octets<33>;
/// An HMAC-SHA256 tag.
pub type Tag = Octets<32>;
/// An Ed25519 signature.
pub type Signature = Octets<64>;

/// What asks to join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// "Raspberry Pi 4 Model B".
    pub model: Text<64>,
    /// The hardware's serial number, or what stands in its place.
    pub serial: Text<64>,
    /// Version of the software.
    pub software: Text<64>,
}

/// A field was not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Binary of another length.
    #[error("expected {0} bytes as base64url without padding")]
    Octets(usize),
    /// A pairing id is 32 hexadecimal digits.
    #[error("a pairing id is 32 hexadecimal digits")]
    PairingId,
    /// Empty, too long, or with control characters.
    #[error("expected 1 to {0} bytes of text without control characters")]
    Text(usize),
    /// The sealed payload is too long.
    #[error("a sealed payload has at most {MAX_SEALED} bytes")]
    Sealed,
}

/// Exactly `N` bytes, base64url without padding in JSON. Compared in constant time.
#[derive(Clone, Copy)]
pub struct Octets<const N: usize>([u8; N]);

impl<const N: usize> Octets<N> {
    /// These bytes.
    #[must_use]
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> PartialEq for Octets<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> Eq for Octets<N> {}

impl<const N: usize> fmt::Debug for Octets<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Octets<{N}>(..)")
    }
}

impl<const N: usize> TryFrom<&[u8]> for Octets<N> {
    type Error = FieldError;

    fn try_from(bytes: &[u8]) -> Result<Self, FieldError> {
        bytes.try_into().map(Self).map_err(|_| FieldError::Octets(N))
    }
}

impl<const N: usize> fmt::Display for Octets<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<const N: usize> FromStr for Octets<N> {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        // Checked first, so that a huge text is not decoded to be refused.
        if text.len() != BASE64URL_NOPAD.encode_len(N) {
            return Err(FieldError::Octets(N));
        }
        BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| FieldError::Octets(N))?.as_slice().try_into()
    }
}

impl<const N: usize> Serialize for Octets<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Octets<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// 128 random bits that let the device, and nobody else, go on with its pairing. Never logged.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PairingId([u8; 16]);

impl PairingId {
    pub(crate) const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The id as it stands in a path: 32 hexadecimal digits. A secret.
    #[must_use]
    pub fn expose(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl fmt::Debug for PairingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingId(..)")
    }
}

impl FromStr for PairingId {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        if text.len() != 32 {
            return Err(FieldError::PairingId);
        }
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| FieldError::PairingId)?;
        bytes.try_into().map(Self).map_err(|_| FieldError::PairingId)
    }
}

impl Serialize for PairingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.expose())
    }
}

impl<'de> Deserialize<'de> for PairingId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// One to `MAX` bytes of text that can be shown: no control characters, nothing that turns the reading direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> std::ops::Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        let unshown = |c: char| {
            c.is_control()
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        if text.trim().is_empty() || text.len() > MAX || text.chars().any(unshown) {
            return Err(FieldError::Text(MAX));
        }
        Ok(Self(text))
    }
}

impl<const MAX: usize> FromStr for Text<MAX> {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        text.to_owned().try_into()
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

/// Sealed bytes, at most [`MAX_SEALED`] of them, base64url without padding in JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// # Errors
    /// More than [`MAX_SEALED`] bytes.
    pub(crate) fn new(bytes: Vec<u8>) -> Result<Self, FieldError> {
        if bytes.len() > MAX_SEALED { Err(FieldError::Sealed) } else { Ok(Self(bytes)) }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > BASE64URL_NOPAD.encode_len(MAX_SEALED) {
            return Err(D::Error::custom(FieldError::Sealed));
        }
        Self::new(BASE64URL_NOPAD.decode(text.as_bytes()).map_err(D::Error::custom)?).map_err(D::Error::custom)
    }
}
