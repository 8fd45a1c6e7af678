//! The Bridge through its door, against a stand-in for the Broker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use axum::{Router, extract::Request};
use bridge::{Broker, Connection, Error, Patience};
use http::StatusCode;

/// A Broker that answers from a list, and its last answer for ever.
struct Script {
    socket: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
}

impl Script {
    fn new<R: IntoResponse>(answer: impl Fn(usize) -> R + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("broker.sock");
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (count, answer, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer), asked.clone());
        let router = Router::new().fallback(move |request: Request| {
            seen.lock().unwrap().push(request.uri().to_string());
            let response: Response = answer(count.fetch_add(1, Ordering::SeqCst)).into_response();
            async { response }
        });
        let listener = tokio::net::UnixListener::bind(&socket).unwrap();
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { socket, asked, _folder: folder }
    }

    fn connection(&self) -> Connection {
        let hasty = Patience {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(1500),
            failures: 3,
            degraded: Duration::from_secs(60),
        };
        Broker::new(&self.socket).connection("desk").with_patience(hasty)
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn own(code: &'static str) -> impl IntoResponse {
    (StatusCode::BAD_GATEWAY, [("nexus-broker-error", code)], format!(r#"{{"code": "{code}", "message": "in words"}}"#))
}

#[tokio::test]
async fn a_request_is_encoded_and_its_answer_is_whole() {
    let script = Script::new(|_| ([("date", "Mon, 02 Mar 2026 08:00:00 GMT")], "body"));
    let response = script.connection().get("tickets", &[("query", "a = 'b' & c"), ("page", "1")]).await.unwrap();
    assert_eq!((response.status, &*response.body), (StatusCode::OK, &b"body"[..]));
    assert_eq!(response.date(), Some("2026-03-02T08:00:00Z".parse().unwrap()));
    assert_eq!(*script.asked.lock().unwrap(), ["/connections/desk/proxy/tickets?query=a+%3D+%27b%27+%26+c&page=1"]);
}

#[tokio::test]
async fn failures_of_the_provider_are_asked_again_and_other_answers_are_not() {
    let script = Script::new(|n| if n < 2 { StatusCode::BAD_GATEWAY } else { StatusCode::OK });
    assert_eq!(script.connection().get("x", &[]).await.unwrap().status, StatusCode::OK);
    assert_eq!(script.asked(), 3);

    for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::FOUND] {
        let script = Script::new(move |_| status);
        assert_eq!(script.connection().get("x", &[]).await.unwrap().status, status);
        assert_eq!(script.asked(), 1);
    }
}

#[tokio::test]
async fn what_the_broker_itself_says_is_never_taken_for_the_providers_answer() {
    let script = Script::new(|n| if n == 0 { own("unreachable") } else { own("no_passphrase") });
    let error = script.connection().get("x", &[]).await.unwrap_err();
    assert!(matches!(&error, Error::Refused { code, .. } if code == "no_passphrase"), "{error}");
    assert_eq!((script.asked(), error.to_string().as_str()), (2, "in words"), "only what may pass is asked again");
}

#[tokio::test]
async fn a_provider_that_keeps_failing_is_left_alone() {
    let script = Script::new(|_| StatusCode::INTERNAL_SERVER_ERROR);
    let connection = script.connection();
    assert!(matches!(connection.get("x", &[]).await, Err(Error::Unreachable(_))));
    assert_eq!(script.asked(), 3);
    let error = connection.get("x", &[]).await.unwrap_err();
    assert!(matches!(error, Error::Degraded { wait } if wait > Duration::from_secs(50)), "{error}");
    assert_eq!(script.asked(), 3, "nothing was sent");
}

#[tokio::test]
async fn retry_after_is_waited_for_or_passed_on() {
    let short = Script::new(|n| match n {
        0 => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response(),
        _ => StatusCode::OK.into_response(),
    });
    let begun = std::time::Instant::now();
    short.connection().get("x", &[]).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));

    let dated = [("date", "Mon, 02 Mar 2026 08:00:00 GMT"), ("retry-after", "Mon, 02 Mar 2026 08:01:30 GMT")];
    let long = Script::new(move |_| (StatusCode::SERVICE_UNAVAILABLE, dated));
    let error = long.connection().get("x", &[]).await.unwrap_err();
    assert_eq!(error.wait(), Some(Duration::from_secs(90)), "by the provider's own clock: {error}");
    assert_eq!(long.asked(), 1);
}

#[tokio::test]
async fn a_broker_that_is_away_is_told_by_its_socket_and_does_not_count_against_the_provider() {
    let script = Script::new(|_| StatusCode::OK);
    let gone = Broker::new(script.socket.with_file_name("gone.sock"));
    let hasty = Patience { first: Duration::from_millis(1), ..Patience::default() };
    let connection = gone.connection("desk").with_patience(hasty);
    for _ in 0..2 {
        let error = connection.get("x", &[]).await.unwrap_err();
        assert!(matches!(error, Error::Broker { .. }) && error.to_string().contains("gone.sock"), "{error}");
    }
    assert!(gone.health().await.is_err());
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let script = Script::new(|_| vec![b'x'; 10 << 20]);
    assert!(matches!(script.connection().get("x", &[]).await, Err(Error::Broker { .. })));
}
