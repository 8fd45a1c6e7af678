//! What every page must be.

use serde_json::json;

use crate::{axe, chromium::Browser};

/// What of a panel's status is cut by the panel's edge, or lies over other words of it.
const MARKS: &str = "
    const cross = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const words = element => {
        const range = document.createRange();
        range.selectNodeContents(element);
        const [words, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
        return {
            left: Math.max(words.left, box.left), right: Math.min(words.right, box.right),
            top: Math.max(words.top, box.top), bottom: Math.min(words.bottom, box.bottom),
        };
    };
    const seen = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const faults = [];
    for (const mark of document.querySelectorAll('.panel .mark')) {
        if (!seen(mark)) continue;
        const panel = mark.closest('.panel');
        const edge = panel.getBoundingClientRect();
        for (const part of mark.children) {
            const place = part.getBoundingClientRect();
            if (place.left < edge.left || place.right > edge.right || place.bottom > edge.bottom) {
                faults.push(panel.id + ': ' + mark.textContent.trim() + ' is cut');
            }
        }
        for (const other of panel.querySelectorAll('h2, .aside, .figure, .context, .rows th, .rows td')) {
            if (seen(other) && cross(words(mark), words(other)) && other.textContent.trim()) {
                faults.push(panel.id + ': ' + mark.textContent.trim() + ' lies over ' + other.textContent.trim());
            }
        }
    }
    return faults;
";

/// Keeps a picture of the page that `browser` shows, and checks that everybody can read it.
pub async fn readable(browser: &Browser, page: &str) {
    browser.picture(page).await;
    axe::check(browser, page).await;
}

/// The same, and that it is no wider than its window, that every status is whole, and that Chromium complains of nothing.
pub async fn check(browser: &Browser, page: &str) {
    readable(browser, page).await;
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.run(wide, vec![]).await, json!(0), "{page} is wider than its window");
    assert_eq!(browser.run(MARKS, vec![]).await, json!([]), "{page}");
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{page}");
}
