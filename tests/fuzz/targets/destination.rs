//! Addresses that administrators type, and that lead out of the server.
#![no_main]

use std::net::IpAddr;

use egress::{Destination, Kind, Policy, kind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(destination) = Destination::parse(text, &Policy::Public) else { return };
    let host = destination.host();
    if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
        assert_eq!(kind(address), Kind::Public, "{text}");
    }
    // What others would read is what was judged.
    let read = text.trim().to_lowercase();
    assert!(!host.is_ascii() || !text.is_ascii() || host.starts_with('[') || read.contains(&host), "{text}: {host}");
});
