use connectors::PollError;
use desk::{Replies, Status};
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::stand_in::{Scene, ticket};

#[tokio::test]
async fn every_page_is_asked_for_by_the_last_id_and_links_are_not_followed() {
    let mut scene = Scene::new((1..=205).map(|id| ticket(id, "open")).collect()).await;
    let batch = scene.poll().await.unwrap();
    assert_eq!(batch.tickets.len(), 205);
    assert_eq!(batch.capabilities.replies, Replies::Known, "205 histories fit in one poll");
    assert!(batch.tickets.iter().all(|ticket| ticket.agent_replies == 1));
    assert_eq!((scene.asked_for("__Active__') AND id > 100"), scene.asked_for("__Active__') AND id > 200")), (1, 1));
    assert_eq!(scene.asked_for("user/root"), 1, "one question about one user");
}

#[tokio::test]
async fn rows_hidden_by_rights_do_not_end_the_reading() {
    let mut scene = Scene::new(vec![]).await;
    scene.script(|place, query| {
        let page = |items: Vec<Value>| Some(Ok(json!({"items": items, "page": 1, "pages": null, "total": null})));
        match (place, query.rsplit_once("id > ").map(|(_, id)| id)) {
            ("tickets", None) => page(vec![ticket(3, "open")]),
            ("tickets", Some("3")) => page(vec![ticket(150, "open")]),
            ("tickets" | "transactions", _) => page(vec![]),
            _ => None,
        }
    });
    assert_eq!(scene.poll().await.unwrap().tickets.len(), 2);
}

#[tokio::test]
async fn an_answer_that_never_goes_forward_is_asked_for_once() {
    let mut scene = Scene::new(vec![]).await;
    scene.script(|place, _| {
        (place == "tickets").then(|| Ok(json!({"items": [ticket(7, "open")], "page": 1, "pages": 9})))
    });
    assert_eq!(scene.poll().await.unwrap().tickets.len(), 1);
    assert_eq!(scene.asked_for("__Active__"), 2, "the first page, and the one after id 7 that was the same");
}

#[tokio::test]
async fn a_large_desk_is_shown_at_once_and_its_histories_follow() {
    let mut scene = Scene::new((1..=300).map(|id| ticket(id, "open")).collect()).await;
    let first = scene.poll().await.unwrap();
    assert_eq!(first.tickets.len(), 300);
    assert_eq!(first.capabilities.replies, Replies::Arriving, "not all is known yet");
    let second = scene.poll().await.unwrap();
    assert_eq!(second.tickets.len(), 60, "those whose history is new");
    assert_eq!(second.capabilities.replies, Replies::Known);
    assert!(second.tickets.iter().all(|ticket| ticket.agent_replies == 1));
    assert!(scene.poll().await.unwrap().tickets.is_empty());
}

#[tokio::test]
async fn a_poll_that_fails_half_way_loses_nothing() {
    let mut scene = Scene::new(vec![ticket(1, "open")]).await;
    scene.script(|place, _| (place == "transactions").then_some(Err((StatusCode::FORBIDDEN, "date", ""))));
    let error = scene.poll().await.unwrap_err().to_string();
    assert!(error.contains("right to read transactions"), "{error}");
    scene.behave();
    let batch = scene.poll().await.unwrap();
    assert_eq!((batch.tickets.len(), batch.groups.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_status_of_the_desks_own_is_sorted_by_its_class_once() {
    let mut scene = Scene::new(vec![ticket(1, "delivered"), ticket(2, "ordered"), ticket(3, "delivered")]).await;
    scene.script(|_, query| {
        let none = query.contains("Status = 'ordered' AND Status = '__Inactive__'");
        none.then(|| Ok(json!({"items": [], "page": 1, "pages": 0.0})))
    });
    let status: Vec<Status> = scene.poll().await.unwrap().tickets.iter().map(|ticket| ticket.status).collect();
    assert_eq!(status, [Status::Solved, Status::Open, Status::Solved]);
    scene.desk.lock().unwrap().tickets = vec![ticket(4, "delivered")];
    scene.poll().await.unwrap();
    assert_eq!(scene.asked_for("Lifecycle = 'orders'"), 3, "delivered once, ordered for both classes");
}

#[tokio::test]
async fn a_status_without_a_class_counts_as_open_and_is_named_until_it_has_one() {
    let mut scene = Scene::new(vec![ticket(1, "parked"), ticket(2, "open"), ticket(3, "parked")]).await;
    let none = |query: &str| query.contains("Lifecycle").then(|| Ok(json!({"items": [], "page": 1, "pages": 0.0})));
    scene.script(move |_, query| none(query));
    let batch = scene.poll().await.unwrap();
    assert_eq!(batch.tickets.iter().map(|ticket| ticket.status).collect::<Vec<_>>(), [Status::Open; 3]);
    assert_eq!(scene.unmapped(), ["parked"]);

    scene.behave();
    let batch = scene.poll().await.unwrap();
    assert!(batch.tickets.is_empty() && scene.unmapped().len() == 1, "nobody asks at every poll: {batch:?}");
    scene.now += SignedDuration::from_mins(10);
    let batch = scene.poll().await.unwrap();
    let told = batch.tickets.iter().map(|ticket| (ticket.id.0.as_str(), ticket.status)).collect::<Vec<_>>();
    assert_eq!(told, [("1", Status::Solved), ("3", Status::Solved)], "the stand-in says that it counts as done");
    assert!(scene.unmapped().is_empty());
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let refusal = async |status: StatusCode, header: &'static str, value: &'static str| {
        let mut scene = Scene::new(vec![]).await;
        scene.script(move |_, _| Some(Err((status, header, value))));
        scene.poll().await.unwrap_err()
    };
    let refused = refusal(StatusCode::UNAUTHORIZED, "date", "").await;
    assert!(matches!(refused, PollError::Refused { .. }) && refused.to_string().contains("401"), "{refused}");
    let elsewhere = refusal(StatusCode::FOUND, "location", "https://elsewhere.example").await;
    assert!(matches!(elsewhere, PollError::Malformed { .. }), "{elsewhere}");
    let absent = refusal(StatusCode::NOT_FOUND, "date", "").await;
    assert!(absent.to_string().contains("REST 2.0"), "{absent}");
    let busy = refusal(StatusCode::TOO_MANY_REQUESTS, "retry-after", "90").await;
    assert!(matches!(busy, PollError::RateLimited { seconds: 90, .. }), "{busy}");
    let down = refusal(StatusCode::INTERNAL_SERVER_ERROR, "date", "").await;
    assert!(matches!(down, PollError::Unreachable { .. }), "{down}");
    let no_passphrase = refusal(StatusCode::SERVICE_UNAVAILABLE, "nexus-broker-error", "no_passphrase").await;
    assert!(matches!(no_passphrase, PollError::Unreachable { .. }), "words that cannot be read: {no_passphrase}");

    let mut scene = Scene::new(vec![]).await;
    scene.script(|_, _| Some(Ok(json!("<html>"))));
    assert!(matches!(scene.poll().await.unwrap_err(), PollError::Malformed { .. }));
}

#[tokio::test]
async fn an_unsolved_ticket_that_vanishes_is_removed_when_the_lists_are_compared() {
    let mut scene = Scene::new(vec![ticket(1, "open"), ticket(2, "open")]).await;
    scene.poll().await.unwrap();
    scene.desk.lock().unwrap().tickets.remove(0);
    assert!(scene.poll().await.unwrap().removed.is_empty(), "a poll of changes cannot know");
    scene.now += SignedDuration::from_mins(2);
    let removed = scene.poll().await.unwrap().removed;
    assert_eq!(removed.iter().map(|id| id.0.as_str()).collect::<Vec<_>>(), ["1"]);
}
