//! What strangers may send.

use std::time::Duration;

use reqwest::header;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::stage::{Setup, Stage, within};

async fn post(stage: &Stage, path: &str, kind: &str, body: Vec<u8>) -> (u16, String) {
    let request = stage.client().post(stage.url(path)).header(header::CONTENT_TYPE, kind).body(body);
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.json::<Value>().await.unwrap();
    (status, body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn bad_bodies_are_refused_with_a_reason() {
    let stage = Stage::start().await;
    let malformed = "malformed_body".to_owned();
    let json = "application/json";
    assert_eq!(post(&stage, "/api/v1/pairings", json, b"{".to_vec()).await, (400, malformed.clone()));
    assert_eq!(post(&stage, "/api/v1/pairings", json, b"{}".to_vec()).await, (422, malformed.clone()));
    assert_eq!(post(&stage, "/api/v1/pairings", "text/plain", b"{}".to_vec()).await, (415, malformed.clone()));
    assert_eq!(post(&stage, "/api/v1/pairings", json, vec![b' '; 100_000]).await, (413, "body_too_large".to_owned()));
    assert_eq!(post(&stage, "/api/v1/token", json, b"{}".to_vec()).await, (415, malformed));
    let form = "application/x-www-form-urlencoded";
    let other_grant = b"grant_type=password&client_assertion_type=x&client_assertion=y".to_vec();
    assert_eq!(post(&stage, "/api/v1/token", form, other_grant).await, (400, "unsupported_grant_type".to_owned()));
    let unknown = "/api/v1/pairings/00000000000000000000000000000000/confirmation";
    let verdict = br#"{"verdict":"refused","tag":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#.to_vec();
    assert_eq!(post(&stage, unknown, json, verdict).await, (404, "unknown_pairing".to_owned()));
}

#[tokio::test]
async fn every_refusal_says_why_and_what_to_do() {
    let stage = Stage::start().await;
    let long = stage.client().post(stage.url("/api/v1/pairings")).body(vec![b' '; 200_000]).send().await.unwrap();
    assert_eq!(long.status(), 413);
    let body = long.json::<Value>().await.unwrap();
    assert!(body["message"].as_str().unwrap().starts_with("The request body is longer than 16 KiB. Send"), "{body}");
    for path in ["/nowhere", "/api/v1/nowhere"] {
        let lost = stage.client().post(stage.url(path)).body(vec![b' '; 100]).send().await.unwrap();
        assert_eq!(lost.status(), 404);
        assert_eq!(lost.json::<Value>().await.unwrap()["code"], "not_found");
    }
    let wrong = stage.client().delete(stage.url("/api/v1/nonces")).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
    assert_eq!(wrong.headers()[header::ALLOW], "POST");
    assert_eq!(wrong.json::<Value>().await.unwrap()["code"], "method_not_allowed");
}

#[tokio::test]
async fn who_does_not_speak_tls_is_let_go_and_nobody_else_notices() {
    let stage = Stage::start().await;
    let mut plain = TcpStream::connect(stage.server.address()).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    within(plain.read_to_end(&mut answer)).await.ok();
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    assert_eq!(stage.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn one_address_cannot_take_every_connection() {
    let stage = Setup::new().with("NEXUS_CONNECTIONS_PER_ADDRESS", "3").start().await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(TcpStream::connect(stage.server.address()).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let refused = stage.client().get(stage.url("/healthz")).send().await;
    assert!(refused.is_err());
    held.clear();
    within(async {
        while stage.client().get(stage.url("/healthz")).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}
