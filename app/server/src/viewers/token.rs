//! The token of a viewer's session: its id, its end and its link, under a key that is worth nothing without what it came by.
//! It can be verified before the database is asked for anything.

use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use pairing::link;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::admin::{Epoch, Hashed};

const ID: usize = 16;
const EXPIRY: usize = 8;
const LINK: usize = 9;
const TAG: usize = 32;

/// Under which tokens are signed: HKDF (RFC 5869) of what a session came by, salted with the server's session key, in the
/// epoch of the installation's sessions. So a changed passcode ends every token, as does a restored backup, and who has a
/// backup of the files without the passphrase makes none.
pub(super) struct Seal(Zeroizing<[u8; 32]>);

/// What a session came by.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    Passcode(&'a Hashed),
    Link(link::Id),
}

/// What a token says about itself; nothing of that holds before it was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claimed {
    id: Uuid,
    expires_at: Timestamp,
    link: Option<link::Id>,
    bytes: Vec<u8>,
}

impl Seal {
    pub(super) fn new(session_key: &[u8; 32], epoch: &Epoch, origin: Origin<'_>) -> Self {
        let (kind, material) = match &origin {
            Origin::Passcode(passcode) => ("passcode ", passcode.material()),
            Origin::Link(id) => ("link ", &id.as_bytes()[..]),
        };
        let mut key = Zeroizing::new([0; 32]);
        let info = [b"nexus viewer session v2 ", kind.as_bytes(), epoch.as_str().as_bytes()];
        #[expect(clippy::expect_used, reason = "HKDF refuses only output longer than 255 hashes")]
        Hkdf::<Sha256>::new(Some(session_key), material)
            .expand_multi_info(&info, &mut *key)
            .expect("32 bytes are one hash");
        Self(key)
    }

    /// A token. A secret.
    pub(super) fn token(&self, id: Uuid, expires_at: Timestamp, link: Option<link::Id>) -> Zeroizing<String> {
        let mut bytes = Vec::with_capacity(ID + EXPIRY + LINK + TAG);
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(&expires_at.as_second().to_be_bytes());
        if let Some(link) = link {
            bytes.extend_from_slice(link.as_bytes());
        }
        let tag = self.mac(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&tag);
        Zeroizing::new(BASE64URL_NOPAD.encode(&bytes))
    }

    /// Whether a token is one of ours and holds now.
    pub(super) fn verify(&self, claimed: &Claimed, now: Timestamp) -> bool {
        let (claims, tag) = claimed.bytes.split_at(claimed.bytes.len() - TAG);
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
        if token.len() > BASE64URL_NOPAD.encode_len(ID + EXPIRY + LINK + TAG) {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let link = match bytes.len().checked_sub(ID + EXPIRY + TAG)? {
            0 => None,
            _ => Some(link::Id::new(bytes.get(ID + EXPIRY..bytes.len() - TAG)?.try_into().ok()?)),
        };
        let id = Uuid::from_slice(bytes.get(..ID)?).ok()?;
        let expiry = i64::from_be_bytes(bytes.get(ID..ID + EXPIRY)?.try_into().ok()?);
        Some(Self { id, expires_at: Timestamp::from_second(expiry).ok()?, link, bytes })
    }

    /// Of which session it claims to be.
    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    /// By which link it claims to have come; by the passcode where it names none.
    pub(super) fn link(&self) -> Option<link::Id> {
        self.link
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const END: Timestamp = Timestamp::constant(60, 0);

    const KEY: [u8; 32] = [1; 32];

    fn link(number: u8) -> link::Id {
        link::Id::new([number; 9])
    }

    fn epoch(text: &str) -> Epoch {
        serde_json::from_value(text.into()).unwrap()
    }

    fn passcode(hash: &str) -> Hashed {
        serde_json::from_value(serde_json::json!({"log_n": 1, "r": 1, "p": 1, "salt": "", "hash": hash})).unwrap()
    }

    #[test]
    fn a_token_holds_under_its_seal_until_its_end() {
        let (id, known) = (Uuid::new_v4(), passcode("hash"));
        let seal = Seal::new(&KEY, &epoch("1"), Origin::Passcode(&known));
        let claimed = Claimed::read(&seal.token(id, END, None)).unwrap();
        assert!(claimed.id() == id && claimed.link().is_none() && seal.verify(&claimed, NOW));
        assert!(!seal.verify(&claimed, END) && !seal.verify(&claimed, END + SignedDuration::from_secs(1)));
        for other in [
            Seal::new(&[2; 32], &epoch("1"), Origin::Passcode(&known)),
            Seal::new(&KEY, &epoch("2"), Origin::Passcode(&known)),
            Seal::new(&KEY, &epoch("1"), Origin::Passcode(&passcode("another"))),
            Seal::new(&KEY, &epoch("1"), Origin::Link(link(1))),
        ] {
            assert!(!other.verify(&claimed, NOW));
        }
    }

    #[test]
    fn a_token_of_a_link_names_it_and_holds_for_no_other() {
        let seal = Seal::new(&KEY, &epoch("1"), Origin::Link(link(1)));
        let claimed = Claimed::read(&seal.token(Uuid::nil(), END, Some(link(1)))).unwrap();
        assert!(claimed.link() == Some(link(1)) && seal.verify(&claimed, NOW));
        let renamed = Claimed::read(&seal.token(Uuid::nil(), END, Some(link(2)))).unwrap();
        assert!(!Seal::new(&KEY, &epoch("1"), Origin::Link(link(2))).verify(&renamed, NOW));
    }

    proptest! {
        #[test]
        fn a_changed_token_holds_nothing(
            index in 0_usize..74, letter in "[A-Za-z0-9_-]", noise in ".{0,100}", by_link in any::<bool>()
        ) {
            let by_link = by_link.then(|| link(1));
            let known = passcode("hash");
            let seal = Seal::new(&KEY, &epoch("1"), by_link.map_or(Origin::Passcode(&known), Origin::Link));
            let token = seal.token(Uuid::nil(), END, by_link);
            let mut changed = token.to_string();
            changed.replace_range(index..=index, &letter);
            prop_assume!(changed != *token);
            prop_assert!(Claimed::read(&changed).is_none_or(|claimed| !seal.verify(&claimed, NOW)));
            prop_assert!(Claimed::read(&noise).is_none_or(|claimed| !seal.verify(&claimed, NOW)));
        }
    }
}
