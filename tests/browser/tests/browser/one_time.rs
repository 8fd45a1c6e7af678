//! One-time codes, set up and used with nothing but a keyboard.

use browser::{
    chromium::{Browser, DESKTOP},
    page,
};
use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use journeys::server::Server;
use totp_rs::{Builder, Secret};

use crate::administrator::{PASSWORD, set_up};

const PAGE: &str = "/admin/access/one-time-codes";

/// What a phone with this key shows so many seconds from now.
fn code(key: &str, seconds: i64) -> String {
    let key: [u8; 20] = BASE32_NOPAD.decode(key.replace(' ', "").as_bytes()).unwrap().try_into().unwrap();
    let generator = Builder::new().with_secret(Secret::new_stack(key)).build().unwrap();
    generator.generate((Timestamp::now().as_second() + seconds).try_into().unwrap()).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_codes_are_set_up_and_used_by_keyboard() {
    let server = tokio::task::spawn_blocking(Server::with_demo_desk).await.unwrap();
    let browser = Browser::open(DESKTOP).await;
    set_up(&browser, &server).await;
    browser.go(&server.url(PAGE)).await;
    browser.fill(&[("#current", PASSWORD)]).await;
    browser.follow("main button").await;
    let key = browser.text("#key").await;
    page::readable(&browser, "one-time-codes-key").await;
    browser.fill(&[("#code", &code(&key, 0))]).await;
    browser.follow("main button").await;
    assert!(browser.text(".state").await.contains("Asked for at every sign-in"));
    page::readable(&browser, "one-time-codes-set").await;

    browser.follow("form.inline button").await;
    browser.fill(&[("#password", PASSWORD)]).await;
    browser.tab_to("#code").await;
    page::readable(&browser, "sign-in-with-code").await;
    browser.type_in(&code(&key, 30)).await;
    browser.follow("main button").await;
    assert_eq!(browser.text("h1").await, "No screens yet");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}
