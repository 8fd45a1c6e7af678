//! What every page must be.

use serde_json::json;

use crate::{axe, chromium::Browser};

/// Keeps a picture of the page that `browser` shows, and checks that everybody can read it.
pub async fn readable(browser: &Browser, page: &str) {
    browser.picture(page).await;
    axe::check(browser, page).await;
}

/// The same, and that it is no wider than its window and that Chromium complains of nothing.
pub async fn check(browser: &Browser, page: &str) {
    readable(browser, page).await;
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.run(wide, vec![]).await, json!(0), "{page} is wider than its window");
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{page}");
}
