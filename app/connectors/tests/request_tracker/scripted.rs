use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bridge::Patience;
use connectors::request_tracker::{Options, RequestTracker};
use connectors::{PollError, Source};
use desk::{Batch, Replies, Status};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

type Answer = Result<Value, (StatusCode, &'static str, &'static str)>;
type Script = Box<dyn Fn(&str, &str) -> Option<Answer> + Send>;

/// What the Broker would answer for a Request Tracker with these tickets.
#[derive(Default)]
struct Desk {
    tickets: Vec<Value>,
    asked: Vec<(String, String)>,
    /// Answers instead, by place and query.
    script: Option<Script>,
}

impl Desk {
    fn answer(&mut self, place: &str, query: &str) -> Answer {
        self.asked.push((place.to_owned(), query.to_owned()));
        if let Some(answer) = self.script.as_ref().and_then(|script| script(place, query)) {
            return answer;
        }
        let after = query.rsplit_once("id > ").map_or(0, |(_, id)| id.parse().unwrap());
        let rows: Vec<Value> = match place {
            "queues/all" => vec![json!({"id": "1", "Name": "General", "Lifecycle": "orders", "SLADisabled": "1"})],
            "tickets" => self.tickets.clone(),
            "transactions" => self.tickets.iter().map(history).collect(),
            user => return Ok(json!({"Privileged": u8::from(user == "user/root"), "RealName": "Somebody"})),
        };
        let wanted = |row: &Value| {
            let id = row["id"].as_str().unwrap();
            let named = query.contains(&format!("ObjectId = {id} ")) || query.contains(&format!("ObjectId = {id})"));
            id.parse::<u64>().unwrap() > after && (place != "transactions" || named)
        };
        let rows: Vec<Value> = rows.into_iter().filter(wanted).collect();
        let pages = rows.len().div_ceil(100);
        let page = &rows[..rows.len().min(100)];
        Ok(
            json!({"items": page, "page": 1, "pages": pages, "next_page": "http://elsewhere.example/REST/2.0/tickets?page=2"}),
        )
    }

    fn asked_for(&self, part: &str) -> usize {
        self.asked.iter().filter(|(place, query)| place.contains(part) || query.contains(part)).count()
    }
}

fn history(ticket: &Value) -> Value {
    json!({"id": ticket["id"], "ObjectId": ticket["id"], "Type": "Correspond", "Creator": {"id": "root"},
           "Created": "2026-03-02T09:00:00Z", "OldValue": "", "NewValue": ""})
}

fn ticket(id: u64, status: &str) -> Value {
    json!({"id": id.to_string(), "Subject": "A", "Status": status, "Queue": {"id": "1"}, "Created": "2026-03-02T08:40:00Z",
           "LastUpdated": "2026-03-02T08:41:10Z", "Started": "2026-03-02T08:41:10Z", "Owner": {"id": "Nobody"}, "Requestor": []})
}

async fn answer(
    State(desk): State<Arc<Mutex<Desk>>>,
    Path(place): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let answer = desk.lock().unwrap().answer(&place, query.get("query").map_or("", String::as_str));
    match answer {
        Ok(value) => value.to_string().into_response(),
        Err((status, header, value)) => (status, [(header, value)], "{}").into_response(),
    }
}

struct Scene {
    desk: Arc<Mutex<Desk>>,
    source: RequestTracker,
    now: Timestamp,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn new(tickets: Vec<Value>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("broker.sock");
        let desk = Arc::new(Mutex::new(Desk { tickets, ..Desk::default() }));
        let app = Router::new()
            .route("/connections/request-tracker/proxy/{*place}", axum::routing::get(answer))
            .with_state(desk.clone());
        let listener = tokio::net::UnixListener::bind(&socket).unwrap();
        tokio::spawn(async { axum::serve(listener, app).await });

        let hasty =
            Patience { first: Duration::from_millis(1), longest: Duration::from_millis(4), ..Patience::default() };
        let connection = bridge::Broker::new(&socket).connection("request-tracker").with_patience(hasty);
        let mut options = Options::default();
        options.pace.requests_per_minute = 60_000;
        let now = "2026-03-02T10:00:00Z".parse().unwrap();
        Self { desk, source: RequestTracker::new(connection, options), now, _folder: folder }
    }

    async fn poll(&mut self) -> Result<Batch, PollError> {
        self.now += SignedDuration::from_secs(20);
        self.source.poll(self.now).await
    }

    fn script(&self, script: impl Fn(&str, &str) -> Option<Answer> + Send + 'static) {
        self.desk.lock().unwrap().script = Some(Box::new(script));
    }

    fn behave(&self) {
        self.desk.lock().unwrap().script = None;
    }

    fn asked_for(&self, part: &str) -> usize {
        self.desk.lock().unwrap().asked_for(part)
    }
}

#[tokio::test]
async fn every_page_is_asked_for_by_the_last_id_and_links_are_not_followed() {
    let mut scene = Scene::new((1..=205).map(|id| ticket(id, "open")).collect()).await;
    let batch = scene.poll().await.unwrap();
    assert_eq!(batch.tickets.len(), 205);
    assert_eq!(batch.capabilities.replies, Replies::Known, "205 histories fit in one poll");
    assert!(batch.tickets.iter().all(|ticket| ticket.agent_replies == 1));
    assert_eq!((scene.asked_for("id > 100"), scene.asked_for("id > 200")), (1, 1));
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
