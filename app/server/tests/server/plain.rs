//! Plain HTTP, where an operator opened that door: open boards, and nothing by which anybody is known.

use reqwest::{Method, header};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::{
    browser::Browser,
    stage::{Setup, Stage, within},
    stick::{Stick, pair},
    streams::Events,
};

const STATE: &str = "/api/v1/boards/overview/state";

async fn start() -> Stage {
    Setup::new().with("NEXUS_LISTEN_HTTP", "127.0.0.1:0").start().await
}

#[tokio::test]
async fn nobody_listens_for_plain_http_unless_asked_to() {
    let stage = Stage::start().await;
    assert_eq!(stage.server.plain_address(), None);
}

#[tokio::test]
async fn an_open_board_is_read_and_streamed_over_plain_http() {
    let stage = start().await;
    let client = stage.client();
    let answer = client.get(stage.plain_url(STATE)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.json::<board::Board>().await.is_ok());
    let stream = client.get(stage.plain_url("/api/v1/boards/overview/events")).send().await.unwrap();
    Events::new(stream).event().await;
}

#[tokio::test]
async fn a_stick_gets_nothing_over_plain_http_not_even_with_its_token() {
    let stage = start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let (stick, paired) = pair(&stage, &mut browser).await;
    let token = stick.token(&paired).await.unwrap().access_token;
    let client = stage.client();
    let mut requests = vec![client.get(stage.plain_url(STATE)).bearer_auth(&token)];
    for (method, path) in [
        (Method::POST, "/api/v1/pairings"),
        (Method::GET, "/api/v1/pairings/x"),
        (Method::POST, "/api/v1/pairings/x/confirmation"),
        (Method::GET, "/api/v1/anchor"),
        (Method::POST, "/api/v1/links/x"),
        (Method::POST, "/api/v1/nonces"),
        (Method::POST, "/api/v1/token"),
    ] {
        requests.push(client.request(method, stage.plain_url(path)));
    }
    for request in requests {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 403, "{}", answer.url());
        let body = answer.json::<Value>().await.unwrap();
        assert_eq!(body["code"], "https_required");
        assert!(body["message"].as_str().unwrap().contains("https://"), "{body}");
    }
    assert_eq!(stick.read("overview", &token).await.status(), 200, "by HTTPS it goes on");
}

#[tokio::test]
async fn an_administrator_is_led_to_https_and_a_cookie_in_clear_is_worth_nothing() {
    let stage = Setup::new()
        .with("NEXUS_LISTEN_HTTP", "127.0.0.1:0")
        .with("NEXUS_OPEN_READ", "nobody")
        .with("NEXUS_NAMES", "nexus.example.com")
        .start()
        .await;
    let browser = Browser::signed_in(&stage).await;
    assert_eq!(browser.get(STATE).await.status(), 200);
    let ask = |path: &str| {
        let cookie = browser.cookie.clone().unwrap();
        stage.client().get(stage.plain_url(path)).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html")
    };
    assert_eq!(ask(STATE).send().await.unwrap().status(), 401);
    let port = stage.server.address().port();
    for path in ["/sign-in", "/admin/sign-in", "/admin/screens", "/s/x"] {
        let answer = ask(path).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(&format!("href=\"https://nexus.example.com:{port}{path}\"")), "{page}");
        assert!(!page.contains("<form"), "{page}");
    }
    let sent = stage.client().post(stage.plain_url("/admin/sign-in")).form(&[("password", "x")]).send().await.unwrap();
    assert_eq!(sent.status(), 403);
    assert!(!sent.headers().contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn foreign_names_and_far_addresses_read_nothing_over_plain_http_either() {
    let stage = start().await;
    let client = stage.client();
    let rebound = client.get(stage.plain_url(STATE)).header(header::HOST, "rebound.example").send().await.unwrap();
    assert_eq!(rebound.status(), 421);
    let forwarded = client.get(stage.plain_url(STATE)).header("x-forwarded-for", "10.0.0.1").send().await.unwrap();
    assert_eq!(forwarded.status(), 401);
}

#[tokio::test]
async fn both_doors_share_one_bound_for_connections() {
    let stage =
        Setup::new().with("NEXUS_LISTEN_HTTP", "127.0.0.1:0").with("NEXUS_CONNECTIONS_PER_ADDRESS", "2").start().await;
    let _held = [TcpStream::connect(stage.server.address()).await.unwrap(), {
        TcpStream::connect(stage.server.plain_address().unwrap()).await.unwrap()
    }];
    within(async {
        // The two are counted once they are accepted.
        while stage.client().get(stage.plain_url("/healthz")).send().await.is_ok() {}
    })
    .await;
    assert!(stage.client().get(stage.url("/healthz")).send().await.is_err());
}

#[tokio::test]
async fn a_stick_is_not_paired_over_plain_http() {
    let stage = start().await;
    let stick = Stick { origin: stage.plain_url(""), ..Stick::new(&stage) };
    let (_, answer) = stick.ask().await;
    assert_eq!(answer.status(), 403);
}
