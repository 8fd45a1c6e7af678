//! Secrets that are no connections: which there may be, and what each may be.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use vault::Name;

use crate::{Endpoint, Error, SigningKey};

/// A secret that an administrator enters. There are no others, so nobody can fill the vault with what nothing reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Secret {
    /// Address of the on-call calendar; who knows it can read the calendar.
    CalendarUrl,
    /// Address that alerts are sent to; who knows it can post there.
    WebhookUrl,
    /// What alerts are signed with.
    WebhookKey,
}

/// Longest value, in bytes.
const LONGEST: usize = 2048;

impl Secret {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::CalendarUrl, Self::WebhookUrl, Self::WebhookKey];

    /// Its name on the wire and in the vault.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CalendarUrl => "calendar-url",
            Self::WebhookUrl => "webhook-url",
            Self::WebhookKey => "webhook-key",
        }
    }

    /// Its entry in the vault.
    #[expect(clippy::expect_used, reason = "the names of secrets are constants that a vault takes")]
    pub(crate) fn entry(self) -> Name {
        self.name().parse().expect("a secret has a name")
    }

    /// The value as it is stored, if it can be this secret. Space around it is dropped, since people paste.
    ///
    /// # Errors
    /// In words, which never quote the value.
    pub fn checked(self, value: &SecretString) -> Result<SecretString, Error> {
        let text = value.expose_secret().trim();
        if text.is_empty() {
            return Err(Error::Secret("is missing"));
        }
        if text.len() > LONGEST {
            return Err(Error::Secret("is longer than 2048 bytes"));
        }
        match self {
            Self::CalendarUrl | Self::WebhookUrl => drop(Endpoint::new(SecretString::from(text), false, None)?),
            Self::WebhookKey => drop(SigningKey::new(&SecretString::from(text))?),
        }
        Ok(SecretString::from(text))
    }
}

impl FromStr for Secret {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|secret| secret.name() == text).ok_or(Error::UnknownSecret)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
