//! `nexus.toml`, as somebody wrote it on a stick's set-up partition.
#![no_main]

use agent::config::Config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Config::read(text) {
        Ok(config) => {
            assert!(matches!(config.rotation, 0 | 90 | 180 | 270));
            if let Some(server) = config.server {
                assert_eq!((server.scheme(), server.path(), server.username()), ("https", "/", ""));
                assert!(server.host_str().is_some_and(|host| !host.is_empty()));
            }
        }
        Err(mistake) => assert!((1..=text.split('\n').count()).contains(&mistake.line), "{mistake} is not in the file"),
    }
});
