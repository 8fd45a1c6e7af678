//! What the answers from the network are worth. No I/O.

use std::net::IpAddr;

use ipnet::IpNet;
use rustls_pki_types::DnsName;
use url::Url;

/// More servers than this are not looked at.
const MOST: usize = 16;
/// More addresses of one server than this are not looked at.
const MOST_ADDRESSES: usize = 16;

/// An answer to "who is `_nexus._tcp`?", as anybody may send it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Where it says that it listens.
    pub port: u16,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The name by which alone its certificate counts, if it says so.
    pub host: Option<Vec<u8>>,
}

/// A server that can be asked. It always has a base address, `https`, and nothing beside host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    server: Url,
}

impl Found {
    /// The servers of these answers, in an order that does not depend on who was quicker. Only addresses in networks that
    /// this machine itself is in count: whoever answers by multicast is there.
    #[must_use]
    pub fn among(answers: &[Answer], networks: &[IpNet]) -> Vec<Self> {
        let mut found: Vec<_> = answers.iter().filter_map(|answer| Self::of(answer, networks)).collect();
        found.sort();
        found.dedup();
        found.truncate(MOST);
        found.into_iter().map(|(_, server)| Self { server }).collect()
    }

    /// The server of a name that the network's own search domain leads to; none where that is no host name.
    #[must_use]
    pub fn named(name: &str, port: u16) -> Option<Self> {
        Some(Self { server: by_name(name, port)? })
    }

    /// Its base address.
    #[must_use]
    pub const fn server(&self) -> &Url {
        &self.server
    }

    fn of(answer: &Answer, networks: &[IpNet]) -> Option<(Rank, Url)> {
        if answer.port == 0 {
            return None;
        }
        let near = |address: &IpAddr| {
            !address.is_unspecified()
                && !address.is_multicast()
                && networks.iter().any(|network| network.contains(address))
        };
        let mut addresses: Vec<_> =
            answer.addresses.iter().take(MOST_ADDRESSES).map(IpAddr::to_canonical).filter(near).collect();
        // IPv4 first, as people read it more easily.
        addresses.sort();
        let address = *addresses.first()?;
        let url = match &answer.host {
            Some(host) => by_name(std::str::from_utf8(host).ok()?, answer.port)?,
            None => by_address(address, answer.port)?,
        };
        Some((Rank(address, answer.port), url))
    }
}

/// The order in which servers are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(IpAddr, u16);

fn by_address(address: IpAddr, port: u16) -> Option<Url> {
    let mut url = Url::parse("https://localhost/").ok()?;
    url.set_ip_host(address).ok()?;
    url.set_port(Some(port)).ok()?;
    Some(url)
}

fn by_name(name: &str, port: u16) -> Option<Url> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_dns = DnsName::try_from(name.as_str()).is_ok() && name.parse::<IpAddr>().is_err();
    // Names of one label, and those of mDNS, nobody resolves here.
    let resolves = name.contains('.') && !name.ends_with(".local") && !name.ends_with(".localhost");
    if !is_dns || !resolves || port == 0 {
        return None;
    }
    let url = Url::parse(&format!("https://{name}:{port}/")).ok()?;
    // What looks like a number is an address for a browser: 0x7f.1 is one of this machine.
    url.domain().is_some_and(|domain| domain == name).then_some(url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;

    fn networks() -> Vec<IpNet> {
        ["192.0.2.0/24", "2001:db8::/64"].map(|network| network.parse().unwrap()).to_vec()
    }

    fn answer(addresses: &[&str], port: u16, host: Option<&str>) -> Answer {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Answer { port, addresses, host: host.map(|host| host.as_bytes().to_vec()) }
    }

    fn urls(answers: &[Answer]) -> Vec<String> {
        Found::among(answers, &networks()).iter().map(|found| found.server().to_string()).collect()
    }

    #[test]
    fn of_several_servers_the_same_one_comes_first_whoever_answers_first() {
        let (one, other) = (answer(&["192.0.2.10"], 8443, None), answer(&["192.0.2.9", "2001:db8::1"], 8443, None));
        let expected = ["https://192.0.2.9:8443/", "https://192.0.2.10:8443/"];
        assert_eq!(urls(&[one.clone(), other.clone()]), expected);
        assert_eq!(urls(&[other.clone(), one, other]), expected, "each of them once");
    }

    #[test]
    fn only_what_is_in_the_screens_own_networks_is_asked() {
        for address in ["198.51.100.7", "127.0.0.1", "0.0.0.0", "224.0.0.251", "::1", "fe80::1", "::ffff:127.0.0.1"] {
            assert_eq!(urls(&[answer(&[address], 8443, None)]), [""; 0], "{address}");
            assert_eq!(urls(&[answer(&[address], 8443, Some("nexus.example.com"))]), [""; 0], "{address}");
        }
        assert_eq!(urls(&[answer(&["::ffff:192.0.2.7"], 8443, None)]), ["https://192.0.2.7:8443/"]);
        assert_eq!(urls(&[answer(&["2001:db8::7"], 8443, None)]), ["https://[2001:db8::7]:8443/"]);
        assert_eq!(urls(&[answer(&["192.0.2.7"], 0, None)]), [""; 0], "nobody listens on port 0");
    }

    #[test]
    fn a_name_is_taken_for_what_a_certificate_can_be_for_and_nothing_else() {
        let named = |host| urls(&[answer(&["192.0.2.7"], 8443, Some(host))]);
        assert_eq!(named("Nexus.example.com"), ["https://nexus.example.com:8443/"]);
        for host in
            ["", "nexus", "a.local", "127.0.0.1", "0x7f.1", "2130706433.", "a@b.example", "a.example/x", "a b.example"]
        {
            assert_eq!(named(host), [""; 0], "{host}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_answered_leads_to_a_port_of_a_host_over_tls_and_nowhere_else(
            answers in prop::collection::vec(
                (any::<u16>(), prop::collection::vec(any::<IpAddr>(), 0..40), prop::option::of("\\PC{0,300}|[a-z.0-9x:/@#?-]{0,40}")),
                0..40,
            ),
            own in any::<[u8; 4]>(),
            length in 0_u8..=32,
        ) {
            let networks = [IpNet::new(own.into(), length).unwrap()];
            let answers: Vec<_> = answers
                .into_iter()
                .map(|(port, addresses, host)| Answer { port, addresses, host: host.map(String::into_bytes) })
                .collect();
            let found = Found::among(&answers, &networks);
            prop_assert!(found.len() <= MOST);
            for found in found {
                let url = found.server();
                prop_assert_eq!((url.scheme(), url.path(), url.query(), url.fragment()), ("https", "/", None, None));
                prop_assert!(url.username().is_empty() && url.password().is_none());
                match url.host().unwrap() {
                    url::Host::Ipv4(v4) => prop_assert!(networks[0].contains(&IpAddr::V4(v4)) && !v4.is_multicast()),
                    url::Host::Ipv6(_) => prop_assert!(false, "this machine has no such network"),
                    url::Host::Domain(name) => prop_assert!(name.contains('.') && name.len() < 254),
                }
            }
        }
    }
}
