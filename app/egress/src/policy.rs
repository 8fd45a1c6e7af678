//! Who may be asked: anybody on the internet, or one host that an administrator approved.

use std::net::IpAddr;

use url::{Host, Url};

use crate::address::{Kind, kind};

/// Who may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Hosts of the internet.
    Public,
    /// This host alone, which an administrator approved, at any port: on the local network, this machine, or the internet,
    /// where only `https` is spoken. What is in clear stays on the local network.
    Lan(Host),
}

/// Why somebody is not asked. Names the host, never more of the URL: the rest may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no URL.
    #[error("this is no URL ({0}); write it like https://example.com/path")]
    Url(url::ParseError),
    /// Another scheme.
    #[error("the address begins with {0}://; only https:// and http:// are asked")]
    Scheme(String),
    /// A user or a password in the URL, which would stand in logs.
    #[error("the address of {0} holds a user or password; enter these in their own fields")]
    Credentials(String),
    /// The host is not written as everybody reads it: `0x7f.1`, `2130706433`, `127%2e0.0.1`.
    #[error("the host is written in an unusual way; {0} is how it is read; write that")]
    Spelling(String),
    /// A port of the internet on which something else than the web is spoken.
    #[error(
        "port {1} of {0} is not asked: 80, 443 and those from 1024 on are, but for those where databases and the like listen"
    )]
    Port(String, u16),
    /// Not the host that was approved.
    #[error("{0} is not asked; only {1} is approved here")]
    OtherHost(String, String),
    /// A name has no address.
    #[error("{0} is not known")]
    Unknown(String),
    /// An address that is not for this.
    #[error("{} {kind}; that is not asked from here", located(host, address))]
    Address {
        /// The host as it was written.
        host: String,
        /// Where it is.
        address: IpAddr,
        /// What is there.
        kind: Kind,
    },
    /// What is in clear would leave the local network.
    #[error("{0} is not on the local network, and http:// can be read on the way; write https://")]
    InClear(String),
}

/// Where a host is, up to the verb; a literal address is where it says.
fn located(host: &str, address: &IpAddr) -> String {
    match host.trim_matches(['[', ']']) == address.to_string() {
        true => format!("{host} is"),
        false => format!("{host} is at {address}, which is"),
    }
}

impl Policy {
    /// Judges what a URL says by itself.
    pub(crate) fn judge(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        let Some(host) = url.host() else { return Err(Refusal::Url(url::ParseError::EmptyHost)) };
        let host = host.to_owned();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials(host.to_string()));
        }
        match (self, url.port_or_known_default()) {
            (Self::Lan(approved), _) if *approved != host => {
                return Err(Refusal::OtherHost(host.to_string(), approved.to_string()));
            }
            (Self::Public, port) if !port.is_some_and(is_asked) => {
                return Err(Refusal::Port(host.to_string(), port.unwrap_or_default()));
            }
            _ => {}
        }
        match host {
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => self.admit(&host.to_string(), address.into(), url.scheme() == "https"),
            Host::Ipv6(address) => self.admit(&host.to_string(), address.into(), url.scheme() == "https"),
        }
    }

    /// Judges an address of a host, by what it will be asked in.
    pub(crate) fn admit(&self, host: &str, address: IpAddr, is_encrypted: bool) -> Result<(), Refusal> {
        match (self, kind(address)) {
            (Self::Public, Kind::Public) | (Self::Lan(_), Kind::Private | Kind::Loopback) => Ok(()),
            (Self::Lan(_), Kind::Public) if is_encrypted => Ok(()),
            (Self::Lan(_), Kind::Public) => Err(Refusal::InClear(host.to_owned())),
            (_, kind) => Err(Refusal::Address { host: host.to_owned(), address, kind }),
        }
    }
}

/// Ports above 1023 where the Fetch standard expects something else than a web server (its "bad ports"), and where
/// databases, caches and control planes listen that take requests of whoever reaches them.
const OTHERS: [u16; 31] = [
    1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900, 5984,
    6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211,
];

fn is_asked(port: u16) -> bool {
    match port {
        80 | 443 => true,
        1024.. => !OTHERS.contains(&port),
        _ => false,
    }
}
