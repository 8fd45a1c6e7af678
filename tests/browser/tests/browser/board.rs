//! A board as somebody reads it on a phone, a desktop, or without a script.

use browser::{
    axe,
    chromium::{Browser, DESKTOP, PHONE},
};
use journeys::server::Server;
use serde_json::json;

/// All that a board's panels say, titles left out.
const CONTENT: &str = "[...document.querySelectorAll('.panel .content')].map((panel) => panel.textContent).join()";

#[tokio::test(flavor = "multi_thread")]
async fn a_board_changes_under_its_readers_eyes_and_tells_when_it_has_lost_its_server() {
    let mut server = tokio::task::spawn_blocking(|| {
        let mut server = Server::installed();
        // On a Sunday nothing would change.
        server.set("NEXUS_DEMO_HOURS", "working");
        server.set("NEXUS_DEMO_SPEED", "20");
        server.start();
        server
    })
    .await
    .unwrap();
    let (phone, desktop) = (Browser::open(PHONE).await, Browser::open(DESKTOP).await);
    for (browser, name) in [(&phone, "board-phone"), (&desktop, "board-desktop")] {
        browser.go(&server.url("/b/overview")).await;
        browser.wait_until_live().await;
        browser.wait_until("document.querySelector('#panel-open-tickets .number')?.textContent > '0'").await;
        browser.run(&format!("window.before = {CONTENT}"), vec![]).await;
        browser.picture(name).await;
        axe::check(browser, name).await;
    }
    for browser in [&phone, &desktop] {
        // The page itself stays: only what changed is put in.
        browser.wait_until(&format!("window.before && window.before !== {CONTENT}")).await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
    let server = tokio::task::spawn_blocking(move || {
        server.kill();
        server
    });
    let mut server = server.await.unwrap();
    desktop.wait_until("document.documentElement.dataset.connection === 'lost'").await;
    assert!(desktop.text("#lost").await.starts_with("Connection lost."));
    desktop.picture("board-lost").await;
    axe::check(&desktop, "a board that has lost its server").await;
    // What a lost server makes Chromium say is no mistake of the page.
    desktop.complaints().await;
    let server = tokio::task::spawn_blocking(move || {
        server.start();
        server
    });
    let server = server.await.unwrap();
    desktop.wait_until_live().await;
    phone.close().await;
    desktop.close().await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_turned_private_or_never_was_is_told_on_a_page() {
    let server = tokio::task::spawn_blocking(Server::with_demo_desk).await.unwrap();
    let browser = Browser::open(PHONE).await;
    browser.go(&server.url("/b/nowhere")).await;
    assert_eq!(browser.text("h1").await, "There is no such board");
    axe::check(&browser, "no such board").await;
    browser.go(&server.url("/b")).await;
    axe::check(&browser, "the list of boards").await;
    browser.picture("boards-phone").await;
    let links = "return document.querySelectorAll('a[href^=\"/b/\"]').length";
    assert!(browser.run(links, vec![]).await.as_u64() > Some(1));
    assert_ne!(browser.run("return document.title", vec![]).await, json!(""));
    browser.close().await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}
