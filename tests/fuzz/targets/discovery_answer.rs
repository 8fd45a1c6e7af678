//! What anybody in the network answers to "who is `_nexus._tcp`?", by multicast.
#![no_main]

use std::net::{IpAddr, Ipv6Addr};

use agent::discovery::{Answer, Found};
use ipnet::IpNet;
use libfuzzer_sys::fuzz_target;
use url::Host;

/// Port, addresses (IPv4 as mapped ones), host.
type Written = (u16, Vec<[u8; 16]>, Option<Vec<u8>>);

fuzz_target!(|input: (Vec<Written>, [u8; 16], u8)| {
    let (answers, network, length) = input;
    let address = |bytes| Ipv6Addr::from(bytes).to_canonical();
    let network = match address(network) {
        IpAddr::V4(network) => IpNet::new(network.into(), length % 33),
        IpAddr::V6(network) => IpNet::new(network.into(), length % 129),
    }
    .expect("the length fits");
    let answers: Vec<Answer> = answers
        .into_iter()
        .map(|(port, addresses, host)| Answer { port, addresses: addresses.into_iter().map(address).collect(), host })
        .collect();
    for found in Found::among(&answers, &[network]) {
        let url = found.server();
        assert_eq!((url.scheme(), url.username(), url.path()), ("https", "", "/"));
        assert!(url.password().is_none() && url.query().is_none() && url.fragment().is_none());
        match url.host().expect("a server has a host") {
            Host::Ipv4(host) => assert!(network.contains(&IpAddr::V4(host)), "{url} is not in {network}"),
            Host::Ipv6(host) => assert!(network.contains(&IpAddr::V6(host)), "{url} is not in {network}"),
            Host::Domain(name) => assert!(name.contains('.') && !name.ends_with(".localhost"), "{url}"),
        }
    }
});
