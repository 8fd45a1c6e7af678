//! `nexus.toml`, as somebody wrote it on a stick's set-up partition.
#![no_main]

use libfuzzer_sys::fuzz_target;
use setup_file::{Config, Key, erase, place};

fuzz_target!(|text: &str| {
    let hangs = place(text.as_bytes());
    match Config::read(text) {
        Ok(config) => {
            assert!(matches!(config.place.turned, 0 | 90 | 180 | 270));
            assert_eq!(config.place, hangs);
            let erased = erase(text);
            let rest = erased.as_deref().map_or(text, String::as_str);
            assert!(erase(rest).is_none(), "a secret was left in the file");
            let rest = Config::read(rest).expect("what was erased still reads");
            assert!(!rest.forget, "it would be done twice");
            assert!(rest.link.is_none_or(|link| link.key.is_none()));
            assert!(!rest.machine.wifi.is_some_and(|wifi| matches!(wifi.key, Key::Written(_))));
            if let Some(server) = config.server {
                assert_eq!((server.scheme(), server.path(), server.username()), ("https", "/", ""));
                assert!(server.host_str().is_some_and(|host| !host.is_empty()));
            }
        }
        Err(mistake) => assert!((1..=text.split('\n').count()).contains(&mistake.line), "{mistake} is not in the file"),
    }
});
