//! Who may do what: the rules, without a connection to apply them to.

use std::net::{IpAddr, Ipv6Addr};

use http::{HeaderMap, header, uri::Authority};

use crate::config::{OpenRead, PublicName};

/// Whether the `Host` (or `:authority`) that a browser named is one of ours, so that a foreign name that resolves to
/// this server (DNS rebinding) reads nothing. An address cannot be rebound and is always ours.
pub(crate) fn names_this_server(authority: &str, names: &[PublicName]) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    let host = authority.host();
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    literal.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || names.iter().any(|name| matches!(name, PublicName::Host(name) if name.eq_ignore_ascii_case(host)))
}

/// Whether a stranger at `source` may read boards. Whoever comes through a proxy that nobody vouches for has an
/// unknown address, and counts as being far away.
pub(crate) fn may_read_openly(policy: OpenRead, source: IpAddr, headers: &HeaderMap) -> bool {
    match policy {
        OpenRead::Everyone => true,
        OpenRead::Nobody => false,
        OpenRead::Private => is_private(source) && !was_forwarded(headers),
    }
}

/// An address of the server's own networks: loopback, link-local, RFC 1918, or unique local (RFC 4193).
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Whether a proxy says that it passes this request on.
pub(crate) fn was_forwarded(headers: &HeaderMap) -> bool {
    ["x-forwarded-for", "x-real-ip", "x-forwarded-host", "via"].iter().any(|name| headers.contains_key(*name))
        || headers.contains_key(header::FORWARDED)
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

    #[test]
    fn open_read_is_for_private_addresses_that_nobody_forwards_for() {
        let private =
            |address: &str, headers: &HeaderMap| may_read_openly(OpenRead::Private, address.parse().unwrap(), headers);
        let direct = HeaderMap::new();
        for near in ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::ffff:172.16.0.1", "fd00::1", "fe80::1", "::1"] {
            assert!(private(near, &direct), "{near}");
        }
        for far in ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::1", "100.64.0.1", "0.0.0.0"] {
            assert!(!private(far, &direct), "{far}");
        }
        for header in ["x-forwarded-for", "forwarded", "via"] {
            let forwarded = HeaderMap::from_iter([(header.parse().unwrap(), "10.0.0.1".parse().unwrap())]);
            assert!(!private("127.0.0.1", &forwarded), "{header}");
        }
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_stranger() {
        let of = |address: &str| Neighbourhood::from(address.parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
