//! A URL that was judged.

use std::fmt;

use url::{Host, Url};

use crate::policy::{Policy, Refusal};

/// A URL that may be asked, as far as it says by itself; what its name resolves to is judged when it is.
///
/// Its `Display` and `Debug` show scheme, host and port: path and query of a webhook are its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Destination(Url);

impl Destination {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// The policy refuses it, or the host is written so that others read another one.
    pub fn parse(text: &str, policy: &Policy) -> Result<Self, Refusal> {
        let text = text.trim();
        let url = Url::parse(text).map_err(Refusal::Url)?;
        let judged = Self::new(url, policy)?;
        if !judged.is_spelled_plainly(text) {
            return Err(Refusal::Spelling(judged.host()));
        }
        Ok(judged)
    }

    /// Judges a URL that a program made.
    ///
    /// # Errors
    /// The policy refuses it.
    pub fn new(mut url: Url, policy: &Policy) -> Result<Self, Refusal> {
        policy.judge(&url)?;
        // What is behind `#` is the reader's own.
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The host, as in a URL.
    #[must_use]
    pub fn host(&self) -> String {
        self.0.host_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Whether the host stands in the text as it was read: parsers differ in what `0x7f.1`, `127%2e0.0.1`, a backslash
    /// or a tab mean. Names may be written in any script; what they become is judged when they are resolved.
    fn is_spelled_plainly(&self, text: &str) -> bool {
        let Some((scheme, rest)) = text.split_once("://") else { return false };
        if !scheme.eq_ignore_ascii_case(self.0.scheme()) {
            return false;
        }
        let written = match rest.split_once(['/', '?', '#']) {
            Some((authority, _)) => authority,
            None => rest,
        };
        let host = written.split(':').next().unwrap_or_default();
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        match self.0.host() {
            Some(Host::Ipv4(address)) => host == address.to_string(),
            Some(Host::Domain(name)) if host.is_ascii() => host.eq_ignore_ascii_case(name),
            Some(Host::Domain(_)) => host.chars().all(is_plain),
            // All parsers read these alike.
            Some(Host::Ipv6(_)) => written.starts_with('['),
            None => false,
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Destination({self})")
    }
}
