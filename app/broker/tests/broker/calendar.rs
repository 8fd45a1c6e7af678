//! The on-call calendar's feed, through a Broker that alone knows its address.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::response::IntoResponse;
use broker::Endpoint;
use http::StatusCode;

use crate::stage::{Provider, Stage, body};

const KEY: &str = "canary-2-key-0123456789";
const FEED: &str = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";

type Answer = Box<dyn Fn() -> axum::response::Response + Send + Sync>;

fn endpoint(url: &str, lan: bool) -> Result<Endpoint, broker::Error> {
    Endpoint::new(url.into(), lan, None)
}

fn calendar(answer: impl IntoResponse) -> impl IntoResponse {
    ([("content-type", "text/calendar; charset=utf-8"), ("etag", "\"1\"")], answer)
}

impl Stage {
    fn subscribe(&self, provider: &Provider) {
        let url = format!("{}/{KEY}/on-call.ics?key={KEY}", provider.url);
        broker::set_calendar(&self.vault(), &endpoint(&url, true).unwrap()).unwrap();
    }
}

#[tokio::test]
async fn a_feed_is_read_by_its_sealed_address_and_never_tells_it() {
    let own = format!("/rt/{KEY}/on-call.ics?key={KEY}");
    let (one, two) = own.split_at(20);
    let feed =
        format!("BEGIN:VCALENDAR\r\nURL:https://x{own}\r\nX-SOURCE:https://x{one}\r\n {two}\r\nEND:VCALENDAR\r\n");
    let provider = Provider::answering(move || calendar(feed.clone())).await;
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    assert_eq!(door.calendar().await.unwrap(), None, "none is set yet");

    stage.subscribe(&provider);
    let read = door.calendar().await.unwrap().unwrap();
    let text = String::from_utf8(read.to_vec()).unwrap();
    assert!(text.starts_with("BEGIN:VCALENDAR") && !text.contains("canary"), "{text}");
    assert_eq!(provider.paths(), [own]);
    let (_, raw) = stage.raw("GET", "/calendar").await;
    assert!(!raw.contains("canary"), "{raw}");
    assert!(!std::fs::read_to_string(stage.secrets()).unwrap().contains("canary"));
}

#[tokio::test]
async fn a_feed_that_did_not_change_is_not_sent_again() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let provider = Provider::answering(move || match counted.fetch_add(1, Ordering::SeqCst) {
        0 => calendar(FEED).into_response(),
        _ => StatusCode::NOT_MODIFIED.into_response(),
    })
    .await;
    let stage = Stage::new();
    stage.subscribe(&provider);
    let door = stage.serve(Some("correct horse")).await;
    for _ in 0..2 {
        assert_eq!(door.calendar().await.unwrap().unwrap(), FEED);
    }
    let asked = provider.asked.lock().unwrap();
    assert!(!asked[0].headers().contains_key("if-none-match"));
    assert_eq!(asked[1].headers()["if-none-match"], "\"1\"");
}

#[tokio::test]
async fn what_is_no_feed_is_told_by_its_host_alone() {
    let elsewhere = Provider::answering(|| FEED).await;
    let to = elsewhere.url.clone();
    let answers: [(&str, Answer); 4] = [
        ("answered_badly", Box::new(|| StatusCode::NOT_FOUND.into_response())),
        ("answered_badly", Box::new(move || (StatusCode::FOUND, [("location", to.clone())]).into_response())),
        ("media_type", Box::new(|| axum::response::Html("Sign in").into_response())),
        ("answer_too_large", Box::new(|| calendar(body((2 << 20) + 1)).into_response())),
    ];
    for (code, answer) in answers {
        let provider = Provider::answering(answer).await;
        let stage = Stage::new();
        stage.subscribe(&provider);
        let door = stage.serve(Some("correct horse")).await;
        match door.calendar().await {
            Err(bridge::Error::Refused { code: told, message }) => {
                assert_eq!(told, code);
                assert!(message.contains("127.0.0.1") && !message.contains("canary"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(elsewhere.paths(), [""; 0], "a redirect leads nowhere");
}

#[tokio::test]
async fn hostile_addresses_of_a_calendar_are_not_asked() {
    for url in [
        "http://127.0.0.1/on-call.ics",
        "https://10.0.0.7/on-call.ics",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]/",
        "http://0x7f.1/",
        "https://user:pass@example.com/on-call.ics",
        "file:///etc/passwd",
        "webcal://example.com/on-call.ics",
    ] {
        assert!(endpoint(url, false).is_err(), "{url}");
    }
    // What an administrator approves is a host of the local network, and no cloud's metadata.
    assert!(endpoint("http://127.0.0.1/on-call.ics", true).is_ok());
    assert!(endpoint("http://169.254.169.254/latest/meta-data", true).is_err());

    // An address that came in as bare text, as a page sends it, approves nothing.
    let provider = Provider::answering(|| calendar(FEED)).await;
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    stage.vault().set(&"calendar-url".parse().unwrap(), &provider.url.clone().into()).unwrap();
    let refused = door.calendar().await.unwrap_err().to_string();
    assert!(refused.contains("not asked from here"), "{refused}");
    assert_eq!(provider.paths(), [""; 0]);
}
