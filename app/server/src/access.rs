//! Who may do what: the rules, without a connection to apply them to.

pub(crate) mod gate;

use std::net::{IpAddr, Ipv6Addr};

use http::uri::Authority;
use pairing::link::server::Networks;

use crate::{
    config::{OpenRead, PublicName},
    forwarded::Client,
};

/// Whether the `Host` (or `:authority`) that a browser named is one of ours, so that a foreign name that resolves to
/// this server (DNS rebinding) reads nothing. An address cannot be rebound and is always ours.
pub(crate) fn names_this_server(authority: &str, names: &[PublicName]) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    let host = authority.host();
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    literal.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || names.iter().filter_map(PublicName::host).any(|name| name.eq_ignore_ascii_case(host))
}

/// What the operator says about addresses.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    /// Whose forwarding headers are believed.
    pub(crate) proxies: Option<Networks>,
    /// Who may ask for anything at all.
    pub(crate) allowlist: Option<Networks>,
    /// Who may read without being known.
    pub(crate) open_read: OpenRead,
}

/// What becomes of somebody who shows neither token nor session and wants to read a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// May read.
    Reads,
    /// May read with the passcode.
    NeedsPasscode,
    /// May not read, whatever is typed.
    Closed,
}

impl Gate {
    /// Whether anything is heard from the other end of a connection: where there is a list, from whom it names, from proxies
    /// that bring others, and from this machine, where somebody may ask how the server does.
    pub(crate) fn hears(&self, peer: IpAddr) -> bool {
        let Some(list) = &self.allowlist else { return true };
        let is_proxy = || self.proxies.as_ref().is_some_and(|proxies| proxies.contain(peer));
        list.contain(peer) || peer.to_canonical().is_loopback() || is_proxy()
    }

    /// Whether a client may ask for anything at all. One whose address is unknown is on no list.
    pub(crate) fn admits(&self, client: Client) -> bool {
        self.allowlist.as_ref().is_none_or(|list| client.is_known() && list.contain(client.ip()))
    }

    /// Whether a stranger may read. By default that takes a near address, because nothing else stands before the boards.
    /// A passcode, or a list of networks, is such a thing: then it counts, and nearness does not. Whoever comes through a
    /// proxy that nobody vouches for has an unknown address, and counts as being far away.
    pub(crate) fn stranger(&self, client: Client, has_passcode: bool) -> Verdict {
        match (has_passcode, self.open_read) {
            (true, _) => Verdict::NeedsPasscode,
            (false, OpenRead::Nobody) => Verdict::Closed,
            (false, OpenRead::Everyone) => Verdict::Reads,
            (false, OpenRead::Private) => {
                let near = is_private(client.ip()) || self.allowlist.is_some();
                if client.is_known() && near { Verdict::Reads } else { Verdict::Closed }
            }
        }
    }
}

/// An address of the server's own networks: loopback, link-local, RFC 1918, or unique local (RFC 4193).
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// What is counted as one stranger: an IPv4 address, or an IPv6 /64, which is one customer's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Neighbourhood(IpAddr);

impl From<IpAddr> for Neighbourhood {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.into()),
            IpAddr::V6(v6) => Self(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn only_our_own_names_and_addresses_are_ours() {
        let names = [PublicName::Host("nexus.example.com".to_owned())];
        for ours in ["nexus.example.com", "NEXUS.example.com:8443", "localhost:1", "192.0.2.1:8443", "[::1]:8443"] {
            assert!(names_this_server(ours, &names), "{ours}");
        }
        for foreign in ["evil.example", "nexus.example.com.evil.example", "", "a b", "127.0.0.1.evil.example"] {
            assert!(!names_this_server(foreign, &names), "{foreign}");
        }
    }

    fn client(address: &str, forwarded: bool) -> Client {
        let forwarded = forwarded.then(|| (header::VIA, HeaderValue::from_static("1.1 x")));
        Client::of(SocketAddr::new(address.parse().unwrap(), 1), &forwarded.into_iter().collect(), None).unwrap()
    }

    fn gate(open_read: OpenRead, allowlist: Option<&str>) -> Gate {
        Gate { proxies: None, allowlist: allowlist.map(|list| list.parse().unwrap()), open_read }
    }

    #[test]
    fn open_read_is_for_private_addresses_that_nobody_forwards_for() {
        let gate = gate(OpenRead::Private, None);
        for near in ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::ffff:172.16.0.1", "fd00::1", "fe80::1", "::1"] {
            assert_eq!(gate.stranger(client(near, false), false), Verdict::Reads, "{near}");
            assert_eq!(gate.stranger(client(near, true), false), Verdict::Closed, "{near}");
        }
        for far in ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::1", "100.64.0.1", "0.0.0.0"] {
            assert_eq!(gate.stranger(client(far, false), false), Verdict::Closed, "{far}");
        }
    }

    #[test]
    fn what_a_stranger_may_depends_on_every_layer() {
        use {OpenRead::*, Verdict::*};
        let list = Some("192.168.0.0/16, 203.0.113.0/24");
        let (near, far) = ("192.168.0.9", "203.0.113.7");
        for (open_read, list, passcode, from, expected) in [
            (Private, None, false, near, Reads),
            (Private, None, false, far, Closed),
            (Private, list, false, near, Reads),
            (Private, list, false, far, Reads),
            (Private, None, true, near, NeedsPasscode),
            (Private, None, true, far, NeedsPasscode),
            (Private, list, true, near, NeedsPasscode),
            (Everyone, None, false, near, Reads),
            (Everyone, None, false, far, Reads),
            (Everyone, None, true, near, NeedsPasscode),
            (Nobody, None, false, near, Closed),
            (Nobody, list, false, near, Closed),
            (Nobody, None, true, near, NeedsPasscode),
            (Nobody, None, true, far, NeedsPasscode),
        ] {
            let verdict = gate(open_read, list).stranger(client(from, false), passcode);
            assert_eq!(verdict, expected, "{open_read:?} {list:?} {passcode} {from}");
        }
    }

    #[test]
    fn a_list_admits_whom_it_names_and_nobody_whose_address_is_unknown() {
        let gate = gate(OpenRead::Private, Some("192.168.0.0/16, ::ffff:10.0.0.0/104, 2001:db8::/32"));
        for named in ["192.168.3.4", "::ffff:192.168.3.4", "10.9.9.9", "2001:db8::5"] {
            assert!(gate.admits(client(named, false)) && !gate.admits(client(named, true)), "{named}");
        }
        for other in ["192.169.0.1", "::ffff:192.169.0.1", "::1", "127.0.0.1", "2001:db9::1"] {
            assert!(!gate.admits(client(other, false)), "{other}");
        }
        assert!(self::gate(OpenRead::Private, None).admits(client("203.0.113.7", true)));
    }

    #[test]
    fn nothing_is_heard_from_whom_a_list_does_not_name_but_from_proxies_and_this_machine() {
        let proxies = Some("10.0.0.1".parse().unwrap());
        let gate = Gate { proxies, ..gate(OpenRead::Private, Some("192.168.0.0/16")) };
        for heard in ["192.168.3.4", "::ffff:192.168.3.4", "10.0.0.1", "127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(gate.hears(heard.parse().unwrap()), "{heard}");
        }
        for unheard in ["10.0.0.2", "203.0.113.7", "::ffff:203.0.113.7", "2001:db8::1"] {
            assert!(!gate.hears(unheard.parse().unwrap()), "{unheard}");
        }
        assert!(self::gate(OpenRead::Private, None).hears("203.0.113.7".parse().unwrap()));
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_stranger() {
        let of = |address: &str| Neighbourhood::from(address.parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
