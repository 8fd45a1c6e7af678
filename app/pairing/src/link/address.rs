//! The text of a link, read and written.

use std::fmt;

use url::Url;
use zeroize::Zeroizing;

use super::{AnchorHash, Id, Key};

/// What stands in the key's place once a device has taken it over.
const ERASED: &str = "erased";

/// Where a link leads: everything of it but the key. Shown, it is the link with its key erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    server: Url,
    id: Id,
    anchor: Option<AnchorHash>,
}

/// Why a text is no access link. The text is not repeated: it may hold a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a URL, or one of another shape.
    #[error("it is no access link; one looks like https://nexus.example.com/s/<id>#<key>.<anchor hash>")]
    Shape,
    /// Not https.
    #[error("an access link begins with https://")]
    Scheme,
    /// The part behind the `#` is missing, cut off, or mistyped.
    #[error("the part of the access link behind the # is not whole; copy the link once more")]
    Fragment,
}

impl Address {
    /// The address of a link of this server. `None` where `server` is more than scheme, host and port, or not https.
    #[must_use]
    pub fn new(server: Url, id: Id, anchor: Option<AnchorHash>) -> Option<Self> {
        let bare = server.path() == "/" && server.query().is_none() && server.fragment().is_none();
        let https = server.scheme() == "https" && server.has_host();
        let anonymous = server.username().is_empty() && server.password().is_none();
        (bare && https && anonymous).then_some(Self { server, id, anchor })
    }

    /// Reads a link. There is no key where a device has taken it over and erased it.
    ///
    /// # Errors
    /// The text is none.
    pub fn read(text: &str) -> Result<(Self, Option<Key>), AddressError> {
        let mut server = Url::parse(text.trim()).map_err(|_| AddressError::Shape)?;
        if server.scheme() != "https" {
            return Err(AddressError::Scheme);
        }
        let id = server.path().strip_prefix("/s/").and_then(|id| id.parse().ok()).ok_or(AddressError::Shape)?;
        let fragment = Zeroizing::new(server.fragment().ok_or(AddressError::Fragment)?.to_owned());
        let (key, anchor) = match fragment.split_once('.') {
            Some((key, anchor)) => (key, Some(anchor.parse().map_err(|_| AddressError::Fragment)?)),
            None => (fragment.as_str(), None),
        };
        let key = match key {
            ERASED => None,
            key => Some(key.parse().map_err(|_| AddressError::Fragment)?),
        };
        server.set_fragment(None);
        server.set_path("/");
        Ok((Self::new(server, id, anchor).ok_or(AddressError::Shape)?, key))
    }

    /// The whole link. A secret.
    #[must_use]
    pub fn with(&self, key: &Key) -> Zeroizing<String> {
        Zeroizing::new(self.written(&key.expose()))
    }

    /// The server's base address.
    #[must_use]
    pub const fn server(&self) -> &Url {
        &self.server
    }

    /// By which the server finds the link.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }

    /// Which trust anchor is meant; `None` for the public web's roots.
    #[must_use]
    pub const fn anchor(&self) -> Option<&AnchorHash> {
        self.anchor.as_ref()
    }

    fn written(&self, key: &str) -> String {
        let Self { server, id, anchor } = self;
        let hash = anchor.map(|anchor| format!(".{anchor}")).unwrap_or_default();
        format!("{server}s/{id}#{key}{hash}")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(ERASED))
    }
}
