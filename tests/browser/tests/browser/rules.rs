//! Which alerts are told is chosen with nothing but a keyboard.

use browser::{
    chromium::{Browser, DESKTOP, PHONE},
    page,
};
use journeys::server::Server;
use serde_json::json;

use crate::administrator::set_up;

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_switched_by_keyboard_on_a_desktop_and_on_a_phone() {
    for (screen, kind) in [(DESKTOP, "desktop"), (PHONE, "phone")] {
        let server = tokio::task::spawn_blocking(Server::with_demo_desk).await.unwrap();
        let browser = Browser::open(screen).await;
        set_up(&browser, &server).await;
        browser.go(&server.url("/admin/alerts")).await;
        page::check(&browser, &format!("alerts-{kind}")).await;
        let lines = "const range = document.createRange();
            return [...document.querySelectorAll('.switches dd')].map((word) => {
                range.selectNodeContents(word);
                return range.getClientRects().length;
            });";
        assert_eq!(browser.run(lines, vec![]).await, json!([1, 1, 1, 1, 1, 1]), "a word is not broken");
        browser.follow("a[href='/admin/alerts/rules']").await;
        page::check(&browser, &format!("rules-{kind}")).await;

        browser.fill(&[("#queue_spike", " "), ("#provider_down_at", "90 s")]).await;
        browser.follow("main form button").await;
        assert!(browser.text("#provider_down_at-error").await.contains("whole minutes"));
        assert_eq!(browser.run("return document.activeElement.id", vec![]).await, "provider_down_at");
        // A page that says what is wrong is an error to Chromium too.
        browser.complaints().await;
        page::check(&browser, &format!("rules-wrong-{kind}")).await;
        browser.run("document.activeElement.value = ''", vec![]).await;
        browser.type_in("2 min").await;
        browser.follow("main form button").await;
        assert!(browser.text(".good").await.contains("Saved."));
        assert_eq!(browser.run("return document.querySelector('#queue_spike').checked", vec![]).await, false);
        browser.close().await;
        tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
    }
}
