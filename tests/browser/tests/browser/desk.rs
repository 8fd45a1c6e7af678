//! The form by which the helpdesk is connected, with nothing but a keyboard.

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use browser::{
    chromium::{Browser, DESKTOP, PHONE},
    page,
};
use journeys::server::Server;
use tokio::net::TcpListener;

use crate::administrator::set_up;

pub(crate) const TOKEN: &str = "1-14-a-token-of-the-test";

/// As much of Request Tracker as a trial asks for; its address.
pub(crate) async fn helpdesk() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/rt", listener.local_addr().unwrap());
    let queues = async |headers: HeaderMap| -> Response {
        let signed = headers.get("authorization").is_some_and(|value| *value == format!("token {TOKEN}"));
        if !signed {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        axum::Json(serde_json::json!({ "items": [], "page": 1, "pages": 0 })).into_response()
    };
    let router = Router::new().route("/rt/REST/2.0/queues/all", get(queues));
    tokio::spawn(async { axum::serve(listener, router).await });
    address
}

async fn seen(browser: &Browser, page: &str) {
    page::readable(browser, page).await;
    // An answer that refuses is an error to Chromium, and no mistake of the page.
    let complaints = browser.complaints().await;
    assert!(complaints.iter().all(|said| said.contains("status of 422")), "{page}: {complaints:?}");
}

/// Connects Request Tracker at this address, from the page of desks.
pub(crate) async fn connect(browser: &Browser, address: &str, token: &str) {
    browser.run("document.querySelector('#address').value = ''", vec![]).await;
    browser.fill(&[("#address", address), ("#token", token)]).await;
    browser.follow("button[value=connect]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helpdesk_is_connected_by_keyboard_and_a_wrong_token_is_told_at_its_field() {
    let address = helpdesk().await;
    for (screen, kind) in [(DESKTOP, "desktop"), (PHONE, "phone")] {
        let server = tokio::task::spawn_blocking(Server::with_demo_desk).await.unwrap();
        let browser = Browser::open(screen).await;
        set_up(&browser, &server).await;
        browser.go(&server.url("/admin/desk")).await;
        seen(&browser, &format!("desk-{kind}")).await;

        connect(&browser, &address, "not-the-token").await;
        let said = browser.text("main").await;
        assert!(said.contains("Nothing was stored") && said.contains("it does not know the token"), "{said}");
        assert_eq!(
            browser.run("return document.querySelector('#token').value", vec![]).await,
            "",
            "no page shows a token"
        );
        seen(&browser, &format!("desk-refused-{kind}")).await;

        connect(&browser, &address, TOKEN).await;
        assert_eq!(browser.text("h1").await, "Request Tracker");
        let facts = browser.text("main dl").await;
        assert!(facts.contains(&address) && !facts.contains(TOKEN), "{facts}");
        seen(&browser, &format!("desk-connected-{kind}")).await;
        browser.follow("form[action='/admin/desk/test'] button").await;
        assert!(browser.text(".good").await.contains("The connection works"));
        browser.close().await;
        tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
    }
}
