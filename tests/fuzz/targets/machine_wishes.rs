//! What the agent wishes the machine to be, read by a program with the right to make it so.
#![no_main]

use std::{fs, net::IpAddr, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use machine::wishes::{Connection, Wishes};
use tempfile::TempDir;

/// Every wish there is, by its file.
const FILES: [&str; 6] = [
    "system-connections/nexus-wifi.nmconnection",
    "system-connections/nexus-wired.nmconnection",
    "hostname",
    "timesyncd.conf.d/nexus.conf",
    "wifi-country",
    "proxy",
];
/// The sections of a keyfile that name neither files nor programs.
const HARMLESS: [&str; 5] = ["[connection]", "[wifi]", "[wifi-security]", "[ipv4]", "[ipv6]"];

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    for inner in ["system-connections", "timesyncd.conf.d"] {
        fs::create_dir(folder.path().join(inner)).expect("a folder can be made");
    }
    folder
});

fuzz_target!(|bytes: &[u8]| {
    for path in FILES.map(|file| FOLDER.path().join(file)) {
        // A file that is written anew is not waited for, as one that is written over is on many file systems.
        let _ = fs::remove_file(&path);
        fs::write(&path, bytes).expect("the file can be written");
    }
    let (wishes, refused) = Wishes::read(FOLDER.path());
    let taken = [&wishes.hostname, &wishes.time_servers, &wishes.country, &wishes.proxy].into_iter().flatten().count()
        + Connection::ALL.iter().filter(|connection| wishes.connection(**connection).is_some()).count();
    assert_eq!(taken + refused.len(), FILES.len(), "a wish is taken or refused");

    for connection in Connection::ALL {
        // Line by line as GLib's key files are read: spaces before a line do not count.
        for line in wishes.connection(connection).iter().flat_map(|keyfile| keyfile.split(['\n', '\r'])) {
            let line = line.trim_start();
            assert!(!line.starts_with('[') || HARMLESS.contains(&line.trim_end()), "{line:?}");
            let harmful = ["bssid", "route", "private-key", "ca-cert", "pac-file", "interface-name", "secondaries"];
            assert!(!harmful.iter().any(|key| line.starts_with(key)), "{line:?}");
            if let Some(servers) = line.strip_prefix("dns=") {
                assert!(servers.split_terminator(';').all(|server| server.parse::<IpAddr>().is_ok()), "{line:?}");
            }
        }
    }
    for words in [&wishes.hostname, &wishes.country].into_iter().flatten() {
        assert!(words.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{words:?}");
    }
    if let Some(proxy) = &wishes.proxy {
        assert!(
            !proxy.contains(|char: char| char.is_whitespace() || "\"'\\$#;".contains(char)),
            "{proxy:?} is more than one variable"
        );
    }
    if let Some(text) = &wishes.time_servers {
        assert_eq!(text.lines().count(), 2, "{text:?} sets more than time servers");
    }
});
