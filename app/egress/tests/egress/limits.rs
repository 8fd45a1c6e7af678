//! Where connections really go, and how much is read from who answers.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use egress::{Client, Destination, Failure, Limits, Policy, Refusal};
use http::{HeaderMap, HeaderValue};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use url::Host;

use crate::names::Names;

const LIMITS: Limits = Limits { length: 100, within: Duration::from_secs(5), media_types: &["text/calendar"] };

/// Answers every request on loopback with the same bytes; counts the connections.
async fn server(answer: impl Into<String>) -> (u16, Arc<AtomicUsize>) {
    let answer = answer.into();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::<AtomicUsize>::default();
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (port, connections)
}

fn lan(names: &Names, host: &str) -> Client {
    let policy = Policy::Lan(Host::parse(host).unwrap());
    Client::with_resolver(policy, &[], LIMITS, names.resolver()).unwrap()
}

fn destination(host: &str, port: u16) -> Destination {
    let policy = Policy::Lan(Host::parse(host).unwrap());
    Destination::parse(&format!("http://{host}:{port}/calendar.ics"), &policy).unwrap()
}

const CALENDAR: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: Text/Calendar; charset=utf-8\r\ncontent-length: 2\r\nconnection: close\r\n\r\nOK";

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_that_is_connected_to() {
    let names = Names::start().await;
    let (port, connections) = server(CALENDAR).await;
    // Asked a second time between judgement and connection, the name would be somewhere else.
    let here = vec!["127.0.0.1".parse().unwrap()];
    let there = vec!["169.254.169.254".parse().unwrap()];
    names.say("desk.example", vec![here, there]);
    let client = lan(&names, "desk.example");
    let answer = client.get(&destination("desk.example", port), HeaderMap::new()).await.unwrap();
    assert_eq!(&answer.body[..], b"OK");
    assert_eq!((names.questions(), connections.load(Ordering::SeqCst)), (1, 1));
    // A new connection is judged anew.
    let failure = client.get(&destination("desk.example", port), HeaderMap::new()).await.unwrap_err();
    assert!(matches!(failure, Failure::Refused(Refusal::Address { .. })), "{failure}");
    assert_eq!((names.questions(), connections.load(Ordering::SeqCst)), (2, 1));
}

#[tokio::test]
async fn what_is_in_clear_stays_on_the_local_network() {
    let names = Names::start().await;
    names.say("desk.example", vec![vec!["93.184.215.14".parse().unwrap()]]);
    let client = lan(&names, "desk.example");
    let failure = client.get(&destination("desk.example", 80), HeaderMap::new()).await.unwrap_err();
    assert!(matches!(failure, Failure::Refused(Refusal::InClear(_))), "{failure}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_leads_nowhere() {
    let names = Names::start().await;
    let (there, inner) = server(CALENDAR).await;
    let (port, _) = server(format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{there}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    ))
    .await;
    let answer = lan(&names, "127.0.0.1").get(&destination("127.0.0.1", port), HeaderMap::new()).await.unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(inner.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_that_is_too_large_or_of_another_kind_or_never_ends_is_not_taken() {
    let names = Names::start().await;
    let long = "HTTP/1.1 200 OK\r\ncontent-type: text/calendar\r\nconnection: close\r\n\r\n\
        0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789!";
    let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\nconnection: close\r\n\r\nOK";
    for (answer, words) in [(long, "larger than 100 bytes"), (page, "is text/html; here text/calendar is read")] {
        let (port, _) = server(answer).await;
        let failure =
            lan(&names, "127.0.0.1").get(&destination("127.0.0.1", port), HeaderMap::new()).await.unwrap_err();
        assert!(failure.to_string().contains(words), "{failure}");
    }
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let limits = Limits { within: Duration::from_millis(200), ..LIMITS };
    let policy = Policy::Lan(Host::parse("127.0.0.1").unwrap());
    let client = Client::new(policy, &[], limits).unwrap();
    let port = silent.local_addr().unwrap().port();
    let failure = client.get(&destination("127.0.0.1", port), HeaderMap::new()).await.unwrap_err();
    assert!(matches!(failure, Failure::Timeout(..)), "{failure}");
}

#[tokio::test]
async fn failures_and_destinations_name_the_host_and_keep_path_and_headers_to_themselves() {
    let names = Names::start().await;
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port();
    let policy = Policy::Lan(Host::parse("127.0.0.1").unwrap());
    let secret = Destination::parse(&format!("http://127.0.0.1:{closed}/hook/CANARY?key=CANARY"), &policy).unwrap();
    let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static("CANARY"))]);
    let failure = lan(&names, "127.0.0.1").post(&secret, headers, "CANARY".into()).await.unwrap_err();
    let said = format!("{failure} {failure:?} {secret} {secret:?}");
    assert!(said.contains("127.0.0.1") && !said.contains("CANARY"), "{said}");
}

#[tokio::test]
async fn a_client_judges_what_another_policy_admitted() {
    let names = Names::start().await;
    let (port, connections) = server(CALENDAR).await;
    let admitted = destination("127.0.0.1", port);
    let client = Client::with_resolver(Policy::Public, &[], LIMITS, names.resolver()).unwrap();
    assert!(matches!(client.get(&admitted, HeaderMap::new()).await, Err(Failure::Refused(_))));
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}
