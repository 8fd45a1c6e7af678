//! Desks that are not read in one go.

use connectors::PollError;
use connectors::request_tracker::Options;
use http::StatusCode;
use jiff::SignedDuration;

use crate::stand_in::{Scene, aged, hasty, now, numbers, ticket};

#[tokio::test]
async fn unsolved_and_recent_tickets_are_told_first_and_older_ones_follow() {
    let mut tickets = vec![aged(1, "open", 300), aged(2, "resolved", 5)];
    tickets.extend((3..1_303).map(|id| aged(id, "resolved", 20)));
    tickets.extend([aged(1_303, "resolved", 40), aged(1_304, "resolved", 80)]);
    let mut scene = Scene::new(tickets).await;
    let first = scene.poll().await.unwrap();
    assert_eq!(numbers(&first), [1, 2]);
    let nine_days_ago = scene.now - SignedDuration::from_hours(9 * 24);
    assert_eq!(first.complete_since, Some(nine_days_ago), "today and the same day last week can be told");

    let second = scene.poll().await.unwrap();
    assert_eq!(numbers(&second), (3..1_003).collect::<Vec<_>>(), "ten pages beside what changed");
    assert_eq!(second.complete_since, Some(nine_days_ago), "what is told is not all of it");
    let third = scene.poll().await.unwrap();
    assert_eq!(numbers(&third).last(), Some(&1_303));
    assert_eq!(third.complete_since, None);
    let asked = scene.asked_for("days ago");
    scene.poll().await.unwrap();
    assert_eq!(scene.asked_for("days ago"), asked, "nothing is left to be read");
}

#[tokio::test]
async fn a_first_reading_that_fails_goes_on_where_it_stopped() {
    let mut scene = Scene::new((1..=450).map(|id| ticket(id, "open")).collect()).await;
    scene.script(|_, query| query.contains("id > 300").then_some(Err((StatusCode::FORBIDDEN, "date", ""))));
    for _ in 0..3 {
        scene.poll().await.unwrap_err();
    }
    scene.behave();
    scene.now += SignedDuration::from_mins(30);
    assert_eq!(scene.poll().await.unwrap().tickets.len(), 450);
    let page = |after: u64| scene.asked_for(&format!("__Active__') AND id > {after}"));
    assert_eq!((page(100), page(200), page(300), page(400)), (1, 1, 4, 1));
    scene.poll().await.unwrap();
    assert!(scene.asked_for("'37 minutes ago'") > 0, "what changed since it began, and the overlap");
}

#[tokio::test]
async fn more_unsolved_tickets_than_are_read_are_refused_and_not_told_in_part() {
    let tickets = |count| (1..=count).map(|id| ticket(id, "open")).collect();
    let mut scene = Scene::with(tickets(450), Options { most_tickets: 250, ..hasty() }).await;
    for _ in 0..2 {
        let error = scene.poll().await.unwrap_err();
        assert!(matches!(error, PollError::TooMuch { .. }), "{error}");
        assert!(
            error.to_string().contains("more than 250 tickets") && error.to_string().contains("fewer queues"),
            "{error}"
        );
    }
    scene.desk.lock().unwrap().tickets = tickets(90);
    assert_eq!(numbers(&scene.poll().await.unwrap()), (1..=90).collect::<Vec<_>>());
}

#[tokio::test]
async fn older_tickets_than_are_kept_are_left_out_and_the_history_says_so() {
    let mut tickets: Vec<_> = (1..=60).map(|id| aged(id, "open", 200)).collect();
    tickets.extend((61..=260).map(|id| aged(id, "resolved", 20)));
    tickets.extend((261..=460).map(|id| aged(id, "resolved", 40)));
    let mut scene = Scene::with(tickets, Options { most_tickets: 300, ..hasty() }).await;
    let mut told = scene.poll().await.unwrap().tickets.len();
    let last = scene.poll().await.unwrap();
    told += last.tickets.len();
    assert_eq!(told, 360, "up to the page on which it was too much");
    assert_eq!(last.complete_since, Some(scene.now - SignedDuration::from_hours(29 * 24)));
    let asked = scene.asked_for("56 days ago");
    assert_eq!(
        (scene.poll().await.unwrap().complete_since, scene.asked_for("56 days ago")),
        (last.complete_since, asked)
    );
}

#[tokio::test]
async fn a_long_list_of_unsolved_tickets_is_compared_over_several_polls() {
    let mut scene = Scene::new((1..=1_450).map(|id| aged(id, "open", 20)).collect()).await;
    scene.poll().await.unwrap();
    scene.poll().await.unwrap();
    scene.desk.lock().unwrap().tickets.retain(|ticket| ticket["id"] != "50" && ticket["id"] != "1400");
    scene.now = now() + SignedDuration::from_mins(3);
    let removed = |batch: desk::Batch| batch.removed.into_iter().map(|id| id.0).collect::<Vec<_>>();
    let asked = scene.asked_for("Status = '__Active__'");
    assert_eq!(removed(scene.poll().await.unwrap()), ["50"]);
    assert_eq!(scene.asked_for("Status = '__Active__'") - asked, 10);
    assert_eq!(removed(scene.poll().await.unwrap()), ["1400"]);
}
