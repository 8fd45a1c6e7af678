//! Access links: made by an administrator, used by sticks, revoked.

use std::time::{Duration, Instant};

use board::wire::Event;
use jiff::SignedDuration;
use pairing::{
    DeviceKey, Entropy,
    device::Paired,
    link::{
        Address, Anchor, AnchorHash, Exchange,
        device::{Holder, Ready},
    },
    message::{Description, Trust},
    session::{DenialCode, Fresh},
};
use reqwest::Response;
use serde_json::Value;

use crate::{
    browser::{Browser, location},
    stage::{Setup, Stage, within},
    stick::Stick,
    streams::Events,
};

const FORM: &str = "/admin/screens/links/add";
const LIST: &str = "/admin/screens/links";

async fn closed() -> (Stage, Browser) {
    let stage = Setup::new().with("NEXUS_OPEN_READ", "nobody").start().await;
    let browser = Browser::signed_in(&stage).await;
    (stage, browser)
}

/// Makes a link as an administrator does, and copies the line for nexus.toml.
async fn make(stage: &Stage, browser: &mut Browser, uses: &str, networks: &str) -> String {
    let server = stage.url("");
    let fields = [
        ("server", server.as_str()),
        ("name", "Lobby"),
        ("board", "overview"),
        ("networks", networks),
        ("hours", "1"),
        ("uses", uses),
    ];
    let answer = browser.post(FORM, &fields).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let page = answer.text().await.unwrap();
    let line = page.split("access_link = ").nth(1).expect("a line for nexus.toml");
    let link = line.split("</textarea>").next().unwrap().trim_matches('"').replace("&#34;", "");
    assert!(page.contains("It is shown this once"), "{page}");
    link
}

/// What a stick makes of a link, over a connection that verifies against the server's anchor.
async fn ready(stage: &Stage, link: &str) -> (Address, Ready) {
    let (address, key) = Address::read(link).unwrap();
    let Anchor { certificates } = stage.get("/api/v1/anchor").await.json().await.unwrap();
    let ready = Holder::new(address.clone(), key.unwrap()).anchored(certificates.unwrap(), hash).unwrap();
    (address, ready)
}

fn hash(pem: &str) -> Option<AnchorHash> {
    server::tls::Anchor::Certificates(pem.to_owned()).hash().unwrap()
}

async fn exchange(stage: &Stage, ready: &Ready, key: &DeviceKey) -> Exchange {
    let fresh = stage.client().post(stage.url("/api/v1/nonces")).send().await.unwrap();
    let Fresh { nonce } = fresh.json().await.unwrap();
    let text = |text: &str| text.parse().unwrap();
    let description = Description { model: text("Model 4"), serial: text("SN-1"), software: text("0.1.0") };
    ready.exchange(key, description, nonce)
}

async fn post(stage: &Stage, address: &Address, exchange: &Exchange) -> Response {
    let path = format!("/api/v1/links/{}", address.id());
    stage.client().post(stage.url(&path)).json(exchange).send().await.unwrap()
}

async fn join(stage: &Stage, link: &str, key: &DeviceKey) -> Response {
    let (address, ready) = ready(stage, link).await;
    post(stage, &address, &exchange(stage, &ready, key).await).await
}

async fn refused(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    (status, answer.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned())
}

fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn new_key() -> DeviceKey {
    DeviceKey::draw(&Entropy::system().unwrap())
}

#[tokio::test]
async fn a_stick_with_a_link_is_live_without_a_person_and_the_link_is_spent() {
    let (stage, mut browser) = closed().await;
    let link = make(&stage, &mut browser, "1", "").await;
    let stick = Stick::new(&stage);
    let answer = join(&stage, &link, &stick.key).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
    let paired: Paired = answer.json().await.unwrap();
    assert!(matches!(&paired.payload.trust, Trust::Anchor(pem) if stage.server.anchor().hash().unwrap() == hash(pem)));
    let token = stick.token(&paired).await.unwrap();
    assert_eq!((&*token.screen.name, &*token.screen.board), ("Lobby", "overview"));
    assert_eq!(stick.read("overview", &token.access_token).await.status(), 200);
    assert_eq!(stick.read("queue", &token.access_token).await.status(), 403, "only the link's board");
    assert!(browser.text("/admin/screens").await.contains("Lobby"));
    assert!(browser.text(LIST).await.contains("Used up"));

    assert_eq!(refused(join(&stage, &link, &new_key()).await).await, refusal(410, "link_used_up"));
    let again: Paired = join(&stage, &link, &stick.key).await.json().await.unwrap();
    assert_eq!(again, paired, "a stick that lost the answer hears it again");
}

#[tokio::test]
async fn revoking_a_link_removes_its_screens_at_once_or_keeps_them() {
    let (stage, mut browser) = closed().await;
    let link = make(&stage, &mut browser, "3", "127.0.0.0/8, ::1").await;
    let stick = Stick::new(&stage);
    let paired: Paired = join(&stage, &link, &stick.key).await.json().await.unwrap();
    let token = stick.token(&paired).await.unwrap();
    assert_eq!(&*token.screen.name, "Lobby 1");
    let mut events = Events::new(stick.stream("overview", &token.access_token).await);
    assert!(matches!(events.event().await.1, Event::Board(_)));

    let revoke = format!("{LIST}/{}/revoke", Address::read(&link).unwrap().0.id());
    assert!(browser.text(&revoke).await.contains("<li>Lobby 1</li>"));
    assert_eq!(location(&browser.post(&revoke, &[("screens", "keep")]).await), LIST);
    assert_eq!(refused(join(&stage, &link, &new_key()).await).await, refusal(410, "link_revoked"));
    assert_eq!(stick.read("overview", &token.access_token).await.status(), 200);

    assert_eq!(browser.post(&revoke, &[]).await.status(), 303);
    let revoked = Instant::now();
    within(async { while events.next().await.is_some() {} }).await;
    assert!(revoked.elapsed() < Duration::from_secs(1), "{:?}", revoked.elapsed());
    assert_eq!(stick.token(&paired).await.unwrap_err().code, DenialCode::UnknownDevice);
    assert!(browser.text(LIST).await.contains("Revoked"));
}

#[tokio::test]
async fn who_is_not_meant_does_not_get_in() {
    let (stage, mut browser) = closed().await;
    let elsewhere = make(&stage, &mut browser, "1", "192.0.2.0/24").await;
    assert_eq!(refused(join(&stage, &elsewhere, &new_key()).await).await, refusal(403, "link_elsewhere"));

    let link = make(&stage, &mut browser, "1", "").await;
    let ((address, right), (other, wrong)) = (ready(&stage, &link).await, ready(&stage, &elsewhere).await);
    let key = new_key();
    let mixed = exchange(&stage, &wrong, &key).await;
    assert_eq!(refused(post(&stage, &address, &mixed).await).await, refusal(404, "unknown_link"), "a wrong key");
    let honest = exchange(&stage, &right, &key).await;
    assert_eq!(refused(post(&stage, &other, &honest).await).await, refusal(404, "unknown_link"));
    let nowhere = stage.client().post(stage.url("/api/v1/links/AAAAAAAAAAAA")).json(&honest).send().await.unwrap();
    assert_eq!(refused(nowhere).await, refusal(404, "unknown_link"), "as if the key were wrong");

    assert_eq!(post(&stage, &address, &honest).await.status(), 200);
    assert_eq!(refused(post(&stage, &address, &honest).await).await, refusal(401, "stale_nonce"), "a replay");

    let late = make(&stage, &mut browser, "1", "").await;
    stage.clock.advance(SignedDuration::from_secs(3601));
    assert_eq!(refused(join(&stage, &late, &new_key()).await).await, refusal(410, "link_expired"));
}

#[tokio::test]
async fn of_many_that_come_at_once_one_takes_a_one_time_link() {
    let (stage, mut browser) = closed().await;
    let link = make(&stage, &mut browser, "1", "").await;
    let answers = futures_util::future::join_all((0..8).map(|_| async {
        let key = new_key();
        join(&stage, &link, &key).await.status().as_u16()
    }))
    .await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 410).count(), 7, "{answers:?}");
}

#[tokio::test]
async fn strangers_may_not_try_for_ever() {
    let (stage, mut browser) = closed().await;
    let link = make(&stage, &mut browser, "1", "").await;
    let (address, right) = ready(&stage, &link).await;
    let honest = exchange(&stage, &right, &new_key()).await;
    let mut last = 0;
    for _ in 0..30 {
        let path = "/api/v1/links/AAAAAAAAAAAA";
        last = stage.client().post(stage.url(path)).json(&honest).send().await.unwrap().status().as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    let answer = post(&stage, &address, &honest).await;
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(refused(answer).await, refusal(429, "too_many_requests"));
    assert_eq!(browser.get(LIST).await.status(), 200, "who is signed in is not locked out");
}

#[tokio::test]
async fn the_key_of_a_link_lies_nowhere_on_the_server() {
    let (stage, mut browser) = closed().await;
    let link = make(&stage, &mut browser, "1", "").await;
    let (_, key) = Address::read(&link).unwrap();
    let key = key.unwrap().expose();
    join(&stage, &link, &new_key()).await;
    for path in [LIST, FORM, "/admin/screens"] {
        assert!(!browser.text(path).await.contains(key.as_str()), "{path}");
    }
    let folder = stage.data("");
    stage.server.stop().await;
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "{}", file.display());
    }
}

#[tokio::test]
async fn a_link_outlives_a_restart() {
    let (stage, mut browser) = closed().await;
    let link = make(&stage, &mut browser, "2", "").await;
    let setup = Setup { folder: stage.folder.clone(), ..Setup::new() };
    stage.server.stop().await;
    let stage = setup.start().await;
    assert_eq!(join(&stage, &link, &new_key()).await.status(), 200);
}

#[tokio::test]
async fn the_form_says_what_is_wrong_and_only_administrators_see_it() {
    let (stage, mut browser) = closed().await;
    let form = browser.text(FORM).await;
    assert!(form.contains(&format!("value=\"{}\"", stage.url(""))), "{form}");
    let good = |name: &str| match name {
        "server" => "https://nexus.example.com".to_owned(),
        "name" => "Lobby".to_owned(),
        "board" => "overview".to_owned(),
        "hours" => "24".to_owned(),
        "uses" => "1".to_owned(),
        _ => String::new(),
    };
    for (field, value, said) in [
        ("server", "http://nexus.example.com", "like https://nexus.example.com:8443"),
        ("server", "https://nexus.example.com/admin", "like https://nexus.example.com:8443"),
        ("name", "", "1 to 56 characters"),
        ("board", "nothing", "Choose one of the boards"),
        ("networks", "192.0.2.0/99", "is no network"),
        ("hours", "7", "Choose how long"),
        ("uses", "0", "1 to 1000 screens"),
    ] {
        let names = ["server", "name", "board", "networks", "hours", "uses"];
        let fields = names.map(|name| (name, if name == field { value.to_owned() } else { good(name) }));
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = browser.post(FORM, &fields).await;
        assert_eq!(answer.status(), 422, "{field}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(said), "{page}");
    }
    assert!(browser.text(LIST).await.contains("No access links yet"));

    let mut stranger = Browser::new(&stage);
    for path in [LIST, FORM] {
        assert!(location(&stranger.get(path).await).starts_with("/admin/sign-in"), "{path}");
    }
    assert_eq!(stranger.post(FORM, &[("name", "x")]).await.status(), 303);
    assert!(browser.text(LIST).await.contains("No access links yet"));
}

#[tokio::test]
async fn a_link_in_a_browser_says_that_it_is_for_a_screen() {
    let stage = Stage::start().await;
    let page = stage.get("/s/AAAAAAAAAAAA").await;
    assert_eq!(page.status(), 200);
    let text = page.text().await.unwrap();
    assert!(text.contains("This link is for a screen") && !text.contains("AAAAAAAAAAAA"), "{text}");
}
