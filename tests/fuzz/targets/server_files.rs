//! The files that a person may edit for the server: its configuration (TOML), `settings.json`, and `auth.json`.
#![no_main]

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use server::{Config, Folder, Settings, has_password, settings};
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("there is a folder for temporary files"));

fuzz_target!(|bytes: &[u8]| {
    let path = FOLDER.path().join("server.toml");
    write_anew(&path, bytes);
    match Config::read(&BTreeMap::new(), Some(&path)) {
        Ok(config) => assert!(config.limits.connections > 0 && config.limits.connections_per_address > 0),
        Err(error) => assert!(error.to_string().starts_with(&path.display().to_string()), "{error} does not say where"),
    }

    let folder = Folder::open(FOLDER.path()).expect("the folder can be opened");
    let path = folder.path(settings::FILE);
    write_anew(&path, bytes);
    match Settings::read(&folder) {
        Ok(read) => {
            let read = read.expect("there is a file");
            assert!(!read.boards.is_empty() && jiff::tz::TimeZone::get(&read.time_zone).is_ok());
            let written = serde_json::to_string(&read).expect("settings can be written");
            assert_eq!(serde_json::from_str::<Settings>(&written).expect("what was written can be read"), read);
        }
        Err(error) => assert!(error.to_string().contains(settings::FILE), "{error} does not say where"),
    }
    assert_eq!(std::fs::read(&path).expect("the file is there"), bytes, "reading changed the file");

    let path = folder.path("auth.json");
    write_anew(&path, bytes);
    match has_password(&folder) {
        Ok(set) => assert!(set, "a damaged file opens the server to a new password"),
        Err(error) => assert!(error.to_string().contains("auth.json"), "{error} does not say where"),
    }
    assert_eq!(std::fs::read(&path).expect("the file is there"), bytes, "reading changed the file");
});

/// A file that is written anew is not waited for, as one that is written over is on many file systems.
fn write_anew(path: &Path, bytes: &[u8]) {
    let _ = std::fs::remove_file(path);
    std::fs::write(path, bytes).expect("the file can be written");
}
