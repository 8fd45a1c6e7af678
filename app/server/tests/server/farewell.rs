//! HTTP/2 beside HTTP/1.1, and how a server goes away: readers come back spread, and nothing accepted is lost.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use board::wire::Event;
use http::Version;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    browser::{Browser, PASSWORD},
    stage::{Setup, Stage, within},
    streams::{Events, Item},
    tls::connect,
};

const EVENTS: &str = "/api/v1/boards/overview/events";

#[tokio::test]
async fn a_stream_runs_over_http2_and_over_http1() {
    let stage = Stage::start().await;
    let (two, one) = (stage.client(), stage.client_builder().http1_only().build().unwrap());
    for (client, version) in [(two, Version::HTTP_2), (one, Version::HTTP_11)] {
        let answer = client.get(stage.url(EVENTS)).send().await.unwrap();
        assert_eq!(answer.version(), version);
        let mut events = Events::new(answer);
        events.event().await;
        stage.desk.set_open(if version == Version::HTTP_2 { 5 } else { 6 });
        while events.event().await.1.name() != "panel" {}
    }
}

#[tokio::test]
async fn tls_agrees_on_http2_by_alpn_and_on_http1_where_a_client_has_no_other() {
    let stage = Stage::start().await;
    for (offered, agreed) in [(&[&b"h2"[..], b"http/1.1"][..], b"h2".as_slice()), (&[b"http/1.1"], b"http/1.1")] {
        let tls = connect(&stage, offered).await;
        assert_eq!(tls.get_ref().1.alpn_protocol(), Some(agreed));
    }
}

#[tokio::test]
async fn a_connection_over_which_nothing_is_asked_ends_and_one_with_a_stream_does_not() {
    let idle = Duration::from_millis(500);
    let stage = Setup { idle: Some(idle), ..Setup::new() }.start().await;
    let streaming = stage.client();
    let mut events = Events::new(streaming.get(stage.url(EVENTS)).send().await.unwrap());
    events.event().await;
    // One that never asked, and one that asked and goes on answering pings.
    for asks in [false, true] {
        let tls = connect(&stage, &[b"h2"]).await;
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tls)).await.unwrap();
        let connection = tokio::spawn(connection);
        if asks {
            let request = http::Request::get(stage.url("/healthz")).body(String::new()).unwrap();
            assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
        }
        let since = Instant::now();
        within(connection).await.unwrap().unwrap();
        assert!(since.elapsed() >= idle / 2, "{:?}", since.elapsed());
    }
    stage.desk.set_open(9);
    while events.event().await.1.name() != "panel" {}
}

#[tokio::test]
async fn readers_are_told_to_come_back_spread_over_time() {
    const READERS: usize = 60;
    let stage = Stage::start().await;
    let client = stage.client_builder().http1_only().build().unwrap();
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut events = Events::open(&client, &stage, None).await;
        events.event().await;
        readers.push(events);
    }
    let stopping = tokio::spawn(stage.server.stop());
    let mut told = Vec::new();
    for reader in &mut readers {
        let bye = loop {
            match reader.next().await.expect("a farewell") {
                Item::Event { event: Event::Bye(bye), .. } => break bye,
                _ => continue,
            }
        };
        told.push(bye.after_ms);
    }
    within(stopping).await.unwrap();
    assert!(told.iter().all(|after| *after <= 1000), "{told:?}");
    // By chance, sixty leave six of ten parts empty less than once in 10^20 runs.
    let tenths = told.iter().map(|after| after / 101).collect::<BTreeSet<_>>();
    assert!(tenths.len() >= 5, "{told:?}");
}

#[tokio::test]
async fn a_request_that_is_under_way_when_the_server_stops_is_answered() {
    let stage = Stage::start().await;
    Browser::signed_in(&stage).await;
    let origin = stage.url("");
    let host = origin.strip_prefix("https://").unwrap();
    let body = format!("password={}", PASSWORD.replace(' ', "+"));
    let head = format!(
        "POST /admin/sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    let mut tls = connect(&stage, &[b"http/1.1"]).await;
    tls.write_all(head.as_bytes()).await.unwrap();
    // The server reads the body: the request is accepted.
    let mut said = [0; 25];
    within(tls.read_exact(&mut said)).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 100 Continue\r\n\r\n");

    let address = stage.server.address();
    let stopping = tokio::spawn(stage.server.stop());
    within(async { while tokio::net::TcpStream::connect(address).await.is_ok() {} }).await;
    tls.write_all(body.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within(tls.read_to_end(&mut answer)).await.ok();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(answer.to_lowercase().contains("set-cookie: __host-nexus-admin="), "{answer}");
    within(stopping).await.unwrap();
}
