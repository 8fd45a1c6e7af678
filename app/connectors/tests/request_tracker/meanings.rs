//! What Request Tracker's words mean where an administrator says so, from the start or while it is read.

use std::collections::BTreeMap;

use connectors::request_tracker::Options;
use connectors::{Mapping, PriorityBands};
use desk::{Priority, Status};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::stand_in::{Scene, aged, hasty, numbers, ticket};

fn meaning(statuses: &[(&str, Status)]) -> Mapping {
    let statuses = statuses.iter().map(|(name, meaning)| ((*name).to_owned(), *meaning)).collect();
    Mapping { statuses, ..Mapping::default() }
}

fn of_priority(id: u64, priority: &str) -> Value {
    let mut ticket = ticket(id, "open");
    ticket["Priority"] = json!(priority);
    ticket
}

#[tokio::test]
async fn a_status_means_what_an_administrator_says_and_nobody_asks_request_tracker() {
    let mapping = meaning(&[("Parked", Status::Hold), ("stalled", Status::Hold), ("dropped", Status::Closed)]);
    let tickets = vec![ticket(1, "parked"), ticket(2, "stalled"), ticket(3, "dropped"), ticket(4, "open")];
    let mut scene = Scene::with(tickets, Options { mapping, ..hasty() }).await;
    let batch = scene.poll().await.unwrap();
    let told: BTreeMap<&str, Status> =
        batch.tickets.iter().map(|ticket| (ticket.id.0.as_str(), ticket.status)).collect();
    let wanted = [("1", Status::Hold), ("2", Status::Hold), ("3", Status::Closed), ("4", Status::Open)];
    assert_eq!(told, BTreeMap::from(wanted));
    assert_eq!(scene.asked_for("Lifecycle"), 0);
}

#[tokio::test]
async fn a_ticket_that_request_tracker_takes_for_done_and_an_administrator_does_not_is_read_however_old_it_is() {
    let mut scene = Scene::new(vec![aged(1, "delivered", 90), ticket(2, "open")]).await;
    assert_eq!(numbers(&scene.poll().await.unwrap()), [2], "nobody needs what was done that long ago");
    scene.remap(&meaning(&[("delivered", Status::Pending)]));
    let batch = scene.poll().await.unwrap();
    assert_eq!(numbers(&batch), [1, 2], "the next poll knows");
    assert_eq!(batch.tickets.iter().find(|ticket| ticket.id.0 == "1").unwrap().status, Status::Pending);
    // It is not missed when the lists are compared again.
    scene.now += SignedDuration::from_mins(3);
    let batch = scene.poll().await.unwrap();
    assert!(batch.removed.is_empty() && batch.tickets.is_empty(), "{batch:?}");
    assert_eq!(scene.asked_for("id = 1"), 0, "nor asked for by its number");
}

#[tokio::test]
async fn a_ticket_that_is_done_by_an_administrators_word_is_no_longer_listed_and_is_told_as_solved() {
    let mut scene = Scene::new(vec![ticket(1, "stalled"), ticket(2, "open")]).await;
    scene.poll().await.unwrap();
    scene.script(|place, query| {
        let history = json!([
            {"id": "11", "ObjectId": "1", "Type": "Status", "Creator": {"id": "root"}, "Created": "2026-03-02T09:30:00Z",
             "OldValue": "open", "NewValue": "stalled"},
        ]);
        (place == "transactions" && !query.contains("id > ")).then(|| Ok(json!({"items": history, "page": 1, "pages": 1})))
    });
    scene.remap(&meaning(&[("stalled", Status::Solved)]));
    let batch = scene.poll().await.unwrap();
    let stalled = batch.tickets.iter().find(|ticket| ticket.id.0 == "1").unwrap();
    assert_eq!((stalled.status, stalled.solved_at), (Status::Solved, Some("2026-03-02T09:30:00Z".parse().unwrap())));
    assert_eq!(stalled.solved_by.as_ref().unwrap().0, "root");
    assert_eq!(scene.asked_for("Status != 'stalled'"), 1, "those that are said to be done are not listed");
}

#[tokio::test]
async fn other_priorities_are_told_by_the_next_poll_without_asking_for_anything() {
    let mut scene = Scene::new(vec![of_priority(1, "40"), of_priority(2, "100"), of_priority(3, "High")]).await;
    let priorities = |batch: &desk::Batch| batch.tickets.iter().map(|ticket| ticket.priority).collect::<Vec<_>>();
    let batch = scene.poll().await.unwrap();
    assert_eq!(priorities(&batch), [Priority::Normal, Priority::Urgent, Priority::Urgent]);
    scene.poll().await.unwrap();
    let asked = scene.desk.lock().unwrap().asked.len();
    scene.remap(&Mapping { priorities: PriorityBands { normal: 10, high: 40, urgent: 101 }, ..Mapping::default() });
    let batch = scene.poll().await.unwrap();
    assert_eq!(priorities(&batch), [Priority::High; 3]);
    assert_eq!(scene.desk.lock().unwrap().asked.len() - asked, 1, "as any quiet poll");
}
