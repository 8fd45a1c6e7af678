//! Damaged files and wrong passphrases: a message that says what to do, and nothing lost.

use std::fs;

use journeys::{server::Server, tracker::Tracker};

#[test]
fn a_corrupt_settings_file_is_named_with_its_line_and_left_as_it_is() {
    let mut server = Server::with_demo_desk();
    server.stop();
    let settings = server.data().join("settings.json");
    let whole = fs::read_to_string(&settings).expect("there are settings");
    let broken = whole.replacen(':', ";", 1);
    fs::write(&settings, &broken).expect("it can be broken");

    let said = server.refuse_to_start();
    assert!(said.contains("settings.json") && said.contains("line"), "{said}");
    assert_eq!(fs::read_to_string(&settings).expect("it is still there"), broken, "the file was touched");

    fs::write(&settings, whole).expect("it can be mended");
    server.start();
}

#[test]
fn with_a_wrong_passphrase_the_server_serves_and_says_what_to_do_and_the_secret_is_not_lost() {
    let Some(tracker) = Tracker::from_environment() else {
        panic!("there is no Request Tracker; `scripts/test` starts one and names its folder in NEXUS_TEST_RT")
    };
    let mut server = Server::with(&tracker);
    server.stop();
    let secrets = fs::read(server.data().join("secrets.json")).expect("there are secrets");

    server.use_passphrase("not the one it was sealed with");
    server.start();
    server.wait_for_log("passphrase");
    assert_eq!(fs::read(server.data().join("secrets.json")).expect("still there"), secrets, "the file was touched");
    assert!(!server.output().contains(tracker.token()), "the token is in the log");
}

#[test]
fn a_corrupt_secrets_file_is_named_and_left_as_it_is() {
    let mut server = Server::with_demo_desk();
    server.stop();
    let secrets = server.data().join("secrets.json");
    fs::write(&secrets, "{\"version\": 1, \"secrets\": {").expect("it can be broken");
    server.start();
    server.wait_for_log("secrets.json");
    assert_eq!(fs::read_to_string(&secrets).expect("still there"), "{\"version\": 1, \"secrets\": {");
}
