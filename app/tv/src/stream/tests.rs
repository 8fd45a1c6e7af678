//! The stream against a real TLS server on loopback, which answers word by word what a test wants.
#![allow(clippy::disallowed_methods, reason = "a proxy of the test leads on to its server")]

use std::{sync::Arc, time::Duration};

use board::{Revision, sample, wire};
use device::{Live, Trust};
use jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
    server::TlsStream,
};

use super::{Event, Loss, follow};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nDate: Mon, 16 Nov 2026 14:32:00 GMT\r\n\
                    Transfer-Encoding: chunked\r\n\r\n";

/// A private certificate authority.
struct Authority(Issuer<'static, KeyPair>, String);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self(Issuer::new(params, key), pem)
    }

    /// A certificate for localhost that is valid at some time.
    fn acceptor(&self, years: (i32, i32)) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
        let key = KeyPair::generate().unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![params.signed_by(&key, &self.0).unwrap().into()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

const ALWAYS: (i32, i32) = (2000, 2200);

struct Stage {
    authority: Authority,
    acceptor: TlsAcceptor,
    listener: TcpListener,
    target: watch::Sender<Option<Live>>,
    events: mpsc::Receiver<Event>,
}

impl Stage {
    async fn new() -> Self {
        let authority = Authority::new();
        let acceptor = authority.acceptor(ALWAYS);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (target, targets) = watch::channel(None);
        let (send, events) = mpsc::channel(8);
        tokio::spawn(follow(targets, send));
        Self { authority, acceptor, listener, target, events }
    }

    fn live(&self) -> Live {
        let port = self.listener.local_addr().unwrap().port();
        Live {
            server: format!("https://localhost:{port}").parse().unwrap(),
            proxy: None,
            trust: Trust::Anchor(self.authority.1.clone()),
            board: "overview".into(),
            access_token: "first-token".into(),
            expires_at: Timestamp::UNIX_EPOCH,
            screen: "Hall".into(),
            rotation: 0,
            clock_offset: 0,
        }
    }

    fn follow(&self) {
        self.target.send_replace(Some(self.live()));
    }

    async fn tcp(&self) -> TcpStream {
        soon(self.listener.accept()).await.unwrap().0
    }

    /// Takes the next connection and answers its request with the given bytes.
    async fn serve(&self, answer: &str) -> (TlsStream<TcpStream>, String) {
        let mut stream = soon(self.acceptor.accept(self.tcp().await)).await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(soon(stream.read_u8()).await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        (stream, String::from_utf8(request).unwrap())
    }

    async fn event(&mut self) -> Event {
        soon(self.events.recv()).await.unwrap()
    }
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), what).await.expect("within 20 s")
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

fn stream(text: &str) -> String {
    format!("{HEAD}{}", chunk(text))
}

fn board() -> (String, Event) {
    let event = wire::Event::Board(Box::new(sample::overview()));
    let text = format!("event: board\nid: a.5\ndata: {}\n\n", event.to_data().unwrap());
    (text, Event::Changed { event, revision: Some(Revision(5)) })
}

fn open() -> Event {
    Event::Open { date: Some("2026-11-16T14:32:00Z".parse().unwrap()) }
}

#[tokio::test]
async fn a_board_arrives_over_a_verified_connection_and_a_lost_stream_resumes() {
    let mut stage = Stage::new().await;
    stage.follow();
    let (text, event) = board();
    let (connection, request) = stage.serve(&stream(&text)).await;
    assert!(request.starts_with("GET /api/v1/boards/overview/events HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Bearer first-token\r\n"), "{request}");
    assert!(!request.contains("last-event-id"), "{request}");
    assert_eq!((stage.event().await, stage.event().await), (open(), event));

    // The server is killed.
    drop(connection);
    assert_eq!(stage.event().await, Event::Lost(Loss::Unreachable));
    let (_connection, request) = stage.serve(&stream(": alive\n\n")).await;
    assert!(request.contains("last-event-id: a.5\r\n"), "{request}");
    assert_eq!(stage.event().await, open());
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_until_it_is_back() {
    let mut stage = Stage::new().await;
    let live = stage.live();
    let address = stage.listener.local_addr().unwrap();
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    drop(std::mem::replace(&mut stage.listener, elsewhere));
    stage.target.send_replace(Some(live));
    assert_eq!(stage.event().await, Event::Lost(Loss::Unreachable));
    stage.listener = TcpListener::bind(address).await.unwrap();
    let (text, event) = board();
    let _connection = stage.serve(&stream(&text)).await;
    while stage.event().await != open() {}
    assert_eq!(stage.event().await, event);
}

#[tokio::test]
async fn a_truncated_event_is_no_event() {
    let mut stage = Stage::new().await;
    stage.follow();
    let (text, _) = board();
    let (connection, _) = stage.serve(&format!("{HEAD}{}", chunk(&text)[..400].to_owned())).await;
    drop(connection);
    assert_eq!(stage.event().await, Event::Lost(Loss::Unreachable));
}

#[tokio::test]
async fn an_oversized_event_ends_the_connection_and_the_next_is_read() {
    let mut stage = Stage::new().await;
    stage.follow();
    let long = format!("event: panel\ndata: {}", "x".repeat(wire::MAX_EVENT + 4096));
    let mut stream_ = soon(stage.acceptor.accept(stage.tcp().await)).await.unwrap();
    let answer = stream(&long);
    // The TV hangs up in the middle.
    let _ = stream_.write_all(answer.as_bytes()).await;
    assert_eq!(stage.event().await, Event::Lost(Loss::Malformed));
    let _connection = stage.serve(&stream(": alive\n\n")).await;
    assert_eq!(stage.event().await, open());
}

#[tokio::test]
async fn a_malformed_state_is_refused_and_asked_for_again_as_a_whole() {
    let mut stage = Stage::new().await;
    stage.follow();
    let (text, event) = board();
    let malformed = format!("{text}event: panel\nid: a.6\ndata: {{\"id\":7}}\n\n");
    let _connection = stage.serve(&stream(&malformed)).await;
    assert_eq!((stage.event().await, stage.event().await), (open(), event));
    assert_eq!(stage.event().await, Event::Lost(Loss::Malformed));
    let (_connection, request) = stage.serve(&stream(": alive\n\n")).await;
    assert!(!request.contains("last-event-id"), "{request}");
}

#[tokio::test]
async fn events_and_forms_of_a_newer_server_do_no_harm() {
    let mut stage = Stage::new().await;
    stage.follow();
    let mut newer = sample::overview();
    newer.panels.truncate(1);
    let text = wire::Event::Board(Box::new(newer)).to_data().unwrap();
    let form = format!("\"form\":\"{}\"", sample::overview().panels[0].form.name());
    assert!(text.contains(&form));
    let text = text.replace(&form, "\"form\":\"hologram\"");
    let _connection =
        stage.serve(&stream(&format!("event: fireworks\ndata: 1\n\nevent: board\nid: a.1\ndata: {text}\n\n"))).await;
    assert_eq!(stage.event().await, open());
    let Event::Changed { event: wire::Event::Board(board), .. } = stage.event().await else { panic!("no board") };
    assert_eq!(board.panels[0].form.name(), "hologram");
}

#[tokio::test]
async fn a_server_of_another_authority_is_not_trusted() {
    let mut stage = Stage::new().await;
    stage.acceptor = Authority::new().acceptor(ALWAYS);
    stage.follow();
    let tcp = stage.tcp().await;
    assert!(soon(stage.acceptor.accept(tcp)).await.is_err());
    assert_eq!(stage.event().await, Event::Lost(Loss::Untrusted));
}

#[tokio::test]
async fn a_device_clock_that_is_off_is_corrected_for_tls() {
    let mut stage = Stage::new().await;
    // By the device's clock this certificate is not valid yet.
    stage.acceptor = stage.authority.acceptor((2100, 2102));
    stage.follow();
    let tcp = stage.tcp().await;
    assert!(soon(stage.acceptor.accept(tcp)).await.is_err());
    assert_eq!(stage.event().await, Event::Lost(Loss::Untrusted));

    let true_time: Timestamp = "2101-01-01T00:00:00Z".parse().unwrap();
    let clock_offset = true_time.duration_since(Timestamp::now()).as_secs();
    stage.target.send_replace(Some(Live { clock_offset, ..stage.live() }));
    let _connection = stage.serve(&stream(": alive\n\n")).await;
    assert_eq!(stage.event().await, open());
}

#[tokio::test]
async fn a_refused_token_is_told_and_the_next_one_used_at_once() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let mut stage = Stage::new().await;
        stage.follow();
        let _connection =
            stage.serve(&format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")).await;
        assert_eq!(stage.event().await, Event::Lost(Loss::Refused));
        stage.target.send_replace(Some(Live { access_token: "second-token".into(), ..stage.live() }));
        let (_connection, request) = stage.serve(&stream(": alive\n\n")).await;
        assert!(request.contains("authorization: Bearer second-token\r\n"), "{request}");
        assert_eq!(stage.event().await, open());
    }
}

#[tokio::test]
async fn a_fresh_token_does_not_disturb_an_open_stream() {
    let mut stage = Stage::new().await;
    stage.follow();
    let (mut connection, _) = stage.serve(&stream(": alive\n\n")).await;
    assert_eq!(stage.event().await, open());
    stage.target.send_replace(Some(Live { access_token: "second-token".into(), ..stage.live() }));
    let (text, event) = board();
    connection.write_all(chunk(&text).as_bytes()).await.unwrap();
    assert_eq!(stage.event().await, event);
}

#[tokio::test]
async fn a_board_that_is_not_there_and_answers_that_are_no_stream_are_told_apart() {
    let mut stage = Stage::new().await;
    stage.follow();
    let _connection = stage.serve("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(stage.event().await, Event::Lost(Loss::NoBoard));
    let _connection = stage
        .serve("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert_eq!(stage.event().await, Event::Lost(Loss::Malformed));
    let _connection = stage
        .serve("HTTP/1.1 302 Found\r\nLocation: https://localhost:1/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert_eq!(stage.event().await, Event::Lost(Loss::Unreachable));
}

#[tokio::test]
async fn a_farewell_is_honoured() {
    let mut stage = Stage::new().await;
    stage.follow();
    let _connection = stage.serve(&stream("event: bye\ndata: {\"after_ms\":1500}\n\n")).await;
    assert_eq!(stage.event().await, open());
    assert_eq!(stage.event().await, Event::Lost(Loss::Bye));
    let asked = std::time::Instant::now();
    let _connection = stage.serve(&stream(": alive\n\n")).await;
    assert!(asked.elapsed() >= Duration::from_millis(1400), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn another_board_and_none_end_the_stream() {
    let mut stage = Stage::new().await;
    stage.follow();
    let (mut first, _) = stage.serve(&stream(": alive\n\n")).await;
    assert_eq!(stage.event().await, open());
    stage.target.send_replace(Some(Live { board: "a team/ours".into(), ..stage.live() }));
    let (mut second, request) = stage.serve(&stream(": alive\n\n")).await;
    assert!(request.starts_with("GET /api/v1/boards/a%20team%2Fours/events "), "{request}");
    assert!(!matches!(soon(first.read(&mut [0; 1])).await, Ok(1..)), "the first connection is closed");
    assert_eq!(stage.event().await, open());
    stage.target.send_replace(None);
    assert!(!matches!(soon(second.read(&mut [0; 1])).await, Ok(1..)), "the second connection is closed");
}

#[tokio::test]
async fn a_board_comes_through_the_proxy_that_the_agent_names_and_is_verified_end_to_end() {
    let stage = &mut Stage::new().await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    // Only the proxy finds this server.
    let (direct, server) = (stage.live(), stage.listener.local_addr().unwrap());
    let live = Live {
        server: "https://localhost:1".parse().unwrap(),
        proxy: Some(address.parse().unwrap()),
        ..direct.clone()
    };
    stage.target.send_replace(Some(live));
    let (mut through, _) = soon(proxy.accept()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(through.read_u8()).await.unwrap());
    }
    assert!(head.starts_with(b"CONNECT localhost:1 HTTP/1.1\r\n"), "{}", String::from_utf8_lossy(&head));
    assert!(!String::from_utf8_lossy(&head).contains("first-token"));
    through.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
    tokio::spawn(async move {
        let mut upstream = TcpStream::connect(server).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut through, &mut upstream).await;
    });
    let (text, whole) = board();
    let (_connection, request) = stage.serve(&stream(&text)).await;
    assert!(request.contains("Bearer first-token"), "{request}");
    assert_eq!((stage.event().await, stage.event().await), (open(), whole));

    // Without the proxy it comes directly: that is another way.
    stage.target.send_replace(Some(direct));
    let _connection = stage.serve(&stream(&text)).await;
    assert_eq!(stage.event().await, open());
}

/// The 12 s of silence are 150 ms here; nothing else differs.
#[tokio::test]
async fn silence_is_a_loss() {
    let stage = Stage::new().await;
    let (send, mut events) = mpsc::channel::<Event>(8);
    let mut session = super::Session::new(&stage.live(), Arc::default()).unwrap();
    let run = tokio::spawn(async move { session.run("token", Duration::from_millis(150), &send).await });
    let _connection = stage.serve(&stream(": alive\n\n")).await;
    assert_eq!(soon(events.recv()).await, Some(open()));
    let ended = soon(run).await.unwrap().unwrap();
    assert_eq!(ended.loss, Loss::Silent);
    assert!(ended.served >= Duration::from_millis(150), "{ended:?}");
}

/// With waits of a second at most, as after a success, 30 of them could not take a minute.
#[tokio::test]
async fn a_stream_that_breaks_after_every_first_event_is_asked_for_less_and_less_often() {
    let stage = Stage::new().await;
    let (send, _events) = mpsc::channel::<Event>(64);
    let mut session = super::Session::new(&stage.live(), Arc::default()).unwrap();
    let (text, _) = board();
    let mut backoff = super::Backoff::default();
    let mut waited = Duration::ZERO;
    for _ in 0..30 {
        let serve = async { drop(stage.serve(&stream(&text)).await) };
        let (ended, ()) = tokio::join!(session.run("token", super::SILENCE, &send), serve);
        waited += backoff.after(ended.unwrap().served);
    }
    assert!(waited > Duration::from_secs(60), "{waited:?}");
}
