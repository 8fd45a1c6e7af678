//! The domains that a network's DHCP server names, as `resolv.conf` has them, and the servers that they lead to.
#![no_main]

use agent::discovery::{Found, domains};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let domains = domains(text);
    assert!(domains.len() <= 6, "{domains:?}");
    for domain in domains {
        assert!(!domain.contains(|letter: char| letter.is_whitespace() || "/@:?#".contains(letter)), "{domain:?}");
        if let Some(found) = Found::named(&format!("nexus.{domain}"), 8443) {
            let url = found.server();
            assert_eq!((url.scheme(), url.username(), url.path()), ("https", "", "/"));
            assert!(url.domain().is_some_and(|host| host.ends_with(&domain)), "{url} is not in {domain}");
        }
    }
});
