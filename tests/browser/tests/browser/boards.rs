//! Boards are added, moved and removed, on a desktop and on a phone, with nothing but a keyboard.

use browser::{
    chromium::{Browser, DESKTOP, PHONE},
    page,
};
use fantoccini::key::Key;
use journeys::server::Server;

use crate::administrator::set_up;

const TITLES: &str = "[...document.querySelectorAll('.boards h2')].map((title) => title.textContent).join()";

#[tokio::test(flavor = "multi_thread")]
async fn boards_are_arranged_by_keyboard_on_a_desktop_and_on_a_phone() {
    for (screen, kind) in [(DESKTOP, "desktop"), (PHONE, "phone")] {
        let server = tokio::task::spawn_blocking(Server::with_demo_desk).await.unwrap();
        let browser = Browser::open(screen).await;
        set_up(&browser, &server).await;
        browser.go(&server.url("/admin/settings/boards")).await;
        page::check(&browser, &format!("boards-{kind}")).await;

        browser.follow("main .row a.button").await;
        page::check(&browser, &format!("add-board-{kind}")).await;
        browser.fill(&[("#name", "SLA")]).await;
        browser.follow("main button").await;
        assert!(browser.text("#name-error").await.contains("a board of this name already"));
        // A page that says what is wrong is an error to Chromium too.
        browser.complaints().await;
        page::check(&browser, &format!("add-board-wrong-{kind}")).await;
        browser.press(&[char::from(Key::End)]).await;
        browser.type_in(" of the service desk").await;
        browser.follow("main button").await;
        assert!(browser.text(".good").await.contains("SLA of the service desk” was added"));

        browser.tab_to("form[action$='/sla-of-the-service-desk/move'] button[value=up]").await;
        for _ in 0..2 {
            // The focus stays with the board, so that it is moved on by the same key.
            browser.enter().await;
        }
        assert!(browser.text(".good").await.contains("is now number 4 of 6."));
        let titles =
            "Support,Support · Queue,Support · SLA,Support · SLA of the service desk,Support · Team,Support · Today";
        browser.wait_until(&format!("{TITLES} === '{titles}'")).await;
        page::check(&browser, &format!("boards-moved-{kind}")).await;

        browser.follow("a[href$='/sla-of-the-service-desk/remove']").await;
        assert_eq!(browser.text("h1").await, "Remove Support · SLA of the service desk?");
        page::check(&browser, &format!("remove-board-{kind}")).await;
        browser.follow("main button.critical").await;
        assert_eq!(browser.text(".good").await, "The board was removed.");
        browser.close().await;
        tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
    }
}
