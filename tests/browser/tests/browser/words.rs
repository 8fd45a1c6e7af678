//! The one thing that is worded in two places: what runs, by the server and by the page's script.

use board::{Value, format};
use browser::{
    chromium::{Browser, DESKTOP},
    gallery::Gallery,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;

/// Around every length at which the wording changes.
fn lengths() -> Vec<i64> {
    let steps =
        [0, 1, 59, 60, 119, 120, 899, 900, 901, 3_599, 3_600, 7_260, 86_399, 86_400, 90_000, 864_000, 40_000_000];
    let near = steps.into_iter().flat_map(|seconds| [-1, 0, 1].map(|more| (seconds + more) * 1_000));
    let uneven = [1, 499, 999, 1_500, 59_999, 899_999, 900_001].into_iter();
    near.chain(uneven).flat_map(|length| [length, -length]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_words_what_runs_as_the_wall_does() {
    let now: Timestamp = "2026-11-16T14:32:00Z".parse().unwrap();
    let zone = TimeZone::get("Europe/London").unwrap();
    let mut cases = Vec::new();
    let mut expected = Vec::new();
    for length in lengths() {
        let at = now - SignedDuration::from_millis(length);
        for (direction, value) in [("since", Value::Since(at)), ("until", Value::Until(at))] {
            for wording in ["main", "row"] {
                let worded = if wording == "main" { format::worded } else { format::row };
                cases.push(json!([direction, wording, at.as_millisecond(), now.as_millisecond()]));
                expected.push(worded(&value, now, &zone).to_string());
            }
        }
        cases.push(json!(["updated", "", at.as_millisecond(), now.as_millisecond()]));
        expected.push(format::updated(Some(at), now));
        cases.push(json!(["time", "Europe/London", at.as_millisecond(), 0]));
        expected.push(format::time(at, &zone));
        cases.push(json!(["date", "Europe/London", at.as_millisecond(), 0]));
        expected.push(format::date(at, &zone));
    }

    let gallery = Gallery::open().await;
    let browser = Browser::open(DESKTOP).await;
    browser.go(&gallery.page("midnight", "overview")).await;
    let script = r#"
        const [cases, done] = arguments;
        import("/assets/board/words.js").then(({ date, joined, time, updated, worded }) => done(
            cases.map(([kind, wording, at, now]) =>
                kind === "updated" ? updated(at, now)
                : kind === "time" ? time(at, wording)
                : kind === "date" ? date(at, wording)
                : joined(worded(kind, wording, at, now)))), (error) => done(String(error)));"#;
    let worded = browser.run_later(script, vec![json!(cases)]).await;
    let worded = worded.as_array().unwrap_or_else(|| panic!("{worded}"));
    assert_eq!(worded.len(), expected.len());
    for ((case, worded), expected) in cases.iter().zip(worded).zip(&expected) {
        assert_eq!(worded, expected, "{case}");
    }
    browser.close().await;
}
