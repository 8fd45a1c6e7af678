//! `nexus connect`: what is stored was tried, and is nowhere in the clear.

use std::{
    fs,
    process::{Command, Output},
};

use tempfile::TempDir;

use crate::{
    doubles::{TOKEN, WELL, calendar, helpdesk, receiver},
    stage::{PASSPHRASE, nexus, run},
};

/// `nexus connect` in a folder of its own.
struct Connecting {
    folder: TempDir,
}

impl Connecting {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
        Self { folder }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn to(&self, url: &str, more: &[&str]) -> (Output, String) {
        self.run(nexus(&self.data()).args(["connect", "request-tracker", "--url", url]).args(more))
    }

    fn run(&self, command: &mut Command) -> (Output, String) {
        run(command.arg("--token-file").arg(self.folder.path().join("token")))
    }

    fn stored(&self) -> bool {
        let settings = fs::read_to_string(self.data().join("settings.json")).unwrap_or_default();
        let sealed = self.data().join("secrets.json").exists();
        assert_eq!(settings.contains("request_tracker"), sealed);
        sealed
    }
}

#[test]
fn request_tracker_is_connected_and_its_token_is_nowhere_in_the_clear() {
    let connecting = Connecting::new();
    let url = helpdesk(WELL);
    let without_passphrase =
        |command: &mut Command| connecting.run(command.args(["connect", "request-tracker", "--url", &url]));
    let (output, said) = without_passphrase(nexus(&connecting.data()).env_remove(PASSPHRASE));
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains(PASSPHRASE), "{said}");

    let (output, said) = connecting.to(&url, &[]);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("it takes the token"), "{said}");
    assert!(connecting.stored());
    assert!(fs::read_to_string(connecting.data().join("secrets.json")).unwrap().contains("aesgcm:"));
    assert!(!said.contains(TOKEN));
    for entry in fs::read_dir(connecting.data()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let bytes = fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()), "{:?}", entry.path());
        }
    }
}

#[test]
fn a_helpdesk_that_says_no_is_not_connected_whatever_is_allowed() {
    let endless: &str = format!("200 OK\r\nConnection: close\r\n\r\n{}", " ".repeat((8 << 20) + 1)).leak();
    let cases = [
        ("401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "refused the credential: it does not know the token (401)"),
        ("404 Not Found\r\nContent-Length: 0\r\n\r\n", "there is no REST 2.0 interface at the connection's address"),
        ("302 Found\r\nContent-Length: 0\r\n\r\n", "it redirects elsewhere"),
        ("200 OK\r\nContent-Length: 20\r\n\r\n<html>Sign in</html>", "answered something unexpected"),
        ("200 OK\r\nContent-Length: 13\r\n\r\n{\"of\":\"else\"}", "not of the expected form"),
        (endless, "is larger than 8 MiB, and no more is read"),
    ];
    for (answer, reason) in cases {
        let connecting = Connecting::new();
        let (output, said) = connecting.to(&helpdesk(answer), &["--allow-unreachable"]);
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains(reason) && said.contains("nothing was stored"), "{said} should say {reason}");
        assert!(!connecting.stored() && !said.contains(TOKEN), "{said}");
        // What is there is another site, and whoever typed its address sees what one looks like.
        let is_elsewhere = answer.starts_with("200") || answer.starts_with("404");
        let advice = "REST 2.0 interface seems not to be at this address: give the one under which its start page opens in a \
            browser, such as https://rt.example.com";
        assert_eq!(said.contains(advice), is_elsewhere, "{said}");
    }
}

#[test]
fn a_helpdesk_that_does_not_answer_is_connected_only_if_that_is_allowed() {
    let connecting = Connecting::new();
    let (output, said) = connecting.to("https://localhost:1", &[]);
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("https://localhost:1 does not answer"), "{said}");
    assert!(said.contains("Nothing was stored") && said.contains("--allow-unreachable"), "{said}");
    assert!(!connecting.stored());

    let (output, said) = connecting.to("https://localhost:1", &["--allow-unreachable"]);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Stored, but not tried: https://localhost:1 does not answer"), "{said}");
    assert!(connecting.stored());
}

#[test]
fn an_address_is_taken_only_as_everybody_reads_it() {
    let connecting = Connecting::new();
    for url in ["http://2130706433/rt", "https://0x7f.1/rt", "http://127%2e0.0.1/rt"] {
        let (output, said) = connecting.to(url, &["--allow-unreachable"]);
        assert!(!output.status.success() && said.contains("127.0.0.1 is how it is read"), "{said}");
        assert!(!connecting.stored());
    }
}

#[test]
fn a_token_travels_in_the_clear_only_if_that_is_allowed() {
    let connecting = Connecting::new();
    for url in ["http://10.255.255.1/rt", "http://rt.example.com"] {
        let (output, said) = connecting.to(url, &["--allow-unreachable"]);
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains("Nothing was sent or stored") && said.contains("--allow-token-in-clear"), "{said}");
        assert!(!connecting.stored());
    }
    // What is allowed goes no further than the local network: a name is looked up before anything is sent.
    let (output, said) = connecting.to("http://93.184.215.14/rt", &["--allow-token-in-clear"]);
    assert!(!output.status.success() && said.contains("not on the local network"), "{said}");
}

#[test]
fn a_calendar_is_tried_and_its_address_is_nowhere_in_the_clear() {
    const FEED: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Amara\r\nDTSTART;VALUE=DATE:20200101\r\n\
        RRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let connect = |url: &str, more: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        fs::write(&file, format!("{url}\n")).unwrap();
        let data = folder.path().join("data");
        let (output, said) = run(nexus(&data).args(["connect", "calendar", "--url-file"]).arg(file).args(more));
        let stored = fs::read_to_string(data.join("secrets.json")).unwrap_or_default();
        assert!(!said.contains("canary") && !stored.contains("canary"), "{said} {stored}");
        assert_eq!(output.status.success(), stored.contains("calendar-url"), "{said}");
        said
    };
    let said = connect(&calendar("text/calendar", FEED), &["--allow-lan-host"]);
    assert!(said.contains("Connected. On call now: Amara until"), "{said}");
    // Its own network is asked only if an administrator says so.
    let said = connect(&calendar("text/calendar", FEED), &[]);
    assert!(said.contains("that is not asked from here"), "{said}");
    let said = connect(&calendar("text/html", "Sign in"), &["--allow-lan-host"]);
    assert!(said.contains("is text/html") && said.contains("nothing was stored"), "{said}");
    let said = connect(&calendar("text/calendar", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"), &["--allow-lan-host"]);
    assert!(said.contains("ends in the middle") && said.contains("nothing was stored"), "{said}");
}

#[test]
fn a_webhook_is_stored_once_it_takes_a_test_alert_and_its_key_is_shown_once() {
    let connect = |status: &'static str, more: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        fs::write(&file, receiver(status)).unwrap();
        let data = folder.path().join("data");
        let (output, said) = run(nexus(&data).args(["connect", "webhook", "--url-file"]).arg(file).args(more));
        let stored = fs::read_to_string(data.join("secrets.json")).unwrap_or_default();
        assert!(
            !said.contains("canary") && !stored.contains("canary") && !stored.contains("whsec_"),
            "{said} {stored}"
        );
        assert_eq!(output.status.success(), stored.contains("webhook-url") && stored.contains("webhook-key"), "{said}");
        said
    };
    let said = connect("204 No Content", &["--allow-lan-host"]);
    assert!(said.contains("a test alert was taken") && said.contains("    whsec_"), "{said}");
    let said = connect("404 Not Found", &["--allow-lan-host"]);
    assert!(said.contains("with 404. Nothing was stored") && !said.contains("whsec_"), "{said}");
    let said = connect("204 No Content", &[]);
    assert!(said.contains("that is not asked from here"), "{said}");
}

#[test]
fn of_a_webhook_that_cannot_be_reached_nobody_says_that_a_test_alert_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    fs::write(&file, "https://no-such-host.invalid/canary-hook").unwrap();
    let data = folder.path().join("data");
    let (output, said) = run(nexus(&data).args(["connect", "webhook", "--url-file"]).arg(file));
    assert!(!output.status.success() && !said.contains("sent"), "{said}");
    assert!(said.contains("took no test alert, and nothing was stored"), "{said}");
    assert!(said.contains("https://no-such-host.invalid") && !said.contains("canary"), "{said}");
}
