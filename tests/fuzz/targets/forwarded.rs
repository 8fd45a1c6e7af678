//! `Forwarded` and `X-Forwarded-For` as a trusted proxy passes them on, with anything before what it appended.
#![no_main]

use std::net::SocketAddr;

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use server::forwarded::{Client, Unbelievable};

fuzz_target!(|sent: (Vec<u8>, Vec<u8>, bool)| {
    let (standard, usual, appended) = sent;
    let proxies = "10.0.0.0/8".parse().expect("a network");
    let peer: SocketAddr = "10.0.0.1:1".parse().expect("an address");
    let mut headers = HeaderMap::new();
    for (name, value, hop) in
        [("forwarded", &standard, "for=198.51.100.7"), ("x-forwarded-for", &usual, "198.51.100.7")]
    {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
        if appended {
            headers.append(name, HeaderValue::from_static(hop));
        }
    }
    match Client::of(peer, &headers, Some(&proxies)) {
        Ok(client) if appended => assert!(client.is_known() && client.ip().to_string() == "198.51.100.7"),
        Ok(client) => assert_eq!(client.ip(), client.ip().to_canonical()),
        Err(error) => assert!(!(appended && error == Unbelievable::Contradiction), "both name the same client"),
    }
    let direct = Client::of(peer, &headers, None).expect("nobody is believed, so nothing is unbelievable");
    assert_eq!((direct.ip(), direct.is_known()), (peer.ip(), headers.is_empty()));
});
