//! What a DHCP server says of the network, as `nmcli` prints it. Whoever answers first is believed, so nothing but addresses
//! may come of it.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use machine::lease::time_servers;

fuzz_target!(|said: &str| {
    let Some(file) = time_servers(said) else { return };
    let servers =
        file.strip_prefix("[Time]\nNTP=").and_then(|rest| rest.strip_suffix('\n')).expect("a file of two lines");
    assert!(!servers.is_empty());
    assert!(servers.split(' ').all(|server| server.parse::<IpAddr>().is_ok()), "{servers:?}");
});
