//! A stand-in for the Broker, which answers as a Request Tracker with some tickets would, or as a test says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bridge::Patience;
use connectors::request_tracker::{Options, RequestTracker};
use connectors::{Mapping, PollError, Source, Warning};
use desk::Batch;
use http::StatusCode;
use http::header::DATE;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

pub(crate) type Answer = Result<Value, (StatusCode, &'static str, &'static str)>;
pub(crate) type Script = Box<dyn Fn(&str, &str) -> Option<Answer> + Send>;

/// What the Broker would answer for a Request Tracker with these tickets.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) tickets: Vec<Value>,
    pub(crate) asked: Vec<Asked>,
    /// Answers instead, by place and query.
    pub(crate) script: Option<Script>,
    /// What its clock showed, and when.
    pub(crate) clock: Option<(Timestamp, Instant)>,
    /// How long it takes to answer.
    pub(crate) delay: Duration,
}

/// A question, and when it came.
pub(crate) struct Asked {
    pub(crate) place: String,
    pub(crate) query: String,
    pub(crate) at: Instant,
}

impl Desk {
    fn answer(&mut self, place: &str, query: &str) -> Answer {
        self.asked.push(Asked { place: place.to_owned(), query: query.to_owned(), at: Instant::now() });
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
            id.parse::<u64>().unwrap() > after
                && match place {
                    "tickets" => is_asked_for(row, query),
                    "transactions" => [' ', ')'].iter().any(|end| query.contains(&format!("ObjectId = {id}{end}"))),
                    _ => true,
                }
        };
        let rows: Vec<Value> = rows.into_iter().filter(wanted).collect();
        let pages = rows.len().div_ceil(100);
        let page = &rows[..rows.len().min(100)];
        Ok(
            json!({"items": page, "page": 1, "pages": pages, "next_page": "http://elsewhere.example/REST/2.0/tickets?page=2"}),
        )
    }

    pub(crate) fn asked_for(&self, part: &str) -> usize {
        self.asked.iter().filter(|asked| asked.place.contains(part) || asked.query.contains(part)).count()
    }
}

/// Whether a ticket is what a query asks for. What changed within minutes is what is not [`aged`]; where single tickets are
/// asked for, all are answered.
fn is_asked_for(ticket: &Value, query: &str) -> bool {
    let updated: Timestamp = ticket["LastUpdated"].as_str().unwrap().parse().unwrap();
    let days_ago = |comparison: &str| {
        let (_, days) = query.split_once(&format!("LastUpdated {comparison} '"))?;
        let days: i64 = days.split_once(" days ago'")?.0.parse().ok()?;
        Some(now() - SignedDuration::from_hours(24 * days))
    };
    let status = ticket["Status"].as_str().unwrap();
    let is_solved = match status {
        _ if query.contains(&format!("OR Status = '{status}'")) => false,
        _ if query.contains(&format!("AND Status != '{status}'")) => true,
        other => other == "resolved" || other == "delivered",
    };
    let is_list = query.contains("Status = '__Active__'") && !query.contains("Lifecycle");
    let is_of_today = updated >= now() - SignedDuration::from_hours(24);
    !(is_list && is_solved)
        && (is_of_today || !query.contains("minutes ago'"))
        && days_ago(">=").is_none_or(|from| updated >= from)
        && days_ago("<").is_none_or(|until| updated < until)
}

/// When the first poll is about to begin.
pub(crate) fn now() -> Timestamp {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

fn history(ticket: &Value) -> Value {
    json!({"id": ticket["id"], "ObjectId": ticket["id"], "Type": "Correspond", "Creator": {"id": "root"},
           "Created": "2026-03-02T09:00:00Z", "OldValue": "", "NewValue": ""})
}

pub(crate) fn ticket(id: u64, status: &str) -> Value {
    json!({"id": id.to_string(), "Subject": "A", "Status": status, "Queue": {"id": "1"}, "Created": "2026-03-02T08:40:00Z",
           "LastUpdated": "2026-03-02T08:41:10Z", "Started": "2026-03-02T08:41:10Z", "Owner": {"id": "Nobody"}, "Requestor": []})
}

/// One that changed last so many days ago.
pub(crate) fn aged(id: u64, status: &str, days: i64) -> Value {
    let at = (now() - SignedDuration::from_hours(24 * days)).to_string();
    let mut ticket = ticket(id, status);
    (ticket["Created"], ticket["LastUpdated"]) = (at.clone().into(), at.into());
    ticket
}

async fn answer(
    State(desk): State<Arc<Mutex<Desk>>>,
    Path(place): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let (answer, clock, delay) = {
        let mut desk = desk.lock().unwrap();
        (desk.answer(&place, query.get("query").map_or("", String::as_str)), desk.clock, desk.delay)
    };
    let mut response = match answer {
        Ok(value) => value.to_string().into_response(),
        Err((status, header, value)) => (status, [(header, value)], "{}").into_response(),
    };
    if let Some((shown, at)) = clock {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&(shown + at.elapsed())).unwrap();
        response.headers_mut().insert(DATE, date.parse().unwrap());
    }
    tokio::time::sleep(delay).await;
    response
}

pub(crate) struct Scene {
    pub(crate) desk: Arc<Mutex<Desk>>,
    source: RequestTracker,
    pub(crate) now: Timestamp,
    _folder: tempfile::TempDir,
}

impl Scene {
    /// The statuses of which the connector says that nobody knows what they mean.
    pub(crate) fn unmapped(&self) -> Vec<String> {
        let unmapped = |warning| match warning {
            Warning::StatusesUnmapped { statuses, .. } => Some(statuses),
            _ => None,
        };
        self.source.warnings().into_iter().filter_map(unmapped).flatten().collect()
    }

    /// One in which nothing waits for the pace.
    pub(crate) async fn new(tickets: Vec<Value>) -> Self {
        Self::with(tickets, hasty()).await
    }

    pub(crate) async fn with(tickets: Vec<Value>, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("broker.sock");
        let desk = Arc::new(Mutex::new(Desk { tickets, ..Desk::default() }));
        let app = Router::new()
            .route("/connections/request-tracker/proxy/{*place}", axum::routing::get(answer))
            .with_state(desk.clone());
        let listener = tokio::net::UnixListener::bind(&socket).unwrap();
        tokio::spawn(async { axum::serve(listener, app).await });

        let patience =
            Patience { first: Duration::from_millis(1), longest: Duration::from_millis(4), ..Patience::default() };
        let connection = bridge::Broker::new(&socket).connection("request-tracker").with_patience(patience);
        Self { desk, source: RequestTracker::new(connection, options), now: now(), _folder: folder }
    }

    pub(crate) async fn poll(&mut self) -> Result<Batch, PollError> {
        self.now += SignedDuration::from_secs(20);
        self.source.poll(self.now).await
    }

    pub(crate) fn remap(&mut self, mapping: &Mapping) {
        self.source.remap(mapping);
    }

    pub(crate) fn warnings(&self) -> Vec<Warning> {
        self.source.warnings()
    }

    pub(crate) fn script(&self, script: impl Fn(&str, &str) -> Option<Answer> + Send + 'static) {
        self.desk.lock().unwrap().script = Some(Box::new(script));
    }

    pub(crate) fn behave(&self) {
        self.desk.lock().unwrap().script = None;
    }

    pub(crate) fn asked_for(&self, part: &str) -> usize {
        self.desk.lock().unwrap().asked_for(part)
    }
}

pub(crate) fn hasty() -> Options {
    let mut options = Options::default();
    options.pace.requests_per_minute = 60_000;
    options
}

/// The numbers of the tickets that a batch tells.
pub(crate) fn numbers(batch: &Batch) -> Vec<u64> {
    let mut numbers: Vec<u64> = batch.tickets.iter().map(|ticket| ticket.id.0.parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}
