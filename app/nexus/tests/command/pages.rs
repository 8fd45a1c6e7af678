//! The whole command behind its pages, and what it writes into its log meanwhile.

use std::fs;

use crate::{
    browser::Browser,
    doubles::{TOKEN, WELL, helpdesk},
    stage::{Serving, eventually, nexus, run},
};

#[test]
fn a_helpdesk_is_connected_on_the_page_and_its_token_is_in_no_log_no_page_and_no_file() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let stderr = log.reopen().unwrap();
    let serving = Serving::start_as(move |command| {
        command.env("NEXUS_LOG", "trace").stderr(stderr);
    });
    let (_, authority) = run(nexus(serving.folder.path()).args(["ca", "show"]));
    let mut browser = Browser::new(&serving.console, &authority);
    let code = serving.console.last().unwrap().trim();
    let password = "correct horse battery";
    let set_up = [("setup_code", code), ("password", password), ("password_again", password)];
    assert!(browser.post("/admin/sign-in", &set_up).starts_with("HTTP/1.1 303"));

    let url = helpdesk(WELL);
    let wrong = browser.post("/admin/desk", &[("address", &url), ("token", "1-14-canary-wrong"), ("task", "connect")]);
    assert!(wrong.starts_with("HTTP/1.1 422") && wrong.contains("Nothing was stored"), "{wrong}");
    assert!(!serving.folder.path().join("secrets.json").exists());
    let form = [("address", url.as_str()), ("token", TOKEN), ("task", "connect")];
    let right = browser.post("/admin/desk", &form);
    assert!(right.starts_with("HTTP/1.1 303"), "{right}");
    let settings = fs::read_to_string(serving.folder.path().join("settings.json")).unwrap();
    assert!(settings.contains("request_tracker") && settings.contains(&url), "{settings}");
    // Beyond its trial this helpdesk answers nothing, but the running server has turned to it.
    assert!(eventually(|| browser.get("/admin/desk").contains("It is being read for the first time")));
    let tested = browser.post("/admin/desk/test", &[]);
    assert!(tested.contains("The connection works"), "{tested}");

    let page = browser.get("/admin/desk");
    let log = fs::read(log.path()).unwrap();
    let has = |bytes: &[u8], words: &str| bytes.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(has(&log, "a trial failed") && has(&log, "desk_connected"), "the log is of both processes");
    for canary in ["canary", "correct horse", "a passphrase of the test"] {
        assert!(!has(&log, canary) && !page.contains(canary) && !tested.contains(canary), "{canary}");
        for entry in fs::read_dir(serving.folder.path()).unwrap().map(Result::unwrap) {
            let content = fs::read(entry.path()).unwrap_or_default();
            assert!(!has(&content, canary), "{canary} in {:?}", entry.path());
        }
    }
}

#[test]
fn refusals_are_logged_with_their_address_and_not_without_end() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let stderr = log.reopen().unwrap();
    let serving = Serving::start_as(move |command| {
        command.stderr(stderr);
    });
    let (_, authority) = run(nexus(serving.folder.path()).args(["ca", "show"]));
    let mut browser = Browser::new(&serving.console, &authority);
    for _ in 0..30 {
        let refused = browser.post("/admin/sign-in", &[("setup_code", "00000-00000"), ("password", "canary")]);
        assert!(refused.starts_with("HTTP/1.1 4"), "{refused}");
    }
    let log = fs::read_to_string(log.path()).unwrap();
    let lines = log.lines().filter(|line| line.contains("somebody was refused")).collect::<Vec<_>>();
    assert!((1..=2).contains(&lines.len()), "{lines:?}");
    assert!(lines[0].contains("WARN") && lines[0].contains("127.0.0.1") && lines[0].contains("sign-in"), "{lines:?}");
    assert!(!log.contains("canary"));
}
