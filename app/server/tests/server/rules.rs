//! Which alerts are raised is chosen on the page, and holds without a restart.

use jiff::SignedDuration;
use server::settings::{Alerts, Connected, Desk};

use crate::{
    alerts::{Receiver, stage},
    browser::{Browser, location},
    choices::{change, error_at, filled, post, settings, with},
    stage::{Stage, within},
};

const RULES: &str = "/admin/alerts/rules";

#[tokio::test]
async fn what_is_told_and_from_when_on_is_chosen_on_the_page() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let before = settings(&stage);
    let form = filled(&browser.text(RULES).await);
    assert_eq!(location(&post(&mut browser, RULES, &form).await), "/admin/alerts/rules?saved=1");
    assert_eq!(settings(&stage), before, "a form that is sent as it was opened changes nothing");

    let changes = [
        ("queue_spike", None),
        ("sla_warning_at", Some("30 min")),
        ("unassigned_urgent_at", Some("1 h 30 min")),
        ("queue_spike_at", Some("250 %")),
        ("provider_down_at", Some("")),
    ];
    assert_eq!(change(&mut browser, RULES, &changes).await.0, 303);
    let expected = Alerts {
        queue_spike: false,
        sla_warning_minutes: Some(30),
        unassigned_urgent_minutes: Some(90),
        queue_spike_percent: Some(250),
        ..Alerts::default()
    };
    assert_eq!(settings(&stage).alerts, expected);
    let shown = filled(&browser.text(RULES).await);
    for (field, value) in [("unassigned_urgent_at", "90 min"), ("queue_spike_at", "250 %"), ("provider_down_at", "")] {
        assert!(shown.contains(&(field.to_owned(), value.to_owned())), "{field} in {shown:?}");
    }
    assert!(!shown.iter().any(|(field, _)| field == "queue_spike"));
    within(async {
        loop {
            let page = browser.text("/admin/alerts").await;
            if page.contains("<dt>30 minutes left on an urgent or high SLA clock</dt><dd>On</dd>")
                && page.contains("<dt>More than 250 % of the new tickets of last week</dt><dd>Off</dd>")
            {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_makes_no_sense_is_told_at_its_field_and_two_administrators_lose_nothing() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let before = settings(&stage);
    for (field, value, words) in [
        ("sla_warning_at", "61 min", "from 1 min to 1 h"),
        ("sla_warning_at", "0 min", "whole minutes"),
        ("sla_warning_at", "90 s", "whole minutes"),
        ("unassigned_urgent_at", "soon", "from 1 min to 1 d"),
        ("queue_spike_at", "100 %", "from 101 % to 1000 %"),
        ("provider_down_at", "99999999 d", "from 1 min to 1 d"),
    ] {
        let (status, page) = change(&mut browser, RULES, &[(field, Some(value)), ("sla_breach", None)]).await;
        assert_eq!(status, 422, "{value}");
        assert!(error_at(&page, field).contains(words), "{page}");
        assert!(page.contains(&format!("value=\"{value}\"")), "{field} lost {value}");
        assert_eq!(settings(&stage), before);
    }
    let opened = filled(&browser.text(RULES).await);
    assert_eq!(change(&mut browser, RULES, &[("sla_warning_at", Some("20 min"))]).await.0, 303);
    let answer = post(&mut browser, RULES, &with(&opened, &[("sla_warning_at", Some("40 min"))])).await;
    assert_eq!(answer.status(), 409);
    let page = answer.text().await.unwrap();
    assert!(page.contains("value=\"20 min\"") && page.contains("You had entered: 40 min"), "{page}");
    assert_eq!(settings(&stage).alerts.sla_warning_minutes, Some(20));
}

#[tokio::test]
async fn a_threshold_that_is_set_holds_for_the_next_alert() {
    let receiver = Receiver::answering(200).await;
    let stage = stage(&receiver).await;
    let mut browser = Browser::signed_in(&stage).await;
    stage.change_settings(|settings| server::Settings { desk: Desk::RequestTracker(Connected::default()), ..settings });
    stage.board_when(|board| !board.demo).await;
    let changes = [
        ("provider_down_at", Some("30 min")),
        ("unassigned_urgent", None),
        ("queue_spike", None),
        ("sla_breach", None),
    ];
    assert_eq!(change(&mut browser, RULES, &changes).await.0, 303);
    // What is shown follows the settings after those.
    stage.change_settings(|settings| server::Settings { team: "Night shift".to_owned(), ..settings });
    stage.board_when(|board| board.title == "Night shift").await;
    stage.tracker.break_down();
    // Longer than usual, and shorter than what was chosen.
    stage.clock.advance(SignedDuration::from_mins(6));
    stage.board_when(|board| board.panels[0].status == board::Status::Stale).await;
    assert_eq!(browser.post("/admin/alerts/test", &[]).await.status(), 303);
    receiver.after(1).await;
    stage.clock.advance(SignedDuration::from_mins(25));
    let told = receiver.after(2).await;
    assert!(told[0].1.contains("alert.test") && told[1].1.contains("provider_down"), "{told:?}");
}
