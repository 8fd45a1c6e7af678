//! Signing in and staying signed in.

use board::wire::Event;
use jiff::SignedDuration;
use reqwest::header;

use crate::{
    browser::{Browser, PASSWORD, location},
    stage::{Setup, Stage, mode},
    streams::{Events, Item},
};

#[tokio::test]
async fn the_setup_code_sets_the_password_once() {
    let stage = Stage::start().await;
    let code = stage.server.setup_code().unwrap();
    let mut browser = Browser::new(&stage);
    assert!(browser.text("/admin/sign-in").await.contains("Setup code"));

    let set = |code: String, password: &'static str, again: &'static str| {
        [("setup_code", code), ("password", password.to_owned()), ("password_again", again.to_owned())]
    };
    for (fields, said) in [
        (set("00000-00000".to_owned(), PASSWORD, PASSWORD), "not the setup code"),
        (set(code.expose().to_owned(), PASSWORD, "something else"), "passwords differ"),
        (set(code.expose().to_owned(), "fourteen chars", "fourteen chars"), "15 to 1024 characters"),
        (set(code.expose().to_owned(), "ääääääääääääää", "ääääääääääääää"), "15 to 1024 characters"),
    ] {
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = browser.post("/admin/sign-in", &fields).await;
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains(said), "{said}");
        assert!(browser.cookie.is_none());
    }

    let typed = code.expose().to_lowercase().replace('-', " ");
    let fields = [("setup_code", typed.as_str()), ("password", PASSWORD), ("password_again", PASSWORD)];
    assert_eq!(location(&browser.post("/admin/sign-in", &fields).await), "/admin/screens");
    assert_eq!(browser.get("/admin/screens").await.status(), 200);
    assert!(stage.server.setup_code().is_none());

    let mut second = Browser::new(&stage);
    assert_eq!(second.post("/admin/sign-in", &fields[..1]).await.status(), 422);
    assert_eq!(mode(&stage.data("auth.json")), 0o600);
    let stored = std::fs::read_to_string(stage.data("auth.json")).unwrap();
    assert!(!stored.contains(PASSWORD) && stored.contains("\"log_n\": 15"), "{stored}");
}

#[tokio::test]
async fn the_password_outlives_a_restart_and_so_does_the_session() {
    let stage = Stage::start().await;
    let cookie = Browser::signed_in(&stage).await.cookie;
    let setup = Setup { folder: stage.folder.clone(), ..Setup::new() };
    stage.server.stop().await;
    let stage = setup.start().await;
    assert!(stage.server.setup_code().is_none());
    let browser = Browser { cookie, ..Browser::new(&stage) };
    assert_eq!(browser.get("/admin/screens").await.status(), 200);
    let mut other = Browser::new(&stage);
    assert_eq!(other.post("/admin/sign-in", &[("password", "wrong horse battery")]).await.status(), 422);
    assert_eq!(other.post("/admin/sign-in", &[("password", PASSWORD)]).await.status(), 303);
}

#[tokio::test]
async fn a_password_of_before_that_is_shorter_signs_in_and_the_next_one_is_longer() {
    const OLD: &str = "ten chars!";
    let setup = Setup::new();
    let data = setup.folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let hashed = serde_json::json!({
        "log_n": 15, "r": 8, "p": 1,
        "salt": "AAECAwQFBgcICQoLDA0ODw==", "hash": "DKNYGF5DuIfXaU1jKz2eO0659RLksMGMZm5B6lid12U=",
    });
    std::fs::write(data.join("auth.json"), serde_json::json!({ "admin": hashed }).to_string()).unwrap();
    let stage = setup.start().await;
    let mut browser = Browser::new(&stage);
    assert_eq!(browser.post("/admin/sign-in", &[("password", OLD)]).await.status(), 303);

    let path = "/admin/access/password";
    let another = |new: &'static str| [("current", OLD), ("password", new), ("password_again", new)];
    let answer = browser.post(path, &another("fourteen chars")).await;
    assert_eq!(answer.status(), 422);
    let page = answer.text().await.unwrap();
    assert!(
        page.contains("15 to 1024 characters") && page.contains("it may be all that keeps strangers out"),
        "{page}"
    );
    assert_eq!(browser.post(path, &another(PASSWORD)).await.status(), 303);
}

#[tokio::test]
async fn pages_are_closed_to_strangers_and_lead_back_after_signing_in() {
    let stage = Stage::start().await;
    let mut browser = Browser::new(&stage);
    for path in ["/admin/screens", "/admin/screens/add", "/admin/authority.pem"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), 303, "{path}");
        assert!(location(&answer).starts_with("/admin/sign-in?next=%2Fadmin%2F"), "{path}");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    }
    assert_eq!(location(&browser.post("/admin/screens/add", &[("code", "x")]).await), "/admin/sign-in");

    let code = stage.server.setup_code().unwrap();
    let fields = [
        ("setup_code", code.expose()),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("next", "/admin/screens/add?code=417"),
    ];
    assert_eq!(location(&browser.post("/admin/sign-in", &fields).await), "/admin/screens/add?code=417");
    assert!(browser.text("/admin/authority.pem").await.starts_with("-----BEGIN CERTIFICATE-----"));
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    for origin in ["https://evil.example", "null", "http://localhost"] {
        let answer = browser.post_from(origin, "/admin/sign-out", &[]).await;
        assert_eq!(answer.status(), 403, "{origin}");
    }
    assert_eq!(browser.get("/admin/screens").await.status(), 200);
}

#[tokio::test]
async fn a_session_ends_when_it_is_signed_out_or_twelve_hours_old() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let cookie = browser.cookie.clone();
    browser.post("/admin/sign-out", &[]).await;
    let stolen = Browser { cookie, ..Browser::new(&stage) };
    assert_eq!(stolen.get("/admin/screens").await.status(), 303);

    browser.post("/admin/sign-in", &[("password", PASSWORD)]).await;
    stage.clock.advance(SignedDuration::from_hours(11));
    assert_eq!(browser.get("/admin/screens").await.status(), 200);
    stage.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(browser.get("/admin/screens").await.status(), 303);
}

#[tokio::test]
async fn signing_out_ends_the_streams_that_the_session_reads_and_no_other() {
    let stage = Setup::new().with("NEXUS_OPEN_READ", "nobody").start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let mut elsewhere = Browser::new(&stage);
    elsewhere.post("/admin/sign-in", &[("password", PASSWORD)]).await;
    let mut streams = Vec::new();
    for reader in [&browser, &elsewhere] {
        let mut events = Events::new(reader.get("/api/v1/boards/overview/events").await);
        events.event().await;
        streams.push(events);
    }
    browser.post("/admin/sign-out", &[]).await;
    while let Some(item) = streams[0].next().await {
        assert!(!matches!(item, Item::Event { event: Event::Bye(_), .. }), "there is nothing to come back with");
    }
    assert_eq!(browser.get("/api/v1/boards/overview/events").await.status(), 401);
    stage.desk.set_open(8);
    while streams[1].event().await.1.name() != "panel" {}
    assert_eq!(stage.server.figures().streams, 1);
}

#[tokio::test]
async fn guessing_is_throttled_and_a_signed_in_administrator_goes_on() {
    let stage = Stage::start().await;
    let browser = Browser::signed_in(&stage).await;
    let mut stranger = Browser::new(&stage);
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let answer = stranger.post("/admin/sign-in", &[("password", "wrong horse battery")]).await;
        statuses.push(answer.status().as_u16());
        if answer.status() == 429 {
            assert!(answer.headers()[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() <= 16);
        }
    }
    assert_eq!(statuses[0], 422);
    assert_eq!(statuses[11], 429, "{statuses:?}");
    assert_eq!(stranger.post("/admin/sign-in", &[("password", PASSWORD)]).await.status(), 429);
    assert_eq!(browser.get("/admin/screens").await.status(), 200);
}

#[tokio::test]
async fn pages_need_no_script_and_load_nothing_foreign() {
    let stage = Stage::start().await;
    let browser = Browser::signed_in(&stage).await;
    let others = [
        "/admin/desk/demo",
        "/admin/settings/boards",
        "/admin/settings/boards/overview/thresholds",
        "/admin/access",
        "/admin/access/sessions",
    ];
    for path in ["/admin/sign-in", "/admin/screens", "/admin/screens/add"].into_iter().chain(others) {
        let page = browser.text(path).await;
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "{path}");
        assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("http"), "{path}");
    }
}

/// The values of an attribute, in the order of the page.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let starts = format!(" {attribute}=\"");
    page.split(starts.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn every_field_has_a_label_and_every_page_one_headline() {
    let stage = Stage::start().await;
    let new = Browser::new(&stage).text("/admin/sign-in").await;
    let mut browser = Browser::signed_in(&stage).await;
    let mut pages = vec![new, browser.text("/admin/sign-in").await];
    for path in [
        "/admin/screens",
        "/admin/screens/add",
        "/admin/screens/no-such-screen",
        "/admin/nowhere",
        "/admin/desk",
        "/admin/desk/demo",
        "/admin/audit",
        "/admin/settings",
        "/admin/settings/boards",
        "/admin/settings/boards/overview",
        "/admin/settings/boards/overview/thresholds",
        "/admin/settings/secrets",
        "/admin/settings/secrets/webhook-key",
        "/admin/settings/secrets/webhook-key/remove",
        "/sign-in",
        "/admin/screens/links/share",
        "/admin/access",
        "/admin/access/password",
        "/admin/access/one-time-codes",
        "/admin/access/passcode/remove",
        "/admin/access/sessions",
    ] {
        pages.push(browser.text(path).await);
    }
    pages.push(browser.post("/admin/screens/add", &[("code", "nonsense")]).await.text().await.unwrap());
    pages.push(browser.post("/admin/desk", &[("address", "nonsense")]).await.text().await.unwrap());
    for page in &pages {
        assert_eq!(page.matches("<h1>").count(), 1, "{page}");
        assert_eq!(page.matches("<main id=\"main\">").count(), 1, "{page}");
        let (ids, labelled) = (values(page, "id"), values(page, "for"));
        for field in page.split('<').filter(|tag| tag.starts_with("input") || tag.starts_with("select")) {
            let hidden = field.contains("type=\"hidden\"");
            assert!(hidden || values(field, "id").iter().all(|id| labelled.contains(id)), "{field}");
            assert!(hidden || !values(field, "id").is_empty(), "{field}");
        }
        for described in values(page, "aria-describedby").iter().flat_map(|ids| ids.split(' ')) {
            assert!(ids.contains(&described), "{described} is not on {page}");
        }
    }
}

#[tokio::test]
async fn an_address_without_a_page_is_told_as_a_page() {
    let stage = Stage::start().await;
    let browser = Browser::signed_in(&stage).await;
    for (path, said) in [
        ("/admin/nowhere", "There is no such page"),
        ("/admin/screens/no-such-screen", "There is no such screen"),
        ("/admin/screens/11111111-2222-4333-8444-555555555555/remove", "There is no such screen"),
        ("/admin/screens/add/no-such-attempt", "There is no such attempt"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert!(answer.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"), "{path}");
        assert!(answer.text().await.unwrap().contains(said), "{path}");
    }
}
