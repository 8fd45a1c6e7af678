//! An administrator's whole way in the order in which it is gone, with nothing but a keyboard: after the first address, no
//! page is reached but by its links and forms.

use browser::{
    chromium::{Browser, DESKTOP},
    page,
};
use journeys::{server::Server, stick::Stick};

use crate::{
    administrator::set_up,
    desk::{TOKEN, helpdesk},
    guests::TRACES,
};

/// What a guest's page says who was shown the door.
const SHOWN_OUT: &str = "document.querySelector('h1')?.textContent === 'Look at the boards'";

#[tokio::test(flavor = "multi_thread")]
async fn set_up_desk_screen_passcode_link_and_its_end_by_keyboard_alone() {
    let helpdesk = helpdesk().await;
    let (server, stick) = tokio::task::spawn_blocking(|| {
        let server = Server::with_demo_desk();
        let stick = Stick::plugged_in(&server.url(""));
        (server, stick)
    })
    .await
    .unwrap();
    let browser = Browser::open(DESKTOP).await;
    set_up(&browser, &server).await;

    browser.follow("header a[href='/admin/desk']").await;
    browser.fill(&[("#address", &helpdesk), ("#token", TOKEN)]).await;
    browser.follow("button[value=connect]").await;
    assert_eq!(browser.text("h1").await, "Request Tracker");
    browser.follow("form[action='/admin/desk/test'] button").await;
    assert!(browser.text(".good").await.contains("The connection works"));
    page::check(&browser, "walk-1-desk").await;

    browser.follow("header nav a[href='/admin/screens']:not(.brand)").await;
    browser.follow("main a.button").await;
    let (code, stick) = tokio::task::spawn_blocking(move || (stick.code(), stick)).await.unwrap();
    browser.fill(&[("#code", &code), ("#name", "Reception")]).await;
    browser.follow("main button").await;
    let (digits, stick) = tokio::task::spawn_blocking(move || (stick.digits(), stick)).await.unwrap();
    assert_eq!(browser.text(".digits").await, digits);
    browser.follow("button[value=same]").await;
    assert_eq!(browser.text(".screens h2").await, "Reception");
    page::check(&browser, "walk-2-screen").await;

    browser.follow("header a[href='/admin/access']").await;
    browser.fill(&[("#passcode", "lobby passcode"), ("#passcode_again", "lobby passcode")]).await;
    browser.follow("main form button").await;
    page::check(&browser, "walk-3-passcode").await;

    browser.follow("header nav a[href='/admin/screens']:not(.brand)").await;
    browser.follow("main a[href='/admin/screens/links']").await;
    browser.follow("main a[href='/admin/screens/links/share']").await;
    browser.fill(&[("#name", "Acme, management")]).await;
    browser.follow("main form button").await;
    let link = browser.text("#link").await;
    let key = link.split_once('#').expect("a link with its key").1.to_owned();
    page::check(&browser, "walk-4-link").await;

    let guest = Browser::open(DESKTOP).await;
    guest.go(&link).await;
    guest.wait_until("location.pathname === '/b/overview'").await;
    guest.wait_until_live().await;
    let traces = guest.run(TRACES, vec![]).await;
    assert!(!traces.as_str().expect("text").contains(&key), "the key is left in the browser");
    assert!(!server.output().contains(&key), "the key is in the server's log");
    page::check(&guest, "walk-5-guest").await;

    browser.follow("header nav a[href='/admin/screens']:not(.brand)").await;
    browser.follow("main a[href='/admin/screens/links']").await;
    browser.follow("main .actions a.small").await;
    browser.follow("main form button").await;
    assert!(browser.text("main").await.contains("Revoked"));
    page::check(&browser, "walk-6-revoked").await;
    guest.wait_until(SHOWN_OUT).await;

    browser.close().await;
    guest.close().await;
    tokio::task::spawn_blocking(move || drop((server, stick))).await.unwrap();
}
