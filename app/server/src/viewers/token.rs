//! The token of a viewer's session: its id and its end, under a key that is worth nothing without what it came by.

use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

const ID: usize = 16;
const EXPIRY: usize = 8;
const TAG: usize = 32;

/// Under which tokens are signed: HKDF (RFC 5869) of what a session came by, salted with the server's session key. So a
/// changed passcode ends every token, and who has a backup of the files without the passphrase makes none.
pub(super) struct Seal(Zeroizing<[u8; 32]>);

/// What a token says about itself; nothing of that holds before it was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claimed {
    id: Uuid,
    expires_at: Timestamp,
    bytes: Vec<u8>,
}

impl Seal {
    /// `kind` keeps what different sessions came by apart, `origin` is what this one came by.
    pub(super) fn new(session_key: &[u8; 32], kind: &str, origin: &[u8]) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        let info = [b"nexus viewer session v1 ", kind.as_bytes()];
        #[expect(clippy::expect_used, reason = "HKDF refuses only output longer than 255 hashes")]
        Hkdf::<Sha256>::new(Some(session_key), origin)
            .expand_multi_info(&info, &mut *key)
            .expect("32 bytes are one hash");
        Self(key)
    }

    /// A token. A secret.
    pub(super) fn token(&self, id: Uuid, expires_at: Timestamp) -> Zeroizing<String> {
        let mut bytes = Vec::with_capacity(ID + EXPIRY + TAG);
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(&expires_at.as_second().to_be_bytes());
        let tag = self.mac(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&tag);
        Zeroizing::new(BASE64URL_NOPAD.encode(&bytes))
    }

    /// Whether a token is one of ours and holds now.
    pub(super) fn verify(&self, claimed: &Claimed, now: Timestamp) -> bool {
        let (claims, tag) = claimed.bytes.split_at(ID + EXPIRY);
        self.mac(claims).verify_slice(tag).is_ok() && now < claimed.expires_at
    }

    fn mac(&self, claims: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("a key of 32 bytes");
        mac.update(claims);
        mac
    }
}

impl Claimed {
    /// What a token says; `None` where it is none.
    pub(super) fn read(token: &str) -> Option<Self> {
        if token.len() != BASE64URL_NOPAD.encode_len(ID + EXPIRY + TAG) {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let id = Uuid::from_slice(bytes.get(..ID)?).ok()?;
        let expiry = i64::from_be_bytes(bytes.get(ID..ID + EXPIRY)?.try_into().ok()?);
        Some(Self { id, expires_at: Timestamp::from_second(expiry).ok()?, bytes })
    }

    /// Of which session it claims to be.
    pub(super) fn id(&self) -> Uuid {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const END: Timestamp = Timestamp::constant(60, 0);

    #[test]
    fn a_token_holds_under_its_seal_until_its_end() {
        let id = Uuid::new_v4();
        let seal = Seal::new(&[1; 32], "passcode", b"hash");
        let claimed = Claimed::read(&seal.token(id, END)).unwrap();
        assert!(claimed.id() == id && seal.verify(&claimed, NOW));
        assert!(!seal.verify(&claimed, END) && !seal.verify(&claimed, END + SignedDuration::from_secs(1)));
        for other in [
            Seal::new(&[2; 32], "passcode", b"hash"),
            Seal::new(&[1; 32], "link", b"hash"),
            Seal::new(&[1; 32], "passcode", b"another"),
        ] {
            assert!(!other.verify(&claimed, NOW));
        }
    }

    proptest! {
        #[test]
        fn a_changed_token_holds_nothing(index in 0_usize..74, letter in "[A-Za-z0-9_-]", noise in ".{0,100}") {
            let seal = Seal::new(&[1; 32], "passcode", b"hash");
            let token = seal.token(Uuid::nil(), END);
            let mut changed = token.to_string();
            changed.replace_range(index..=index, &letter);
            prop_assume!(changed != *token);
            prop_assert!(Claimed::read(&changed).is_none_or(|claimed| !seal.verify(&claimed, NOW)));
            prop_assert!(Claimed::read(&noise).is_none_or(|claimed| !seal.verify(&claimed, NOW)));
        }
    }
}
