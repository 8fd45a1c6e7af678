//! Every form in every theme, on a desktop and on a phone.

use browser::{
    axe,
    chromium::{Browser, DESKTOP, PHONE, Screen, TABLET},
    gallery::Gallery,
};
use serde_json::json;

const BOARDS: [&str; 9] =
    ["overview", "queue", "team", "today", "forms", "more-forms", "overview-stale", "message", "war-room"];

async fn all(screen: Screen, name: &str, pages: &[(&str, &str)]) {
    let gallery = Gallery::open().await;
    let browser = Browser::open(screen).await;
    for (theme, board) in pages {
        browser.go(&gallery.page(theme, board)).await;
        let page = format!("{name}-{theme}-{board}");
        browser.picture(&page).await;
        axe::check(&browser, &page).await;
        let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.run(wide, vec![]).await, json!(0), "{page} is wider than its window");
        assert_eq!(browser.complaints().await, Vec::<String>::new(), "{page}");
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
