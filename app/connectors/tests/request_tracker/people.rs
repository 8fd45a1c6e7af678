//! Who wrote: an agent or a customer, where Request Tracker says so, and where it does not.

use connectors::Warning;
use desk::{Batch, Replies, Ticket};
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    log::Log,
    stand_in::{Answer, Scene, ticket},
};

const REFUSED: Answer = Err((StatusCode::FORBIDDEN, "date", ""));
const NOBODY: Answer = Err((StatusCode::NOT_FOUND, "date", ""));

/// A ticket of ann's that `first` answered an hour after, and `second` after that.
async fn answered_by(first: &'static str, second: &'static str, users: fn(&str) -> Answer) -> Scene {
    let mut asked = ticket(1, "open");
    asked["Requestor"] = json!([{"id": "ann"}]);
    let mut owned = ticket(2, "open");
    owned["Owner"] = json!({"id": "olga"});
    let scene = Scene::new(vec![asked, owned]).await;
    scene.script(move |place, query| {
        let message = |id: u64, kind: &str, who: &str, at: &str| {
            json!({"id": id.to_string(), "ObjectId": "1", "Type": kind, "Creator": {"id": who}, "Created": at})
        };
        match place {
            "transactions" if query.contains("id > ") => Some(Ok(json!({"items": [], "page": 1, "pages": 0}))),
            "transactions" => {
                let items: [Value; 3] = [
                    message(1, "Create", "ann", "2026-03-02T08:40:00Z"),
                    message(2, "Correspond", first, "2026-03-02T09:00:00Z"),
                    message(3, "Correspond", second, "2026-03-02T09:30:00Z"),
                ];
                Some(Ok(json!({"items": items, "page": 1, "pages": 1})))
            }
            user => user.strip_prefix("user/").map(users),
        }
    });
    scene
}

/// What is amiss, but for the clock: the stand-in's is the machine's.
fn amiss(scene: &Scene) -> Vec<Warning> {
    let mut warnings = scene.warnings();
    warnings.retain(|warning| !matches!(warning, Warning::ClockDiffers { .. }));
    warnings
}

fn first(batch: &Batch) -> &Ticket {
    batch.tickets.iter().find(|ticket| ticket.id.0 == "1").unwrap()
}

fn agent() -> Answer {
    Ok(json!({"Privileged": 1}))
}

#[tokio::test]
async fn a_customer_who_was_copied_in_and_cannot_be_looked_up_is_not_the_first_to_answer() {
    let users = |name: &str| if name == "cora" { NOBODY } else { agent() };
    let mut scene = answered_by("cora", "root", users).await;
    let batch = scene.poll().await.unwrap();
    assert_eq!(first(&batch).first_reply_at, Some("2026-03-02T09:30:00Z".parse().unwrap()));
    assert_eq!((first(&batch).agent_replies, batch.capabilities.replies), (1, Replies::Known));
    assert_eq!(amiss(&scene), [], "that somebody is gone is nothing to mend");
}

#[tokio::test]
async fn somebody_who_cannot_be_looked_up_and_owns_a_ticket_is_an_agent() {
    let users = |name: &str| if name == "olga" { NOBODY } else { agent() };
    let mut scene = answered_by("olga", "root", users).await;
    let batch = scene.poll().await.unwrap();
    assert_eq!(first(&batch).first_reply_at, Some("2026-03-02T09:00:00Z".parse().unwrap()));
}

#[tokio::test]
async fn where_nobody_can_be_looked_up_replies_are_absent_and_that_is_told_once() {
    let (log, _guard) = Log::read();
    let mut scene = answered_by("cora", "root", |_| REFUSED).await;
    let batch = scene.poll().await.unwrap();
    assert_eq!(batch.capabilities.replies, Replies::Absent);
    assert_eq!(first(&batch).first_reply_at, None);
    let warning = Warning::PeopleHidden {
        provider: "Request Tracker",
        names: vec!["cora".to_owned(), "root".to_owned()],
        no_replies: true,
    };
    assert_eq!(amiss(&scene), [warning]);
    scene.now += SignedDuration::from_mins(11);
    assert_eq!(scene.poll().await.unwrap().capabilities.replies, Replies::Absent, "nor later");
    assert_eq!(log.count("does not let the token's user look up others"), 1);
}

#[tokio::test]
async fn once_users_can_be_looked_up_what_they_wrote_is_read_anew() {
    let mut scene = answered_by("cora", "root", |_| REFUSED).await;
    scene.poll().await.unwrap();
    let desk = scene.desk.clone();
    let script = desk.lock().unwrap().script.take().unwrap();
    scene.script(move |place, query| match place.strip_prefix("user/") {
        Some(name) => Some(Ok(json!({"Privileged": u8::from(name == "root")}))),
        None => script(place, query),
    });
    scene.now += SignedDuration::from_mins(11);
    let batch = scene.poll().await.unwrap();
    assert_eq!(batch.capabilities.replies, Replies::Known);
    assert_eq!(first(&batch).first_reply_at, Some("2026-03-02T09:30:00Z".parse().unwrap()));
    assert_eq!(amiss(&scene), []);
}

#[tokio::test]
async fn where_some_can_be_looked_up_the_rest_is_named() {
    let users = |name: &str| if name == "cora" { REFUSED } else { agent() };
    let mut scene = answered_by("cora", "root", users).await;
    let batch = scene.poll().await.unwrap();
    assert_eq!(batch.capabilities.replies, Replies::Known);
    assert_eq!(first(&batch).first_reply_at, Some("2026-03-02T09:30:00Z".parse().unwrap()));
    let [Warning::PeopleHidden { names, no_replies: false, .. }] = &amiss(&scene)[..] else {
        panic!("{:?}", amiss(&scene))
    };
    assert_eq!(*names, ["cora"]);
}

#[tokio::test]
async fn a_queue_that_is_hidden_is_told_once_and_a_new_one_is_read_at_once() {
    let (log, _guard) = Log::read();
    let mut scene = Scene::new(vec![ticket(1, "open")]).await;
    scene.poll().await.unwrap();
    let in_queue = |id: u64, queue: &str| {
        let mut ticket = ticket(id, "open");
        ticket["Queue"] = json!({"id": queue});
        ticket
    };
    scene.desk.lock().unwrap().tickets.extend([in_queue(2, "7"), in_queue(3, "8")]);
    scene.script(|place, _| {
        let queue = |id: &str| json!({"id": id, "Name": id, "Lifecycle": "orders", "SLADisabled": "1"});
        (place == "queues/all").then(|| Ok(json!({"items": [queue("1"), queue("7")], "page": 1, "pages": 1})))
    });
    scene.now += SignedDuration::from_mins(3);
    for _ in 0..4 {
        scene.poll().await.unwrap();
    }
    let hidden = Warning::QueuesHidden { provider: "Request Tracker", queues: vec!["8".to_owned()] };
    assert_eq!(amiss(&scene), [hidden]);
    assert_eq!(log.count("may not see"), 1);
    assert_eq!(scene.asked_for("queues/all"), 2, "once more, for both");
}
