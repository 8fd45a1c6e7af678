//! Access tokens of screens: what a screen may read, and until when, under a key of this server run.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use uuid::Uuid;

/// How long a token holds. A screen fetches the next one before that.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

const SCREEN: usize = 16;
const EXPIRY: usize = 8;
const TAG: usize = 32;

/// Makes and reads tokens. Its key is drawn at start, so a restart ends every token.
pub(crate) struct Mint {
    key: [u8; 32],
}

/// What a token grants: to read the board of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) screen: Uuid,
    pub(crate) expires_at: Timestamp,
}

impl Mint {
    pub(crate) fn new() -> Self {
        Self { key: crate::random::bytes() }
    }

    /// A token for a screen. A secret.
    pub(crate) fn issue(&self, screen: Uuid, now: Timestamp) -> (String, Grant) {
        // Whole seconds, so that what the token says and what the caller hears are the same.
        let expires_at = Timestamp::from_second((now + LIFETIME).as_second()).unwrap_or(now);
        let mut token = Vec::with_capacity(SCREEN + EXPIRY + TAG);
        token.extend_from_slice(screen.as_bytes());
        token.extend_from_slice(&expires_at.as_second().to_be_bytes());
        let tag = self.mac(&token).finalize().into_bytes();
        token.extend_from_slice(&tag);
        (BASE64URL_NOPAD.encode(&token), Grant { screen, expires_at })
    }

    /// What a token grants now; `None` where it is not ours or has expired.
    pub(crate) fn read(&self, token: &str, now: Timestamp) -> Option<Grant> {
        if token.len() != BASE64URL_NOPAD.encode_len(SCREEN + EXPIRY + TAG) {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (claims, tag) = bytes.split_at_checked(SCREEN + EXPIRY)?;
        self.mac(claims).verify_slice(tag).ok()?;
        let (screen, expiry) = claims.split_at_checked(SCREEN)?;
        let expires_at = Timestamp::from_second(i64::from_be_bytes(expiry.try_into().ok()?)).ok()?;
        (now < expires_at).then_some(Grant { screen: Uuid::from_slice(screen).ok()?, expires_at })
    }

    fn mac(&self, claims: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of 32 bytes");
        mac.update(claims);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_token_grants_its_screen_until_it_expires() {
        let mint = Mint::new();
        let screen = Uuid::new_v4();
        let (token, grant) = mint.issue(screen, NOW);
        assert_eq!(mint.read(&token, NOW), Some(grant));
        assert_eq!(grant.screen, screen);
        assert!(grant.expires_at <= NOW + SignedDuration::from_hours(1));
        assert_eq!(mint.read(&token, grant.expires_at), None);
    }

    #[test]
    fn a_changed_or_foreign_token_grants_nothing() {
        let mint = Mint::new();
        let (token, _) = mint.issue(Uuid::new_v4(), NOW);
        assert_eq!(Mint::new().read(&token, NOW), None);
        for index in [0, 20, 30, 60] {
            let mut changed = token.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            assert_eq!(mint.read(std::str::from_utf8(&changed).unwrap(), NOW), None, "{index}");
        }
        assert_eq!(mint.read("", NOW), None);
    }
}
