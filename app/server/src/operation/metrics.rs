//! Figures for Prometheus. Every label has few values, chosen here: no name, no address, nothing that anybody typed.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{Method, StatusCode};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};
use tokio::time::Instant;

use crate::app::App;

/// Seconds: a board's state takes less than the first, a password the fifth or so.
const ANSWERS: [f64; 9] = [0.001, 0.005, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0];
const POLLS: [f64; 8] = [0.01, 0.1, 0.5, 1.0, 5.0, 20.0, 60.0, 300.0];

/// What the server counts.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    answer_time: Family<Route, Histogram, fn() -> Histogram>,
    throttled: Family<Route, Counter>,
    sign_ins: Family<Attempt, Counter>,
    poll_time: Histogram,
    poll_failures: Counter,
    /// Looked up when somebody asks.
    now: Now,
}

#[derive(Default)]
struct Now {
    streams: Gauge,
    suspended: Gauge,
    events: Counter,
    event_bytes: Counter,
    poll_age: Gauge<f64, AtomicU64>,
    database: Gauge,
    certificate: Gauge,
    hashes: Counter,
    hashes_under_way: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    outcome: &'static str,
}

/// What came of an attempt to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// It was right.
    Accepted,
    /// It was wrong.
    Refused,
    /// It came too soon after others.
    Throttled,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("nexus");
        let metrics = Self {
            requests: Family::default(),
            answer_time: Family::new_with_constructor(|| Histogram::new(ANSWERS)),
            throttled: Family::default(),
            sign_ins: Family::default(),
            poll_time: Histogram::new(POLLS),
            poll_failures: Counter::default(),
            now: Now::default(),
            registry: Registry::default(),
        };
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "This server's version", build);
        registry.register("http_requests", "Requests by route and class of the answer", metrics.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "From a request's head to its answer's; a stream lasts longer",
            Unit::Seconds,
            metrics.answer_time.clone(),
        );
        registry.register("throttled_requests", "Requests that came too soon", metrics.throttled.clone());
        registry.register("sign_ins", "An administrator's attempts to sign in", metrics.sign_ins.clone());
        let help = "How long the helpdesk took to be read";
        registry.register_with_unit("poll_duration", help, Unit::Seconds, metrics.poll_time.clone());
        registry.register("poll_failures", "Polls of the helpdesk that failed", metrics.poll_failures.clone());
        metrics.now.register(&mut registry);
        Self { registry, ..metrics }
    }

    /// An attempt to sign in came to this.
    pub(crate) fn signed_in(&self, outcome: SignIn) {
        let outcome = match outcome {
            SignIn::Accepted => "accepted",
            SignIn::Refused => "refused",
            SignIn::Throttled => "throttled",
        };
        self.sign_ins.get_or_create(&Attempt { outcome }).inc();
    }

    /// The helpdesk was read, or not.
    pub(crate) fn polled(&self, took: Duration, well: bool) {
        if well {
            self.poll_time.observe(took.as_secs_f64());
        } else {
            self.poll_failures.inc();
        }
    }

    fn answered(&self, method: &Method, route: String, status: StatusCode, took: Duration) {
        let labels = Answered { method: name(method), route, status: class(status) };
        self.requests.get_or_create(&labels).inc();
        let route = Route { route: labels.route };
        self.answer_time.get_or_create(&route).observe(took.as_secs_f64());
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.throttled.get_or_create(&route).inc();
        }
    }

    /// Everything, as Prometheus reads it.
    pub(crate) async fn text(&self, app: &App) -> Result<String, fmt::Error> {
        self.now.look(app).await;
        let mut written = String::new();
        text::encode(&mut written, &self.registry)?;
        Ok(written)
    }
}

impl Now {
    fn register(&self, registry: &mut Registry) {
        registry.register("streams", "Event streams that are open", self.streams.clone());
        let help = "Screens whose identity two devices use, so that they show nothing";
        registry.register("suspended_screens", help, self.suspended.clone());
        registry.register(
            "events_encoded",
            "Events that were encoded, each once for all its readers",
            self.events.clone(),
        );
        registry.register_with_unit("events_encoded", "Bytes of those events", Unit::Bytes, self.event_bytes.clone());
        let help = "Since the helpdesk was last read well; -1 if it never was";
        registry.register_with_unit("poll_age", help, Unit::Seconds, self.poll_age.clone());
        registry.register_with_unit("database_size", "Of nexus.db", Unit::Bytes, self.database.clone());
        let help = "When the certificate ends, in Unix time";
        registry.register_with_unit("certificate_expiry", help, Unit::Seconds, self.certificate.clone());
        registry.register("password_hashes", "Passwords and passcodes that were hashed", self.hashes.clone());
        let help = "Passwords and passcodes that are being hashed";
        registry.register("password_hashes_under_way", help, self.hashes_under_way.clone());
    }

    async fn look(&self, app: &App) {
        let figures = app.live.figures();
        self.streams.set(i64::try_from(figures.streams).unwrap_or(i64::MAX));
        let suspended = app.screens.list().iter().filter(|entry| entry.screen.keys.is_suspended()).count();
        self.suspended.set(i64::try_from(suspended).unwrap_or(i64::MAX));
        self.events.inner().store(figures.events_encoded, Ordering::Relaxed);
        self.event_bytes.inner().store(figures.event_bytes, Ordering::Relaxed);
        let now = app.clock.now();
        self.poll_age.set(app.readings.now().well_at.map_or(-1.0, |at| now.duration_since(at).as_secs_f64()));
        let (hashes, under_way) = app.credential.hashes();
        self.hashes.inner().store(hashes as u64, Ordering::Relaxed);
        self.hashes_under_way.set(i64::try_from(under_way).unwrap_or(i64::MAX));
        match app.store.size().await {
            Ok(bytes) => drop(self.database.set(bytes)),
            Err(error) => tracing::error!(%error, "the database's size is unknown"),
        }
        match app.identity.validity() {
            Ok((_, end)) => drop(self.certificate.set(end.as_second())),
            Err(error) => tracing::error!(%error, "the certificate's end is unknown"),
        }
    }
}

/// Counts a request once its answer begins.
pub(crate) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    app.metrics.answered(&method, route, response.status(), started.elapsed());
    response
}

/// Anybody can invent a method; only these are told apart.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
