//! What every page must be.

use serde_json::json;

use crate::{axe, chromium::Browser};

/// What of a panel's status is cut by the panel's edge, or lies over other words of it; which numbers of rows are cut; and
/// which lie under a vessel.
const FAULTS: &str = "
    const cross = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const written = element => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getBoundingClientRect();
    };
    const within = (words, box) => ({
        left: Math.max(words.left, box.left), right: Math.min(words.right, box.right),
        top: Math.max(words.top, box.top), bottom: Math.min(words.bottom, box.bottom),
    });
    // Of rows, those for which there is room are seen.
    const words = element =>
        [element, element.closest('.rows')].filter(Boolean)
            .reduce((words, part) => within(words, part.getBoundingClientRect()), written(element));
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
    for (const amount of document.querySelectorAll('.panel .rows .amount')) {
        if (!seen(amount)) continue;
        const [place, rows] = [amount, amount.closest('.rows')].map(part => part.getBoundingClientRect());
        if (place.left < rows.left - 1 || place.right > rows.right + 1) {
            faults.push(amount.closest('.panel').id + ': ' + amount.textContent.trim() + ' is cut');
        }
    }
    for (const vessel of document.querySelectorAll('.panel .vessel')) {
        const panel = vessel.closest('.panel');
        const figures = [...panel.querySelectorAll('.figure')].filter(seen);
        if (seen(vessel) && figures.some(figure => cross(vessel.getBoundingClientRect(), words(figure)))) {
            faults.push(panel.id + ': its vessel lies over its number');
        }
    }
    return faults;
";

/// Keeps a picture of the page that `browser` shows, and checks that everybody can read it.
pub async fn readable(browser: &Browser, page: &str) {
    browser.picture(page).await;
    axe::check(browser, page).await;
}

/// The same, and that it is no wider than its window, that every status and number is whole, and that Chromium complains of
/// nothing.
pub async fn check(browser: &Browser, page: &str) {
    readable(browser, page).await;
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.run(wide, vec![]).await, json!(0), "{page} is wider than its window");
    assert_eq!(browser.run(FAULTS, vec![]).await, json!([]), "{page}");
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{page}");
}
