//! Damaged files, wrong passphrases, foreign authorities, bad requests: a message that says what to do, nothing lost,
//! and a wall that tells no untruth meanwhile.

use std::{fs, time::Duration};

use journeys::{
    server::Server,
    stick::{LIVE, LOST, Stick},
    tracker::Tracker,
};
use serde_json::Value;

/// Within which a loss is on the wall.
const LOSS: Duration = Duration::from_secs(5);
/// Within which a board is there: the longest wait between two attempts (15 s), as long again as a connection has to hold
/// that comes back after more than one loss, and what a busy machine takes.
const BOARD: Duration = Duration::from_secs(45);
/// A connection that cannot be used is looked at every 30 s, and a quarter later by chance; then it is read as at a start,
/// beside the other journeys that ask the same Request Tracker.
const MENDED: Duration = Duration::from_secs(75);

/// What stands in place of every number while the helpdesk was never read.
const NO_DATA: &str = "Waiting for Request Tracker";

#[test]
fn a_corrupt_settings_file_is_named_with_its_line_and_left_as_it_is_and_screens_keep_their_board() {
    let (mut server, stick) = showing(Server::with_demo_desk());
    let settings = server.data().join("settings.json");
    let whole = fs::read_to_string(&settings).expect("there are settings");
    let broken = whole.replacen(':', ";", 1);

    fs::write(&settings, &broken).expect("it can be broken");
    server.wait_for_log("settings.json, line 2, column");
    let said = server.output();
    assert!(said.contains("Mend that line, or put back a copy of the file from a backup"), "{said}");
    assert!(said.contains("Until then the server goes on with what it had read before"), "{said}");
    assert!(stick.tells(LIVE) && !stick.tells(LOST), "{:?}", stick.wall());

    server.stop();
    let said = server.refuse_to_start();
    assert!(said.contains("settings.json, line 2, column") && said.contains("Mend that line"), "{said}");
    assert_eq!(fs::read_to_string(&settings).expect("it is still there"), broken, "the file was touched");
    stick.wait_for_words(LOST, LOSS);
    assert!(stick.tells("Oldest open"), "the newest board stays: {:?}", stick.wall());

    fs::write(&settings, whole).expect("it can be mended");
    server.start();
    stick.wait_for_words(LIVE, BOARD);
}

#[test]
fn with_a_wrong_passphrase_the_server_serves_and_says_what_to_do_and_the_secret_is_not_lost() {
    let tracker = tracker();
    let (mut server, stick) = showing(Server::with(&tracker));
    stick.wait_for_no_words(NO_DATA, BOARD);
    server.stop();
    let secrets = fs::read(server.data().join("secrets.json")).expect("there are secrets");

    let right = server.use_passphrase("not the one it was sealed with");
    server.start();
    server.wait_for_log("the desk could not be read");
    let said = server.output();
    let remedy = "start with the passphrase it was written with, or enter the secret again";
    assert!(said.contains("\"connection.request-tracker\"") && said.contains(remedy), "{said}");
    assert_eq!(fs::read(server.data().join("secrets.json")).expect("still there"), secrets, "the file was touched");
    assert!(!said.contains(tracker.reader_token()), "the token is in the log");
    stick.wait_for_words(NO_DATA, BOARD);
    assert!(stick.tells("no data") && !stick.tells("all taken"), "{:?}", stick.wall());

    server.stop();
    server.use_passphrase(&right);
    server.start();
    stick.wait_for_no_words(NO_DATA, BOARD);
    stick.wait_for_words(LIVE, BOARD);
}

#[test]
fn a_corrupt_secrets_file_is_named_and_left_as_it_is_and_once_mended_it_is_used_without_a_restart() {
    const BROKEN: &str = "{\"version\": 1, \"secrets\": {";
    let (mut server, stick) = showing(Server::with(&tracker()));
    stick.wait_for_no_words(NO_DATA, BOARD);
    server.stop();
    let secrets = server.data().join("secrets.json");
    let whole = fs::read(&secrets).expect("there are secrets");

    fs::write(&secrets, BROKEN).expect("it can be broken");
    server.start();
    server.wait_for_log("the desk could not be read");
    let said = server.output();
    assert!(said.contains("secrets.json is damaged at line 1, column"), "{said}");
    let remedy = "correct that line, restore the file from a backup, or move it away and enter the secrets again";
    assert!(said.contains(remedy), "{said}");
    assert_eq!(fs::read_to_string(&secrets).expect("still there"), BROKEN, "the file was touched");
    stick.wait_for_words(NO_DATA, BOARD);

    fs::write(&secrets, whole).expect("it can be mended");
    stick.wait_for_no_words(NO_DATA, MENDED);
    stick.wait_for_words(LIVE, BOARD);
}

#[test]
fn a_server_with_another_authority_is_a_problem_on_the_wall_until_the_right_one_is_back() {
    let (mut server, stick) = showing(Server::with_demo_desk());
    server.kill();
    let mut other = Server::installed_at(server.address());
    other.start();
    stick.wait_for_words("This is not the server that this screen was paired with", BOARD);
    for words in ["its certificate comes from another authority", "put its data folder back", "forget = true"] {
        assert!(stick.tells(words), "{words:?} is not on the wall: {:?}", stick.wall());
    }
    assert!(!stick.tells("Oldest open"), "a board is shown under a foreign server: {:?}", stick.wall());
    other.kill();
    server.start();
    stick.wait_for_words(LIVE, BOARD);
}

#[test]
fn a_new_screen_that_was_given_another_authority_says_what_to_mend_and_takes_no_code() {
    let (server, other) = (Server::with_demo_desk(), Server::with_demo_desk());
    let foreign = fs::read_to_string(other.authority()).expect("it has an authority");
    let setup = format!("server = \"{}\"\n[trust]\nca = \"\"\"\n{foreign}\"\"\"\n", server.url(""));
    let stick = Stick::with_setup(&setup);
    stick.wait_for_words("nexus.toml trusts another server", BOARD);
    assert!(stick.tells("[trust]"), "what to do is not on the wall: {:?}", stick.wall());
    assert!(!server.output().contains("asks to be paired"), "{}", server.output());
}

#[test]
fn what_the_api_refuses_it_refuses_with_a_code_and_says_what_to_do() {
    let server = Server::with_demo_desk();
    let client = server.client();
    let state = || client.get(server.url("/api/v1/boards/overview/state"));
    let long = client.post(server.url("/api/v1/pairings")).body(vec![b' '; 100_000]);
    for (request, status, code, remedy) in [
        (state().bearer_auth("nonsense"), 401, "token_refused", "Ask for a new one at /api/v1/token"),
        // Of the length of a real one.
        (state().bearer_auth("A".repeat(75)), 401, "token_refused", "Ask for a new one at /api/v1/token"),
        (long, 413, "body_too_large", "Send a shorter one"),
    ] {
        let answer = request.send().expect("the server answers");
        assert_eq!(answer.status().as_u16(), status, "{code}");
        let said: Value = serde_json::from_str(&answer.text().expect("it is text")).expect("it is JSON");
        assert_eq!(said["code"], code);
        assert!(said["message"].as_str().is_some_and(|message| message.contains(remedy)), "{said}");
    }
    assert_eq!(state().send().expect("the server answers").status(), 200, "it goes on");
}

/// A paired stick that shows the queue of `server`.
fn showing(server: Server) -> (Server, Stick) {
    let stick = Stick::plugged_in(&server.url(""));
    stick.pair(&server.admin(), "Reception", "queue");
    stick.wait_for_words(LIVE, BOARD);
    (server, stick)
}

fn tracker() -> Tracker {
    Tracker::from_environment().unwrap_or_else(|| {
        panic!("there is no Request Tracker; `scripts/test` starts one and names its folder in NEXUS_TEST_RT")
    })
}
