//! Looking at boards with the passcode.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use reqwest::{Response, header};
use serde_json::Value;

use crate::{
    attacks::from,
    browser::{Browser, PASSWORD, location},
    stage::{Setup, Stage, mode, within},
    stick::pair,
    streams::Events,
};

pub const PASSCODE: &str = "open sesame";
const STATE: &str = "/api/v1/boards/overview/state";
const EVENTS: &str = "/api/v1/boards/overview/events";
const SESSIONS: &str = "/admin/access/sessions";

pub async fn set_passcode(admin: &mut Browser, passcode: &str) {
    let fields = [("passcode", passcode), ("passcode_again", passcode)];
    assert_eq!(location(&admin.post("/admin/access/passcode", &fields).await), "/admin/access");
}

async fn guarded() -> (Stage, Browser) {
    let stage = Setup::new().start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    set_passcode(&mut admin, PASSCODE).await;
    (stage, admin)
}

/// A browser that was told the passcode.
pub async fn viewer(stage: &Stage) -> Browser {
    let mut viewer = Browser::new(stage);
    let answer = viewer.post("/sign-in", &[("passcode", PASSCODE), ("next", "/b/overview")]).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/b/overview"));
    viewer
}

async fn code(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    (status, answer.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned())
}

async fn ends_within_a_second(mut events: Events, since: Instant) {
    within(async { while events.next().await.is_some() {} }).await;
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_passcode_closes_open_boards_at_once_and_opens_them_to_who_knows_it() {
    let stage = Setup::new().start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    let (stick, paired) = pair(&stage, &mut admin).await;
    let token = stick.token(&paired).await.unwrap().access_token;
    let mut screen = Events::new(stick.stream("overview", &token).await);
    screen.event().await;
    let mut open = Events::new(stage.get(EVENTS).await);
    open.event().await;

    let since = Instant::now();
    set_passcode(&mut admin, PASSCODE).await;
    let since = since.max(Instant::now() - Duration::from_millis(500));
    ends_within_a_second(open, since).await;
    assert_eq!(code(stage.get(STATE).await).await, (401, "passcode_needed".to_owned()));
    assert_eq!(stick.read("overview", &token).await.status(), 200, "a screen does without");
    stage.desk.set_open(9);
    while screen.event().await.1.name() != "panel" {}
    assert_eq!(admin.get(STATE).await.status(), 200);

    let mut stranger = Browser::new(&stage);
    let page = stranger.text("/sign-in?next=/b/team").await;
    assert!(page.contains("value=\"/b/team\"") && !page.contains("<script"), "{page}");
    let wrong = stranger.post("/sign-in", &[("passcode", "open barley")]).await;
    assert_eq!((wrong.status().as_u16(), wrong.headers().contains_key(header::SET_COOKIE)), (422, false));
    let viewer = viewer(&stage).await;
    assert_eq!(viewer.get(STATE).await.status(), 200);
    assert_eq!(viewer.get("/admin/access").await.status(), 303, "a viewer is no administrator");
}

#[tokio::test]
async fn another_passcode_or_none_ends_every_viewer_and_every_stream_within_a_second() {
    let (stage, mut admin) = guarded().await;
    for change in ["another", "none"] {
        let viewer = viewer(&stage).await;
        let mut events = Events::new(viewer.get(EVENTS).await);
        events.event().await;
        match change {
            "another" => set_passcode(&mut admin, "open barley").await,
            _ => drop(admin.post("/admin/access/passcode/remove", &[]).await),
        }
        ends_within_a_second(events, Instant::now()).await;
        let sessions = admin.text(SESSIONS).await;
        assert!(sessions.contains("Nobody is signed in to look"), "{sessions}");
        if change == "another" {
            assert_eq!(viewer.get(STATE).await.status(), 401);
            // The old passcode again: the old sessions do not come back with it.
            set_passcode(&mut admin, PASSCODE).await;
            assert_eq!(viewer.get(STATE).await.status(), 401);
        } else {
            assert_eq!(Browser::new(&stage).get(STATE).await.status(), 200, "open as before");
        }
    }
}

#[tokio::test]
async fn one_session_is_listed_and_ended_and_no_other() {
    let (stage, mut admin) = guarded().await;
    let (first, second) = (viewer(&stage).await, viewer(&stage).await);
    let mut streams = Vec::new();
    for viewer in [&first, &second] {
        let mut events = Events::new(viewer.get(EVENTS).await);
        events.event().await;
        streams.push(events);
    }
    let list = admin.text(SESSIONS).await;
    assert!(list.contains("By passcode") && list.contains("127.0.0.1") && list.contains("This browser"), "{list}");
    let ends = list.split("action=\"").filter(|rest| rest.starts_with("/admin/access/sessions/viewers/"));
    let ends = ends.map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(ends.len(), 2);
    assert_eq!(location(&admin.post(&ends[0], &[]).await), SESSIONS);
    let ended = Instant::now();
    let statuses = [first.get(STATE).await.status().as_u16(), second.get(STATE).await.status().as_u16()];
    let gone = statuses.iter().position(|status| *status == 401).expect("one of them is signed out");
    assert_eq!(statuses[1 - gone], 200);
    ends_within_a_second(streams.remove(gone), ended).await;
    stage.desk.set_open(8);
    while streams[0].event().await.1.name() != "panel" {}
    assert_eq!(admin.post("/admin/access/sessions/viewers/nonsense", &[]).await.status(), 404);
}

#[tokio::test]
async fn everybody_else_is_signed_out_by_one_button_or_another_password() {
    let (stage, mut admin) = guarded().await;
    let mut elsewhere = Browser::new(&stage);
    elsewhere.post("/admin/sign-in", &[("password", PASSWORD)]).await;
    let viewer = viewer(&stage).await;
    let mut events = Events::new(viewer.get(EVENTS).await);
    events.event().await;
    assert_eq!(location(&admin.post(SESSIONS, &[]).await), SESSIONS);
    ends_within_a_second(events, Instant::now()).await;
    assert_eq!(elsewhere.get(SESSIONS).await.status(), 303);
    assert_eq!(viewer.get(STATE).await.status(), 401);
    assert_eq!(admin.get(SESSIONS).await.status(), 200);

    elsewhere.post("/admin/sign-in", &[("password", PASSWORD)]).await;
    let new = "a new horse battery";
    let fields = |current: &'static str, again: &'static str| {
        [("current", current), ("password", new), ("password_again", again)]
    };
    for (fields, said) in [(fields(PASSWORD, "x"), "differ"), (fields("wrong", new), "not the present password")] {
        let answer = admin.post("/admin/access/password", &fields).await;
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains(said), "{said}");
    }
    assert_eq!(location(&admin.post("/admin/access/password", &fields(PASSWORD, new)).await), "/admin/access");
    assert_eq!(elsewhere.get(SESSIONS).await.status(), 303, "somebody may know the old password");
    assert_eq!(admin.get(SESSIONS).await.status(), 200);
    assert_eq!(elsewhere.post("/admin/sign-in", &[("password", PASSWORD)]).await.status(), 422);
    assert_eq!(elsewhere.post("/admin/sign-in", &[("password", new)]).await.status(), 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_under_way_does_not_survive_another_password() {
    const STRANGERS: usize = 6;
    let stage = Stage::start().await;
    let mut admin = Browser::signed_in(&stage).await;
    // Sign-ins by the old password follow each other until it is another; some are being looked at when it changes.
    let signing_in = (0..STRANGERS).map(|number| {
        let mut stranger = from(&stage, number);
        tokio::spawn(async move {
            let mut cookies = Vec::new();
            while stranger.post("/admin/sign-in", &[("password", PASSWORD)]).await.status() == 303 {
                cookies.extend(stranger.cookie.take());
            }
            cookies
        })
    });
    let signing_in = signing_in.collect::<Vec<_>>();
    let new = "a new horse battery";
    let fields = [("current", PASSWORD), ("password", new), ("password_again", new)];
    assert_eq!(location(&admin.post("/admin/access/password", &fields).await), "/admin/access");
    let mut tried = 0;
    for cookies in signing_in {
        for cookie in cookies.await.unwrap() {
            tried += 1;
            let stolen = Browser { cookie: Some(cookie), ..Browser::new(&stage) };
            assert_eq!(stolen.get(SESSIONS).await.status(), 303, "a session by the old password goes on");
        }
    }
    assert!(tried > 0, "nobody signed in before the password changed");
    assert_eq!(admin.get(SESSIONS).await.status(), 200);
}

#[tokio::test]
async fn sessions_of_before_stay_ended_where_a_password_is_set_anew() {
    let (stage, admin) = guarded().await;
    let viewer = viewer(&stage).await;
    let auth = stage.data("auth.json");
    std::fs::rename(&auth, stage.data("moved-away.json")).unwrap();
    let stage = stage.restart().await;
    let before = [admin, viewer].map(|browser| Browser { cookie: browser.cookie, ..Browser::new(&stage) });
    let admin_is_known = async || before[0].get(SESSIONS).await.status() == 200;
    assert!(!admin_is_known().await, "nobody has a password, so nobody is signed in");
    let mut again = Browser::signed_in(&stage).await;
    set_passcode(&mut again, PASSCODE).await;
    assert!(!admin_is_known().await);
    assert_eq!(before[1].get(STATE).await.status(), 401);
    let list = again.text(SESSIONS).await;
    assert!(list.contains("Nobody is signed in to look") && list.matches("/admins/").count() <= 1, "{list}");
    // The file of before again: whose sessions they were may go on.
    std::fs::rename(stage.data("moved-away.json"), &auth).unwrap();
    let stage = stage.restart().await;
    let new = Browser { cookie: again.cookie, ..Browser::new(&stage) };
    assert_eq!(new.get(SESSIONS).await.status(), 303, "a session belongs to its password");
}

#[tokio::test]
async fn a_session_outlives_a_restart_by_the_brokers_key_and_ends_after_thirty_days() {
    let (stage, _) = guarded().await;
    let cookie = viewer(&stage).await.cookie;
    let stage = stage.restart().await;
    let again = Browser { cookie: cookie.clone(), ..Browser::new(&stage) };
    assert_eq!(again.get(STATE).await.status(), 200);
    stage.clock.advance(SignedDuration::from_hours(30 * 24 + 1));
    assert_eq!(again.get(STATE).await.status(), 401);
}

#[tokio::test]
async fn a_stolen_database_and_auth_file_forge_no_session() {
    let (stage, _) = guarded().await;
    let cookie = viewer(&stage).await.cookie;
    // Everything but what the passphrase opens: another Broker has another key.
    std::fs::remove_file(stage.data("secrets.json")).unwrap();
    let stage = stage.restart().await;
    assert_eq!(Browser { cookie, ..Browser::new(&stage) }.get(STATE).await.status(), 401);
    assert_eq!(mode(&stage.data("auth.json")), 0o600);
    let stored = std::fs::read_to_string(stage.data("auth.json")).unwrap();
    assert!(stored.contains("\"passcode\"") && !stored.contains(PASSCODE), "{stored}");
}

#[tokio::test]
async fn an_auth_file_of_an_older_version_is_read() {
    let stage = Setup::new().start_with_broker().await;
    Browser::signed_in(&stage).await;
    let stored = std::fs::read_to_string(stage.data("auth.json")).unwrap();
    assert!(!stored.contains("passcode"), "an installation without a passcode keeps the older form: {stored}");
    let stage = stage.restart().await;
    let mut admin = Browser::new(&stage);
    admin.post("/admin/sign-in", &[("password", PASSWORD)]).await;
    set_passcode(&mut admin, PASSCODE).await;
    assert_eq!(Browser::new(&stage).get(STATE).await.status(), 401);
}

#[tokio::test]
async fn the_cookie_is_for_this_host_over_https_and_for_no_script() {
    let (stage, _) = guarded().await;
    let mut browser = Browser::new(&stage);
    let answer = browser.post("/sign-in", &[("passcode", PASSCODE), ("next", "https://evil.example/")]).await;
    assert_eq!(location(&answer), "/b/overview", "nobody is led elsewhere");
    let set = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("__Host-nexus-view=") && set.ends_with("; Secure; HttpOnly; SameSite=Lax"), "{set}");
    assert!(set.contains("; Path=/; ") && !set.to_lowercase().contains("domain"), "{set}");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");

    let out = browser.post("/sign-out", &[]).await;
    assert!(out.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    let stolen = Browser { cookie: Some(set.split(';').next().unwrap().to_owned()), ..Browser::new(&stage) };
    assert_eq!(stolen.get(STATE).await.status(), 401, "the session ended, not only the cookie");
}

#[tokio::test]
async fn no_form_about_access_takes_what_another_site_sends() {
    let (stage, mut admin) = guarded().await;
    let viewer = viewer(&stage).await;
    for path in [
        "/admin/access/passcode",
        "/admin/access/passcode/remove",
        "/admin/access/password",
        "/admin/access/one-time-codes",
        "/admin/access/one-time-codes/confirm",
        "/admin/access/one-time-codes/remove",
        SESSIONS,
        "/sign-in",
        "/sign-out",
    ] {
        for origin in ["https://evil.example", "null", "http://localhost"] {
            let fields = [("passcode", "open barley"), ("passcode_again", "open barley")];
            assert_eq!(admin.post_from(origin, path, &fields).await.status(), 403, "{path} {origin}");
        }
    }
    assert_eq!(viewer.get(STATE).await.status(), 200, "the passcode is as it was");
    let mut stranger = Browser::new(&stage);
    for path in ["/admin/access", "/admin/access/password", SESSIONS, "/admin/access/passcode/remove"] {
        assert!(location(&stranger.get(path).await).starts_with("/admin/sign-in"), "{path}");
        if path != "/admin/access" {
            assert!(location(&stranger.post(path, &[]).await).starts_with("/admin/sign-in"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_passcode_that_is_no_passcode_changes_nothing() {
    let (stage, mut admin) = guarded().await;
    for (passcode, again, said) in [("short", "short", "8 to 1024 characters"), ("long enough", "other", "differ")] {
        let answer = admin.post("/admin/access/passcode", &[("passcode", passcode), ("passcode_again", again)]).await;
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains(said), "{said}");
    }
    viewer(&stage).await;
}

#[tokio::test]
async fn without_a_passphrase_sessions_last_as_long_as_the_server_does() {
    let stage = Setup::new().start_with_broker_without_passphrase().await;
    let mut admin = Browser::signed_in(&stage).await;
    set_passcode(&mut admin, PASSCODE).await;
    let viewer = viewer(&stage).await;
    assert_eq!(viewer.get(STATE).await.status(), 200);
    let stage = stage.restart().await;
    assert_eq!(Browser { cookie: viewer.cookie, ..Browser::new(&stage) }.get(STATE).await.status(), 401);
    assert!(!stage.data("secrets.json").exists());
}
