//! Kinds of addresses: no form of a private one counts as public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use egress::{Destination, Kind, Policy, Special, kind};
use proptest::prelude::*;
use url::Host;

proptest! {
    #[test]
    fn an_ipv4_address_in_any_disguise_is_not_public(address: u32) {
        let v4 = Ipv4Addr::from_bits(address);
        let [a, b, c, d] = v4.octets().map(u16::from);
        let (high, low) = (a << 8 | b, c << 8 | d);
        for disguised in [
            v4.to_ipv6_mapped(),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, high, low, 0, 0, 0, 1),
        ] {
            prop_assert!(matches!(kind(disguised.into()), Kind::Special(Special::Embedded)), "{disguised}");
        }
    }

    #[test]
    fn what_the_standard_library_calls_private_loopback_or_special_is_not_public(address: u32, high: u64, low: u64) {
        let v4 = Ipv4Addr::from_bits(address);
        if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.is_broadcast()
            || v4.is_documentation() || v4.is_unspecified()
        {
            prop_assert_ne!(kind(v4.into()), Kind::Public);
        }
        let v6 = Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low));
        if v6.is_multicast() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback() {
            prop_assert_ne!(kind(v6.into()), Kind::Public);
        }
    }

    #[test]
    fn only_unicast_that_has_been_given_out_is_public_in_ipv6(high: u64, low: u64) {
        let v6 = Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low));
        if kind(v6.into()) == Kind::Public {
            prop_assert_eq!(v6.segments()[0] >> 13, 1);
        }
    }

    #[test]
    fn any_text_is_judged_and_what_is_admitted_leads_to_no_special_literal(text in "(https?://)?[0-9a-fx.:\\[\\]%@/\\\\]{0,24}") {
        if let Ok(destination) = Destination::parse(&text, &Policy::Public)
            && let Ok(address) = destination.host().trim_matches(['[', ']']).parse::<IpAddr>()
        {
            prop_assert_eq!(kind(address), Kind::Public, "{}", text);
        }
    }
}

#[test]
fn the_edges_of_networks_are_where_the_registries_say() {
    let kinds = |text: &str| kind(text.parse().unwrap());
    for (last, first_public) in [
        ("10.255.255.255", "11.0.0.0"),
        ("172.31.255.255", "172.32.0.0"),
        ("192.168.255.255", "192.169.0.0"),
        ("100.127.255.255", "100.128.0.0"),
        ("127.255.255.255", "128.0.0.0"),
        ("169.254.255.255", "169.255.0.0"),
        ("198.19.255.255", "198.20.0.0"),
        ("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"),
        ("2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"),
    ] {
        assert_ne!(kinds(last), Kind::Public, "{last}");
        assert_eq!(kinds(first_public), Kind::Public, "{first_public}");
    }
    assert_eq!(kinds("100.64.0.1"), Kind::Private);
    assert_eq!(kinds("fd12::1"), Kind::Private);
    assert_eq!(kinds("::1"), Kind::Loopback);
}

#[test]
fn an_approved_host_is_asked_on_the_local_network_and_no_other_host_is() {
    let lan = |host: &str| Policy::Lan(Host::parse(host).unwrap());
    for (url, host) in [
        ("http://10.0.0.7:8080/rt", "10.0.0.7"),
        ("http://127.0.0.1:81/", "127.0.0.1"),
        ("https://[fd00::7]/", "[fd00::7]"),
        ("https://93.184.215.14/", "93.184.215.14"),
        ("https://desk.intranet:444/rt/", "desk.intranet"),
        ("http://DESK.intranet/", "desk.intranet"),
    ] {
        assert!(Destination::parse(url, &lan(host)).is_ok(), "{url}");
    }
    for (url, host, words) in [
        ("http://10.0.0.8/", "10.0.0.7", "only 10.0.0.7 is approved"),
        ("https://desk.intranet.example/", "desk.intranet", "only desk.intranet is approved"),
        ("http://93.184.215.14/", "93.184.215.14", "https://"),
        ("https://169.254.169.254/", "169.254.169.254", "metadata"),
        ("https://224.0.0.1/", "224.0.0.1", "multicast"),
        ("https://[::ffff:10.0.0.7]/", "[::ffff:10.0.0.7]", "disguise"),
    ] {
        let refusal = Destination::parse(url, &lan(host)).unwrap_err().to_string();
        assert!(refusal.contains(words), "{url}: {refusal}");
    }
}
