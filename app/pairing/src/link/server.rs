//! The server's end: a link as it is stored, and whether a device may join by it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Instant;

use ed25519_dalek::{Signature, VerifyingKey};
use ipnet::{IpNet, Ipv4Net};

use super::{Exchange, Id, Key, KeyHash, Refusal};
use crate::Entropy;
use crate::message::{Octets, VERSION};
use crate::session::Nonces;

/// What an admin set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Where devices may join from.
    pub networks: Networks,
    /// Unix seconds from which nobody may join any more.
    pub expires_at: i64,
    /// How many devices may join.
    pub uses: u32,
}

/// A link as the server keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// By which it is found.
    pub id: Id,
    /// All that is kept of its key.
    pub key_hash: KeyHash,
    /// What an admin set.
    pub terms: Terms,
    /// How many devices joined.
    pub used: u32,
    /// Whether an admin ended it.
    pub revoked: bool,
}

impl Issued {
    /// A new link, and its key, which nobody can tell again.
    #[must_use]
    pub fn new(terms: Terms, entropy: &Entropy) -> (Self, Key) {
        let (id, key) = (Octets::new(entropy.draw("link id")), Key::draw(entropy));
        (Self { id, key_hash: key.hash(&id), terms, used: 0, revoked: false }, key)
    }

    /// Whether another device could join, wherever it is.
    ///
    /// # Errors
    /// Why none can.
    pub const fn is_open(&self, unix_now: i64) -> Result<(), Refusal> {
        if self.revoked {
            Err(Refusal::Revoked)
        } else if unix_now >= self.terms.expires_at {
            Err(Refusal::Expired)
        } else if self.used >= self.terms.uses {
            Err(Refusal::UsedUp)
        } else {
            Ok(())
        }
    }
}

/// That a device may join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It takes one use.
    New,
    /// It joined by this link already and did not hear of it: it is told the same once more.
    Again,
}

/// A device's wish to join.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The link that it names.
    pub id: &'a Id,
    /// What it posts.
    pub exchange: &'a Exchange,
    /// Its address as the server sees it.
    pub from: IpAddr,
    /// Whether its key joined by this link before, and is still registered.
    pub joined: bool,
}

/// Whether a device may join. `link` is the one that it names, if there is one.
///
/// # Errors
/// It may not. Who does not hold the key learns nothing but that; the nonce is spent once the signature was verified.
pub fn judge(
    link: Option<&Issued>,
    ask: &Ask<'_>,
    nonces: &mut Nonces,
    now: Instant,
    unix_now: i64,
) -> Result<Admission, Refusal> {
    let Ask { id, exchange, from, joined } = *ask;
    if exchange.version != VERSION {
        return Err(Refusal::Version);
    }
    // A link that is not there is compared as well, so that it takes the same time.
    let expected = link.map_or(Octets::new([0; 32]), |link| link.key_hash);
    let right = exchange.key.hash(id) == expected;
    let link = link.filter(|_| right).ok_or(Refusal::Unknown)?;
    verify(exchange, id)?;
    nonces.spend(exchange.nonce, now).map_err(|_| Refusal::StaleNonce)?;
    if !link.terms.networks.contain(from) {
        return Err(Refusal::Elsewhere);
    }
    match link.is_open(unix_now) {
        Err(Refusal::Revoked) => Err(Refusal::Revoked),
        _ if joined => Ok(Admission::Again),
        open => open.map(|()| Admission::New),
    }
}

/// Whether whoever holds nothing but the key, a browser, may use a link. `link` is the one that it names, if there is one.
///
/// # Errors
/// It may not. Who does not hold the key learns nothing but that.
pub fn judge_bearer(link: Option<&Issued>, id: &Id, key: &Key, from: IpAddr, unix_now: i64) -> Result<(), Refusal> {
    // As in `judge`: a link that is not there takes the same time.
    let expected = link.map_or(Octets::new([0; 32]), |link| link.key_hash);
    let right = key.hash(id) == expected;
    let link = link.filter(|_| right).ok_or(Refusal::Unknown)?;
    if !link.terms.networks.contain(from) {
        return Err(Refusal::Elsewhere);
    }
    link.is_open(unix_now)
}

fn verify(exchange: &Exchange, id: &Id) -> Result<(), Refusal> {
    let key = VerifyingKey::from_bytes(exchange.device_key.as_bytes()).map_err(|_| Refusal::Signature)?;
    let signature = Signature::from_bytes(exchange.signature.as_bytes());
    // Strict verification refuses weak keys, too.
    key.verify_strict(&exchange.signed(id), &signature).map_err(|_| Refusal::Signature)
}

/// Networks in CIDR notation; none stand for everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// What is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{0}\u{201d} is no network; write one like 192.168.10.0/24 or 2001:db8:7::/48")]
pub struct NotANetwork(String);

impl Networks {
    /// Whether an address lies in one of them. An IPv4 address in IPv6 clothes is an IPv4 address.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&address))
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Whether they stand for everywhere.
    #[must_use]
    pub const fn are_everywhere(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Networks {
    type Err = NotANetwork;

    /// Reads networks or single addresses, with commas or spaces between.
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let network = |part: &str| {
            let network = part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            network.map(|network: IpNet| canonical(network.trunc())).map_err(|_| NotANetwork(part.to_owned()))
        };
        let parts = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
        parts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

/// An IPv4 network in IPv6 clothes is an IPv4 network.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let mapped = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    mapped.and_then(|(address, length)| Ipv4Net::new(address, length).ok()).map_or(network, IpNet::V4)
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            network.fmt(f)?;
        }
        Ok(())
    }
}
