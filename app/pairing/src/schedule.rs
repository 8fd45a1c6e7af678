//! The key schedule: what both ends derive once the PAKE is done, and the transcript that everything is bound to.
//!
//! ```text
//! context = H("context", version, pairing id, nameplate, device key, description, PAKE A, PAKE B)
//! keys    = HKDF(salt = context, PAKE result; label)
//! server's tag = HMAC(server key, H("server", context, sealed payload))
//! device's tag = HMAC(device key, H("device", context, instance, H(payload)))
//! signature    = Ed25519("nexus pairing signature v1" ‖ H("device", …))
//! ```
//!
//! `H` is SHA-256 over its parts, each with its length in front, so no two lists of parts hash alike.

use aes_gcm::aead::{Aead, Payload as Message};
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::message::{Description, Octets, PairingId, Tag, VERSION};
use crate::{Nameplate, Shared};

/// The device's identity in the PAKE starts with this; its public key follows.
const DEVICE: &[u8] = b"nexus device v1";
/// The server's identity in the PAKE. Which server it is, the payload says.
pub(crate) const SERVER: &[u8] = b"nexus server v1";

/// SHA-256 over parts that each carry their length.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The device's identity in the PAKE.
pub(crate) fn device_identity(key: &Octets<32>) -> Vec<u8> {
    [DEVICE, key.as_bytes()].concat()
}

/// Everything public that both ends must agree on.
pub(crate) struct Context<'a> {
    pub(crate) pairing: &'a PairingId,
    pub(crate) nameplate: Nameplate,
    pub(crate) device_key: &'a Octets<32>,
    pub(crate) description: &'a Description,
    pub(crate) device_public: &'a [u8],
    pub(crate) server_public: &'a [u8],
}

impl Context<'_> {
    fn digest(&self) -> [u8; 32] {
        digest(&[
            b"nexus pairing context v1",
            &[VERSION],
            self.pairing.as_bytes(),
            &self.nameplate.number().to_be_bytes(),
            self.device_key.as_bytes(),
            self.description.model.as_bytes(),
            self.description.serial.as_bytes(),
            self.description.software.as_bytes(),
            self.device_public,
            self.server_public,
        ])
    }
}

/// Two digits that both screens show, so that a person sees that they belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits(u8);

impl std::fmt::Display for Digits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// The payload could not be opened: it was sealed under another key, or changed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unopened;

/// What one exchange derives. Wiped when dropped.
pub(crate) struct Keys {
    context: [u8; 32],
    server: Zeroizing<[u8; 32]>,
    device: Zeroizing<[u8; 32]>,
    refusal: Zeroizing<[u8; 32]>,
    payload: Zeroizing<[u8; 32]>,
    payload_nonce: [u8; 12],
    digits: Digits,
}

impl Keys {
    pub(crate) fn derive(context: &Context<'_>, shared: &Shared) -> Self {
        let context = context.digest();
        let hkdf = Hkdf::<Sha256>::new(Some(&context), &shared.0);
        // 64 bits modulo 100: the bias is below 2⁻⁵⁷.
        let digits = u64::from_be_bytes(*expand(&hkdf, "digits")) % 100;
        Self {
            server: expand(&hkdf, "server tag"),
            device: expand(&hkdf, "device tag"),
            refusal: expand(&hkdf, "refusal tag"),
            payload: expand(&hkdf, "payload key"),
            payload_nonce: *expand(&hkdf, "payload nonce"),
            digits: Digits(u8::try_from(digits).unwrap_or_default()),
            context,
        }
    }

    pub(crate) const fn digits(&self) -> Digits {
        self.digits
    }

    pub(crate) fn seal(&self, payload: &[u8]) -> Vec<u8> {
        let cipher = Aes256Gcm::new((&*self.payload).into());
        // A key seals exactly one payload, so its nonce may be derived beside it.
        #[expect(clippy::expect_used, reason = "AES-GCM only fails beyond 64 GiB; the payload is a few KiB")]
        cipher
            .encrypt(&self.payload_nonce.into(), Message { msg: payload, aad: &self.context })
            .expect("the payload is far below 64 GiB")
    }

    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, Unopened> {
        Aes256Gcm::new((&*self.payload).into())
            .decrypt(&self.payload_nonce.into(), Message { msg: sealed, aad: &self.context })
            .map_err(|_| Unopened)
    }

    pub(crate) fn server_tag(&self, sealed: &[u8]) -> Tag {
        tag(&self.server, &digest(&[b"nexus pairing server v1", &self.context, sealed]))
    }

    pub(crate) fn device_tag(&self, transcript: &[u8; 32]) -> Tag {
        tag(&self.device, transcript)
    }

    /// What tells the server, and nobody else, that the device refuses because of the connection.
    pub(crate) fn untrusted_tag(&self) -> Tag {
        tag(&self.refusal, &digest(&[b"nexus pairing untrusted v1", &self.context]))
    }

    /// What the device confirms and signs.
    pub(crate) fn transcript(&self, instance: &uuid::Uuid, payload: &[u8]) -> [u8; 32] {
        digest(&[b"nexus pairing device v1", &self.context, instance.as_bytes(), &Sha256::digest(payload)])
    }
}

/// What the device key signs: a label that no other signature of it begins with, then the transcript.
pub(crate) fn signed(transcript: &[u8; 32]) -> Vec<u8> {
    [b"nexus pairing signature v1".as_slice(), transcript].concat()
}

fn expand<const N: usize>(hkdf: &Hkdf<Sha256>, label: &str) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "longer than HKDF can give") };
    let mut key = Zeroizing::new([0; N]);
    #[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8160 bytes and N is checked above")]
    hkdf.expand(label.as_bytes(), key.as_mut()).expect("N is at most 8160");
    key
}

fn tag(key: &[u8; 32], message: &[u8]) -> Tag {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    Octets::new(mac.finalize().into_bytes().into())
}
