//! Where a connection may lead.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::Error;

/// The address under which every request of a connection stays: scheme, host, port and path prefix.
///
/// Sealing it is the administrator's approval of exactly this host, on the local network too. Plain
/// `http` is taken for hosts on the local network only, since the credential travels in the open:
/// a literal address is checked here, a name when it is resolved ([`is_local`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Takes an `http` or `https` address without user, query or fragment.
    pub fn new(mut url: Url) -> Result<Self, Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Address("must begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Address("must not hold a user or password; the token goes elsewhere"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::Address("must not hold a query or a fragment"));
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            _ => None,
        };
        if url.scheme() == "http" && literal.is_some_and(|address| !is_local(address)) {
            return Err(Error::Address(
                "must begin with https:// outside the local network, since http:// shows the token",
            ));
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self(url))
    }

    /// This address with a further path. The path begins with no slash.
    pub fn join(&self, path: &str) -> Result<Self, Error> {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", url.path()));
        Self::new(url)
    }

    /// The address of a request: the rest of a path as it came in over HTTP, and a query. `None` where
    /// it would leave this address, or where servers differ in how they read it.
    pub fn request(&self, path: &str, query: Option<&str>) -> Option<Url> {
        let mut segments = path.split('/').peekable();
        while let Some(segment) = segments.next() {
            let decoded = percent_decode_str(segment).decode_utf8().ok()?;
            let last = segments.peek().is_none();
            let splits_or_climbs = decoded == "."
                || decoded == ".."
                || decoded.contains(['/', '\\'])
                || decoded.chars().any(char::is_control);
            if splits_or_climbs || (decoded.is_empty() && !last) {
                return None;
            }
        }
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", url.path()));
        url.set_query(query);
        (url.origin() == self.0.origin() && url.path().starts_with(self.0.path())).then_some(url)
    }

    /// Whether a request leaves this machine unencrypted, so that others on its network can read the credential.
    pub fn is_in_clear(&self) -> bool {
        let stays_here = match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        };
        !self.is_https() && !stays_here
    }

    /// Whether requests are encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

/// Whether an address is this machine or on a private network: RFC 1918, RFC 4193, RFC 6598.
pub(crate) fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

impl FromStr for BaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(Url::parse(text).map_err(|_| Error::Address("is no URL; write it like https://desk.example.com"))?)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<BaseUrl> for String {
    fn from(base: BaseUrl) -> Self {
        base.0.into()
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
