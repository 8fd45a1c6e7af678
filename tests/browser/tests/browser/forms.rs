//! Every form in every theme, on a desktop and on a phone.

use browser::{
    chromium::{Browser, DESKTOP, PHONE, Screen, TABLET},
    gallery::Gallery,
    page,
};

const BOARDS: [&str; 11] = [
    "overview",
    "queue",
    "team",
    "today",
    "forms",
    "more-forms",
    "overview-stale",
    "more-forms-stale",
    "more-forms-warn",
    "message",
    "war-room",
];

async fn all(screen: Screen, name: &str, pages: &[(&str, &str)]) {
    let gallery = Gallery::open().await;
    let browser = Browser::open(screen).await;
    for (theme, board) in pages {
        browser.go(&gallery.page(theme, board)).await;
        page::check(&browser, &format!("{name}-{theme}-{board}")).await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_can_be_read_by_everybody_on_a_desktop() {
    let pages = BOARDS.map(|board| ("midnight", board));
    let others = [("daylight", "overview"), ("daylight", "forms"), ("signal", "overview"), ("signal", "queue")];
    all(DESKTOP, "desktop", &[&pages[..], &others[..]].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_can_be_read_by_everybody_on_a_phone() {
    let pages = BOARDS.map(|board| ("midnight", board));
    all(PHONE, "phone", &[&pages[..], &[("daylight", "more-forms")][..]].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_can_be_read_by_everybody_on_a_tablet() {
    all(TABLET, "tablet", &[("midnight", "overview"), ("daylight", "team"), ("midnight", "forms")]).await;
}
