//! An access link, as somebody copied it into `nexus.toml`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pairing::link::Address;

fuzz_target!(|text: &str| {
    let Ok((address, key)) = Address::read(text) else { return };
    let server = address.server();
    assert_eq!((server.scheme(), server.path(), server.query(), server.fragment()), ("https", "/", None, None));
    assert!(server.host_str().is_some_and(|host| !host.is_empty()) && server.username().is_empty());

    let erased = address.to_string();
    assert_eq!(Address::read(&erased).expect("what is shown can be read").0, address);
    if let Some(key) = key {
        assert!(erased.split_once('#').is_some_and(|(_, end)| end.starts_with("erased")), "the key is shown");
        let (same, read) = Address::read(&address.with(&key)).expect("what was written can be read");
        assert_eq!((same, read.map(|key| key.expose())), (address, Some(key.expose())));
    }
});
