//! What the helpdesk's words mean: an administrator's page, and what it changes; and what is said of a desk that is read,
//! but not as it should be.

use std::{collections::BTreeMap, time::Duration};

use connectors::{Mapping, PriorityBands};
use desk::Status;
use jiff::SignedDuration;
use server::{
    Config, Folder, Settings,
    settings::{Connected, Desk},
};

use crate::{
    browser::Browser,
    choices::{change, error_at, filled, post, settings, with},
    stage::{Setup, Stage, open_tickets, within},
    tracker::{TOKEN, Tracker},
};

const WORDS: &str = "/admin/desk/words";

/// A server that reads a connected desk of three open tickets, and its administrator.
async fn connected() -> (Stage, Browser) {
    let stage = Stage::start().await;
    let browser = Browser::signed_in(&stage).await;
    stage.tracker.set_open(3);
    let desk = Desk::RequestTracker(Connected::default());
    stage.change_settings(|settings| Settings { desk, ..settings });
    stage.board_when(|board| !board.demo && open_tickets(board) == Some(3)).await;
    (stage, browser)
}

#[tokio::test]
async fn what_statuses_and_priorities_mean_is_entered_and_the_boards_follow_without_a_restart() {
    let (stage, mut browser) = connected().await;
    let before = settings(&stage);
    let page = browser.text(WORDS).await;
    assert!(page.contains("value=\"75\"") && page.contains("for the usual, 75"), "{page}");
    assert_eq!(post(&mut browser, WORDS, &filled(&page)).await.status(), 303);
    assert_eq!(settings(&stage), before, "a form that is sent as it was opened changes nothing");

    let statuses = "Parked = Hold\nwaiting = for = parts = pending";
    let changes = [("normal", Some("10")), ("urgent", Some("")), ("statuses", Some(statuses))];
    assert_eq!(change(&mut browser, WORDS, &changes).await.0, 303);
    let wanted = Mapping {
        priorities: PriorityBands { normal: 10, high: 75, urgent: 100 },
        statuses: [("Parked".to_owned(), Status::Hold), ("waiting = for = parts".to_owned(), Status::Pending)].into(),
    };
    assert_eq!(stage.mapping_when(|mapping| *mapping == wanted).await, wanted, "it is the same source that hears it");
    let saved = serde_json::to_value(settings(&stage).desk).unwrap();
    assert_eq!(saved["mapping"]["statuses"]["Parked"], "hold");
    let page = browser.text(&format!("{WORDS}?saved=1")).await;
    assert!(page.contains("role=\"status\">Saved") && page.contains("Parked = hold\n"), "{page}");
    let audit = browser.text("/admin/audit").await;
    assert!(audit.contains("<td>Settings changed</td><td>words of the desk</td>"), "{audit}");

    // The desk is the same one: it is neither stale nor waited for meanwhile.
    let page = browser.text("/admin/desk").await;
    assert!(page.contains("Read as it should be") && page.contains(WORDS), "{page}");
}

#[tokio::test]
async fn a_status_that_counts_as_done_leaves_the_wall_with_the_next_reading() {
    let (stage, mut browser) = connected().await;
    assert_eq!(change(&mut browser, WORDS, &[("statuses", Some("open = solved"))]).await.0, 303);
    stage.board_when(|board| open_tickets(board) == Some(0)).await;
    assert_eq!(change(&mut browser, WORDS, &[("statuses", Some(""))]).await.0, 303);
    stage.board_when(|board| open_tickets(board) == Some(3)).await;
    assert_eq!(settings(&stage).desk, Desk::RequestTracker(Connected::default()));
}

#[tokio::test]
async fn what_is_wrong_with_the_words_is_told_at_its_field_and_nothing_is_saved() {
    let (stage, mut browser) = connected().await;
    let before = settings(&stage);
    let cases = [
        ("normal", "much", "Write a whole number"),
        ("urgent", "1e3", "Write a whole number"),
        ("high", "20", "This is 20, and normal priority from is 25"),
        ("urgent", "74", "This is 74, and high priority from is 75"),
        ("statuses", "parked", "Write \u{201c}parked\u{201d} like parked = hold."),
        ("statuses", "= hold", "Write \u{201c}= hold\u{201d} like"),
        ("statuses", "parked = asleep", "\u{201c}asleep\u{201d} is none of new, open, pending, hold, solved, closed"),
        ("statuses", "parked = hold\nPARKED = open", "\u{201c}PARKED\u{201d} is there twice"),
    ];
    for (field, entered, said) in cases {
        let (status, page) = change(&mut browser, WORDS, &[(field, Some(entered))]).await;
        assert_eq!(status, 422, "{entered}");
        assert!(error_at(&page, field).contains(said), "{entered}: {} should say {said}", error_at(&page, field));
        assert!(page.contains(entered), "what was entered stays: {page}");
        assert_eq!(settings(&stage), before);
    }
}

#[tokio::test]
async fn words_that_somebody_else_changed_meanwhile_are_shown_and_not_overwritten() {
    let (stage, mut browser) = connected().await;
    let form = filled(&browser.text(WORDS).await);
    let mapping = Mapping { statuses: [("parked".to_owned(), Status::Hold)].into(), ..Mapping::default() };
    let theirs = Desk::RequestTracker(Connected { mapping, ..Connected::default() });
    stage.change_settings(|settings| Settings { desk: theirs.clone(), ..settings });
    let answer = post(&mut browser, WORDS, &with(&form, &[("statuses", Some("parked = open"))])).await;
    assert_eq!(answer.status(), 409);
    let page = answer.text().await.unwrap();
    assert!(page.contains("You had entered: parked = open") && page.contains("\nparked = hold<"), "{page}");
    assert_eq!(settings(&stage).desk, theirs);
}

#[tokio::test]
async fn the_demo_desk_has_no_words_of_its_own() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let answer = browser.get(WORDS).await;
    assert_eq!(answer.status(), 404);
    assert!(answer.text().await.unwrap().contains("No helpdesk is connected"));
    assert_eq!(browser.post(WORDS, &[("statuses", "parked = hold")]).await.status(), 404);
    assert!(!browser.text("/admin/desk").await.contains(WORDS));
}

#[tokio::test]
async fn another_token_keeps_the_words_and_another_desk_has_its_own() {
    let address = |host: &str| format!("https://{host}/").parse::<url::Url>().unwrap();
    let mapping = Mapping { statuses: [("parked".to_owned(), Status::Hold)].into(), ..Mapping::default() };
    let now = jiff::Timestamp::now();
    let before = Connected { address: Some(address("rt.example")), at: None, mapping: mapping.clone() };
    let before = Desk::RequestTracker(before);
    assert_eq!(Connected::to(address("rt.example"), now, &before).mapping, mapping);
    assert_eq!(Connected::to(address("other.example"), now, &before).mapping, Mapping::default());
}

#[tokio::test]
async fn a_clock_that_differs_is_told_on_the_page_until_it_agrees() {
    let stage = Setup { real_tracker: true, ..Setup::new() }.start().await;
    stage.broker(Some("correct horse")).await;
    let mut browser = Browser::signed_in(&stage).await;
    let tracker = Tracker::start().await;
    let fields =
        [("address", tracker.url.as_str()), ("token", TOKEN), ("ca", tracker.ca.as_str()), ("task", "connect")];
    assert_eq!(browser.post("/admin/desk", &fields).await.status(), 303);
    let page_when = async |browser: &Browser, holds: fn(&str) -> bool| {
        within(async {
            loop {
                let page = browser.text("/admin/desk").await;
                if holds(&page) {
                    return page;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await
    };
    let page = page_when(&browser, |page| page.contains("Read as it should be")).await;
    assert!(!page.contains("class=\"notice\""), "{page}");
    stage.clock.advance(SignedDuration::from_mins(5));
    let page = page_when(&browser, |page| page.contains("class=\"notice\"")).await;
    assert!(page.contains("clock is ") && page.contains(" behind this server\u{2019}s. Waits and due times"), "{page}");
    stage.clock.advance(SignedDuration::from_mins(-5));
    page_when(&browser, |page| !page.contains("class=\"notice\"")).await;
}

#[test]
fn words_that_make_no_sense_in_the_file_are_named_and_left_as_they_are() {
    let data = tempfile::tempdir().unwrap();
    let folder = Folder::open(data.path()).unwrap();
    let config = Config::read(&BTreeMap::new(), None).unwrap();
    let good = Settings::open(&folder, &config, jiff::Timestamp::now()).unwrap();
    let good = Settings { desk: Desk::RequestTracker(Connected::default()), ..good };
    let cases = [
        (r#"{"priorities": {"normal": 30, "high": 20, "urgent": 90}}"#, "priorities must rise, and normal is from 30"),
        (r#"{"priorities": {"normal": 30}}"#, "missing field `high`"),
        (r#"{"statuses": {"parked": "asleep"}}"#, "unknown variant `asleep`"),
        (r#"{"statuses": {"Parked": "hold", "parked": "open"}}"#, "\"parked\" twice"),
        (r#"{"status": {}}"#, "unknown field `status`"),
    ];
    for (mapping, said) in cases {
        let mut written = serde_json::to_value(&good).unwrap();
        written["desk"]["mapping"] = serde_json::from_str(mapping).unwrap();
        let written = written.to_string();
        std::fs::write(data.path().join("settings.json"), &written).unwrap();
        let error = Settings::open(&folder, &config, jiff::Timestamp::now()).unwrap_err().to_string();
        assert!(error.contains("settings.json") && error.contains(said), "{error} should say {said}");
        assert_eq!(std::fs::read_to_string(data.path().join("settings.json")).unwrap(), written);
    }
}
