//! Deliveries to a webhook: signed, to the sealed address, and nothing back but a status.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use broker::{Endpoint, SigningKey};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use standardwebhooks::Webhook;

use crate::stage::Stage;
use crate::tls;

type Got = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A receiver behind TLS that keeps what it got; its address and its authority.
async fn receiver(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> (String, String, Got) {
    let got = Got::default();
    let keep = async move |State(got): State<Got>, headers: HeaderMap, body: Bytes| {
        got.lock().unwrap().push((headers, body));
        answer()
    };
    let (url, ca) = tls::serve("localhost", Router::new().fallback(keep).with_state(got.clone())).await;
    (format!("{url}/hook/canary-3-path"), ca, got)
}

fn hook(stage: &Stage, url: &str, ca: String) -> SigningKey {
    let key = SigningKey::generate().unwrap();
    let endpoint = Endpoint::new(url.into(), true, Some(ca)).unwrap();
    broker::set_webhook(&stage.vault(), &endpoint, &key).unwrap();
    key
}

#[tokio::test]
async fn a_delivery_is_signed_so_that_its_receiver_can_verify_it() {
    let (url, ca, got) = receiver(|| StatusCode::NO_CONTENT.into_response()).await;
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    assert_eq!(door.deliver("msg_1", "{}".into()).await.unwrap(), None, "none is set yet");
    assert!(!door.webhook().await.unwrap().set);

    let key = hook(&stage, &url, ca);
    for _ in 0..2 {
        let delivered = door.deliver("msg_1", "{\"a\":1}".into()).await.unwrap().unwrap();
        assert_eq!((delivered.status, delivered.retry_after), (204, None));
    }
    let got = got.lock().unwrap();
    assert_eq!(got.len(), 2);
    let verifier = Webhook::new(key.text().expose_secret()).unwrap();
    let other = Webhook::new(SigningKey::generate().unwrap().text().expose_secret()).unwrap();
    for (headers, body) in &*got {
        assert_eq!(headers["webhook-id"], "msg_1", "the same at each try");
        assert_eq!(headers["content-type"], "application/json");
        verifier.verify(body, headers).unwrap();
        assert!(other.verify(body, headers).is_err());
        assert!(verifier.verify(b"{\"a\":2}", headers).is_err());
    }
}

#[tokio::test]
async fn nothing_but_the_status_comes_back_and_a_redirect_leads_nowhere() {
    let (elsewhere, _, inner) = receiver(|| StatusCode::OK.into_response()).await;
    let answer = move || {
        let headers = [("location", elsewhere.clone()), ("retry-after", "7".to_owned())];
        (StatusCode::TEMPORARY_REDIRECT, headers, "canary-3-body").into_response()
    };
    let (url, ca, _) = receiver(answer).await;
    let stage = Stage::new();
    let key = hook(&stage, &url, ca);
    let door = stage.serve(Some("correct horse")).await;
    let delivered = door.deliver("msg_1", "{}".into()).await.unwrap().unwrap();
    assert_eq!((delivered.status, delivered.retry_after), (307, Some(7)));
    assert!(inner.lock().unwrap().is_empty());
    for path in ["/webhook", "/webhook/deliveries"] {
        let (_, answer) = stage.raw("GET", path).await;
        assert!(!answer.contains("canary") && !answer.contains(key.text().expose_secret()), "{answer}");
    }
}

#[tokio::test]
async fn an_address_that_is_entered_anew_has_another_revision() {
    let (url, ca, _) = receiver(|| StatusCode::OK.into_response()).await;
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    hook(&stage, &url, ca.clone());
    let first = door.webhook().await.unwrap();
    assert!(first.set && first == door.webhook().await.unwrap());
    hook(&stage, &url, ca);
    assert_ne!(door.webhook().await.unwrap().revision, first.revision);
}

#[test]
fn a_signing_key_is_one_or_none_and_never_printed() {
    let key = SigningKey::generate().unwrap();
    assert_eq!(SigningKey::new(&key.text()).unwrap().text().expose_secret(), key.text().expose_secret());
    assert!(!format!("{key:?}").contains(&key.text().expose_secret()[6..]));
    for text in ["", "whsec_", "whsec_c2hvcnQ=", "not base64 at all!", &"A".repeat(100)] {
        assert!(SigningKey::new(&text.into()).is_err(), "{text}");
    }
}
