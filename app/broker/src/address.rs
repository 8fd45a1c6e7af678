//! Where a connection may lead.

use std::fmt;
use std::str::FromStr;

use egress::{Destination, Policy, Refusal};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::Error;

/// The address under which every request of a connection stays: scheme, host, port and path prefix.
///
/// Sealing it is the administrator's approval of exactly this host, on the local network too ([`Policy::Lan`]): a literal
/// address is judged here, a name when it is resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Takes an `http` or `https` address without user, query or fragment.
    pub fn new(mut url: Url) -> Result<Self, Error> {
        Destination::new(url.clone(), &policy(&url))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::Address("must not hold a query or a fragment"));
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
        self.0.scheme() != "https" && !stays_here
    }

    /// Who may be asked in its name: this host.
    pub(crate) fn policy(&self) -> Policy {
        policy(&self.0)
    }
}

/// The policy by which a URL's own host is approved. One without a host is admitted by none.
fn policy(url: &Url) -> Policy {
    url.host().map_or(Policy::Public, |host| Policy::Lan(host.to_owned()))
}

impl FromStr for BaseUrl {
    type Err = Error;

    /// What somebody typed, which has to be spelled so that everybody reads the same host in it.
    fn from_str(text: &str) -> Result<Self, Error> {
        let url = Url::parse(text).map_err(Refusal::Url)?;
        Destination::parse(text, &policy(&url))?;
        Self::new(url)
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
