//! Access links for browsers: exchanged once, limited to boards and clients, revoked.

use std::time::{Duration, Instant};

use board::{Board, wire::Event};
use futures_util::future::join_all;
use jiff::SignedDuration;
use pairing::link::Address;
use reqwest::{Response, header};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, location},
    stage::{Setup, Stage, open_tickets, within},
    streams::Events,
};

const FORM: &str = "/admin/screens/links/share";
const LIST: &str = "/admin/screens/links";

async fn closed() -> (Stage, Browser) {
    let stage = Setup::new().with("NEXUS_OPEN_READ", "nobody").start_with_broker().await;
    stage.desk.name_clients();
    let admin = Browser::signed_in(&stage).await;
    (stage, admin)
}

/// Makes a link as an administrator does: its path, and its key.
async fn share(stage: &Stage, admin: &mut Browser, uses: &str, more: &[(&str, &str)]) -> (String, String) {
    let server = stage.url("");
    let mut fields = vec![
        ("server", server.as_str()),
        ("name", "Acme, management"),
        ("board", "overview"),
        ("board", "team"),
        ("hours", "1"),
        ("uses", uses),
    ];
    fields.extend_from_slice(more);
    let answer = admin.post(FORM, &fields).await;
    let status = answer.status();
    let page = answer.text().await.unwrap();
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("It is shown this once"), "{page}");
    let link = page.split("spellcheck=\"false\">").nth(1).unwrap().split('<').next().unwrap();
    let (address, key) = Address::read(link).unwrap();
    (format!("/s/{}", address.id()), key.unwrap().expose().to_string())
}

/// What the page's script does.
async fn open(stage: &Stage, path: &str, key: &str) -> Response {
    let request = stage.client().post(stage.url(path)).header(header::ORIGIN, stage.url(""));
    request.json(&json!({ "key": key })).send().await.unwrap()
}

async fn opened(stage: &Stage, path: &str, key: &str) -> Browser {
    let answer = open(stage, path, key).await;
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-nexus-view=") && cookie.ends_with("; Secure; HttpOnly; SameSite=Lax"));
    assert_eq!(answer.json::<Value>().await.unwrap()["next"], "/b/overview");
    Browser { cookie: Some(cookie.split(';').next().unwrap().to_owned()), ..Browser::new(stage) }
}

async fn code(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    (status, answer.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned())
}

fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn state(board: &str) -> String {
    format!("/api/v1/boards/{board}/state")
}

async fn board_when(browser: &Browser, board: &str, ready: impl Fn(&Board) -> bool) -> Board {
    within(async {
        loop {
            let answer = browser.get(&state(board)).await;
            if answer.status() == 200 {
                let board = answer.json::<Board>().await.unwrap();
                if ready(&board) {
                    return board;
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_link_opens_its_boards_once_and_no_others() {
    let (stage, mut admin) = closed().await;
    let (path, key) = share(&stage, &mut admin, "1", &[]).await;
    let page = stage.get(&path).await.text().await.unwrap();
    assert!(page.contains("<script src=\"/assets/link.js\" defer></script>") && !page.contains(&path[3..]), "{page}");
    assert_eq!(page.matches("<script").count(), 1);

    let wrong = "A".repeat(43);
    assert_eq!(code(open(&stage, &path, &wrong).await).await, refusal(404, "unknown_link"));
    assert_eq!(code(open(&stage, "/s/AAAAAAAAAAAA", &key).await).await, refusal(404, "unknown_link"));
    let viewer = opened(&stage, &path, &key).await;
    assert_eq!(viewer.get(&state("overview")).await.status(), 200);
    assert_eq!(viewer.get(&state("team")).await.status(), 200);
    assert_eq!(code(viewer.get(&state("queue")).await).await, refusal(403, "other_board"));
    assert_eq!(viewer.get("/admin/screens").await.status(), 303);
    assert_eq!(code(open(&stage, &path, &key).await).await, refusal(410, "link_used_up"), "a used link is dead");
    let list = admin.text(LIST).await;
    assert!(list.contains("Used up") && list.contains("1 of 1"), "{list}");
    let sessions = admin.text("/admin/access/sessions").await;
    assert!(sessions.contains("By link \u{201c}Acme, management\u{201d}"), "{sessions}");
}

#[tokio::test]
async fn of_many_browsers_that_come_at_once_one_takes_a_one_time_link() {
    let (stage, mut admin) = closed().await;
    let (path, key) = share(&stage, &mut admin, "1", &[]).await;
    let answers = join_all((0..12).map(|_| open(&stage, &path, &key))).await;
    let admitted = answers.iter().filter(|answer| answer.headers().contains_key(header::SET_COOKIE)).count();
    let dead = answers.iter().filter(|answer| answer.status() == 410).count();
    assert_eq!((admitted, dead), (1, 11));
}

#[tokio::test]
async fn revoking_a_link_ends_its_sessions_and_streams_within_a_second_and_no_others() {
    let (stage, mut admin) = closed().await;
    let mut streams = Vec::new();
    let mut paths = Vec::new();
    for _ in 0..2 {
        let (path, key) = share(&stage, &mut admin, "2", &[]).await;
        let viewer = opened(&stage, &path, &key).await;
        let mut events = Events::new(viewer.get("/api/v1/boards/overview/events").await);
        assert!(matches!(events.event().await.1, Event::Board(_)));
        streams.push((viewer, events));
        paths.push((path, key));
    }
    let revoke = format!("{LIST}{}/revoke", &paths[0].0[2..]);
    assert!(admin.text(&revoke).await.contains("signed out at once"));
    assert_eq!(location(&admin.post(&revoke, &[]).await), LIST);
    let revoked = Instant::now();
    let (viewer, mut events) = streams.remove(0);
    within(async { while events.next().await.is_some() {} }).await;
    assert!(revoked.elapsed() < Duration::from_secs(1), "{:?}", revoked.elapsed());
    assert_eq!(viewer.get(&state("overview")).await.status(), 401);
    assert_eq!(code(open(&stage, &paths[0].0, &paths[0].1).await).await, refusal(410, "link_revoked"));
    stage.desk.set_open(9);
    while streams[0].1.event().await.1.name() != "panel" {}
}

#[tokio::test]
async fn a_link_for_some_clients_shows_nothing_of_any_other() {
    let (stage, mut admin) = closed().await;
    stage.desk.set_open(7);
    board_when(&admin, "overview", |board| open_tickets(board) == Some(7)).await;
    let everybody =
        board_when(&admin, "team", |board| board.panels.iter().any(|panel| panel.id.0 == "agent-status")).await;
    assert!(everybody.layout.placements.iter().any(|placement| placement.panel.0 == "agent-status"));

    let (path, key) = share(&stage, &mut admin, "2", &[("only", "some"), ("client", "acme")]).await;
    let viewer = opened(&stage, &path, &key).await;
    // Every other ticket is of Acme: 0, 2, 4 and 6.
    let overview = board_when(&viewer, "overview", |board| open_tickets(board) == Some(4)).await;
    assert!(overview.panels.iter().all(|panel| panel.id.0 != "agent-status"));
    let team = board_when(&viewer, "team", |_| true).await;
    assert!(team.panels.iter().all(|panel| panel.id.0 != "agent-status"), "who works has no client");
    assert!(team.layout.placements.iter().all(|placement| placement.panel.0 != "agent-status"));

    let mut events = Events::new(viewer.get("/api/v1/boards/overview/events").await);
    stage.desk.set_open(11);
    loop {
        let (_, event) = events.event().await;
        let text = event.to_data().unwrap();
        assert!(!text.contains("of globex"), "{text}");
        let open = match &event {
            Event::Board(board) => open_tickets(board),
            Event::Panel(panel) if panel.id.0 == "open-tickets" => crate::stage::count(panel),
            _ => None,
        };
        assert!(open.is_none_or(|open| open <= 6), "{open:?}");
        if open == Some(6) {
            break;
        }
    }
    let text = viewer.text(&state("overview")).await;
    assert!(text.contains("of acme") && !text.contains("of globex"), "{text}");
    assert_eq!(open_tickets(&board_when(&admin, "overview", |_| true).await), Some(11), "others see all");
    assert!(admin.text(LIST).await.contains("<dt>Clients</dt><dd>Acme &#38; Sons</dd>"));
}

#[tokio::test]
async fn a_session_ends_with_its_link_and_outlives_a_restart_until_then() {
    let (stage, mut admin) = closed().await;
    let (path, key) = share(&stage, &mut admin, "1", &[("only", "some"), ("client", "globex")]).await;
    let cookie = opened(&stage, &path, &key).await.cookie;
    let stage = stage.restart().await;
    stage.desk.name_clients();
    let viewer = Browser { cookie, ..Browser::new(&stage) };
    board_when(&viewer, "overview", |board| open_tickets(board) == Some(1)).await;
    assert_eq!(viewer.get(&state("queue")).await.status(), 403, "the link's limits hold after a restart");
    stage.clock.advance(SignedDuration::from_secs(3601));
    assert_eq!(code(open(&stage, &path, &key).await).await, refusal(410, "link_expired"));
    assert_eq!(viewer.get(&state("overview")).await.status(), 401);
}

#[tokio::test]
async fn the_exchange_takes_nothing_from_other_sites_networks_and_kinds() {
    let (stage, mut admin) = closed().await;
    let (path, key) = share(&stage, &mut admin, "1", &[("networks", "192.0.2.0/24")]).await;
    assert_eq!(code(open(&stage, &path, &key).await).await, refusal(403, "link_elsewhere"));
    for origin in [Some("https://evil.example"), Some("null"), None] {
        let mut request = stage.client().post(stage.url(&path)).json(&json!({ "key": key }));
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        assert_eq!(request.send().await.unwrap().status(), 403, "{origin:?}");
    }
    // A screen's link says so to who holds its key, and is not used up.
    let server = stage.url("");
    let fields = [("server", server.as_str()), ("name", "Lobby"), ("board", "overview"), ("hours", "1"), ("uses", "1")];
    let page = admin.post("/admin/screens/links/add", &fields).await.text().await.unwrap();
    let link = page.split("access_link = ").nth(1).unwrap().split("</textarea>").next().unwrap().replace("&#34;", "");
    let (address, screen_key) = Address::read(link.trim_matches('"')).unwrap();
    let answer = open(&stage, &format!("/s/{}", address.id()), &screen_key.unwrap().expose()).await;
    assert_eq!(code(answer).await, refusal(409, "link_for_screens"));
    assert!(admin.text(LIST).await.contains("0 of 1"));
}

#[tokio::test]
async fn a_links_networks_hold_for_every_request_and_not_for_the_exchange_alone() {
    let setup = Setup::new().with("NEXUS_OPEN_READ", "nobody").with("TRUSTED_PROXIES", "127.0.0.1");
    let stage = setup.start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    let (path, key) = share(&stage, &mut admin, "1", &[("networks", "192.0.2.0/24")]).await;
    let from = |request: reqwest::RequestBuilder, address: &str| request.header("x-forwarded-for", address).send();
    let post = stage.client().post(stage.url(&path)).header(header::ORIGIN, stage.url("")).json(&json!({ "key": key }));
    let answer = from(post, "192.0.2.7").await.unwrap();
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let get = async |path: &str, address: &str| {
        let request = stage.client().get(stage.url(path)).header(header::COOKIE, &cookie);
        from(request, address).await.unwrap().status().as_u16()
    };
    let events = "/api/v1/boards/overview/events";
    for (address, expected) in [("192.0.2.7", 200), ("192.0.2.200", 200), ("198.51.100.7", 401), ("10.1.2.3", 401)] {
        for path in [&state("overview"), events] {
            assert_eq!(get(path, address).await, expected, "{path} from {address}");
        }
    }
    // Signing out works from wherever the browser was carried to.
    let out = stage.client().post(stage.url("/sign-out")).header(header::ORIGIN, stage.url(""));
    assert_eq!(from(out.header(header::COOKIE, &cookie), "198.51.100.7").await.unwrap().status(), 303);
    assert_eq!(get(&state("overview"), "192.0.2.7").await, 401);
}

#[tokio::test]
async fn the_form_says_what_is_wrong() {
    let (stage, mut admin) = closed().await;
    let server = stage.url("");
    let good = [("server", server.as_str()), ("name", "Acme"), ("board", "overview"), ("hours", "1"), ("uses", "1")];
    for (change, said) in [
        (("name", ""), "1 to 56 characters"),
        (("board", "nowhere"), "at least one of the boards"),
        (("only", "some"), "at least one client"),
        (("client", "acme"), "Choose whether all clients"),
        (("uses", "0"), "1 to 1000 browsers"),
        (("server", "http://nexus.example.com"), "like https://nexus.example.com:8443"),
    ] {
        let kept = good.iter().filter(|(name, _)| *name != change.0).copied();
        let fields = kept.chain([change]).collect::<Vec<_>>();
        let answer = admin.post(FORM, &fields).await;
        assert_eq!(answer.status(), 422, "{change:?}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(said), "{page}");
    }
    assert!(admin.text(LIST).await.contains("No access links yet"));
    assert!(location(&Browser::new(&stage).get(FORM).await).starts_with("/admin/sign-in"));
}
