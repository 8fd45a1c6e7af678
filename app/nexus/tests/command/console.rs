//! What is shown and mended on the console.

use std::fs;

use crate::stage::{PASSPHRASE, Serving, nexus, run};

#[test]
fn the_authority_is_shown_once_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let (output, said) = run(nexus(folder.path()).args(["ca", "show"]));
    assert_eq!(output.status.code(), Some(78));
    assert!(said.contains("`nexus serve` makes one"), "{said}");
    let serving = Serving::start();
    let (output, said) = run(nexus(serving.folder.path()).args(["ca", "show"]));
    assert!(output.status.success());
    assert!(said.starts_with("SHA-256 ") && said.contains("-----BEGIN CERTIFICATE-----"), "{said}");
}

#[test]
fn one_time_codes_are_removed_on_the_console_where_there_are_any() {
    let folder = tempfile::tempdir().unwrap();
    let remove = || run(nexus(folder.path()).env_remove(PASSPHRASE).args(["one-time-codes", "remove"]));
    let (output, said) = remove();
    assert!(output.status.success() && said.contains("There are no one-time codes here"), "{said}");
    let hash = r#"{"log_n": 15, "r": 8, "p": 1, "salt": "", "hash": ""}"#;
    let auth = folder.path().join("auth.json");
    fs::write(&auth, format!("{{\"admin\": {hash}, \"one_time_codes\": true}}")).unwrap();
    let (output, said) = remove();
    assert!(output.status.success() && said.contains("by the password alone from now on"), "{said}");
    assert!(!fs::read_to_string(&auth).unwrap().contains("one_time_codes"));
}
