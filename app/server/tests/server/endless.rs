//! Event streams as screens read them: over HTTP/1.1, on a connection of their own that ends with them.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use nix::sys::socket::{setsockopt, sockopt::TcpMaxSeg};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpSocket,
};
use tokio_rustls::client::TlsStream;

use crate::{
    browser::Browser,
    stage::{Setup, Stage, open_tickets, within},
    tls::over,
};

const EVENTS: &str = "/api/v1/boards/overview/events";

/// A connection that keeps what came over it, as it came.
struct Tapped<S> {
    inner: S,
    came: Arc<Mutex<Vec<u8>>>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        self.came.lock().unwrap().extend_from_slice(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

/// The whole records of TLS in these bytes (RFC 8446, section 5.1).
fn records(mut bytes: &[u8]) -> usize {
    let mut records = 0;
    while let [_, _, _, high, low, rest @ ..] = bytes
        && let Some(behind) = rest.get(usize::from(u16::from_be_bytes([*high, *low]))..)
    {
        bytes = behind;
        records += 1;
    }
    records
}

/// A raw connection to the server, of which the kernel keeps little.
async fn connect(stage: &Stage) -> TlsStream<Tapped<tokio::net::TcpStream>> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    setsockopt(&socket, TcpMaxSeg, &536).unwrap();
    let inner = socket.connect(stage.server.address()).await.unwrap();
    over(stage, Tapped { inner, came: Arc::default() }).await
}

async fn ask<S: AsyncWrite + Unpin>(tls: &mut S, stage: &Stage, line: &str, more: &str) {
    let origin = stage.url("");
    let host = origin.strip_prefix("https://").unwrap();
    tls.write_all(format!("{line}\r\nHost: {host}\r\n{more}\r\n").as_bytes()).await.unwrap();
}

/// Reads on until `text` holds `wanted`.
async fn until<S: AsyncRead + Unpin>(tls: &mut S, text: &mut String, wanted: &str) {
    while !text.contains(wanted) {
        read_on(tls, text).await;
    }
}

async fn read_on<S: AsyncRead + Unpin>(tls: &mut S, text: &mut String) {
    let mut buffer = [0; 4096];
    let read = within(tls.read(&mut buffer)).await.unwrap();
    assert_ne!(read, 0, "more than {text}");
    text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
}

#[tokio::test]
async fn each_event_is_one_record_of_tls() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let mut tls = connect(&stage).await;
    ask(&mut tls, &stage, &format!("GET {EVENTS} HTTP/1.1"), "").await;
    let mut text = String::new();
    until(&mut tls, &mut text, "\n\n\r\n").await;
    assert!(text.to_lowercase().contains("\r\nconnection: close\r\n"), "{text}");
    let came = tls.get_ref().0.came.clone();
    came.lock().unwrap().clear();
    let mut text = String::new();
    for open in 5..9 {
        stage.desk.set_open(open);
        let shown = text.matches("event: panel").count();
        while text.matches("event: panel").count() == shown {
            read_on(&mut tls, &mut text).await;
        }
    }
    let stopping = tokio::spawn(stage.server.stop());
    within(tls.read_to_string(&mut text)).await.unwrap();
    within(stopping).await.unwrap();
    // Each chunk is one event, or one comment; the last is empty, and then TLS says that it ends.
    let chunks = text.matches("\n\n\r\n").count();
    assert!(chunks > 4 && text.ends_with("\r\n0\r\n\r\n"), "{text}");
    assert_eq!(records(&came.lock().unwrap()), chunks + 2, "{text}");
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut_off_within_a_second_when_it_may_read_no_more() {
    let stage = Setup::new().with("NEXUS_OPEN_READ", "nobody").start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let mut tls = connect(&stage).await;
    let cookie = format!("Cookie: {}\r\n", browser.cookie.clone().unwrap());
    ask(&mut tls, &stage, &format!("GET {EVENTS} HTTP/1.1"), &cookie).await;
    let mut text = String::new();
    until(&mut tls, &mut text, "event: board").await;
    let state = || async { browser.get("/api/v1/boards/overview/state").await.json::<board::Board>().await.unwrap() };
    const CHANGES: usize = 100;
    for open in 10..10 + CHANGES {
        stage.desk.set_open(open);
        within(async { while open_tickets(&state().await) != Some(open as i64) {} }).await;
    }
    let newest = state().await.revision.0;
    assert_eq!(stage.server.figures().streams, 1);
    let since = Instant::now();
    browser.post("/admin/sign-out", &[]).await;
    within(async {
        while stage.server.figures().streams > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    // What was on its way comes; it is not the newest, so the reader was held up indeed.
    let mut rest = Vec::new();
    within(tls.read_to_end(&mut rest)).await.ok();
    let rest = String::from_utf8_lossy(&rest).into_owned();
    assert!(!rest.contains(&format!(".{newest}\n")), "{newest} in {rest}");
    assert!(!rest.contains("event: bye"), "{rest}");
}

#[tokio::test]
async fn a_stream_also_begins_later_on_a_connection_and_by_http_1_0_and_its_head_alone_is_told() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let mut later = connect(&stage).await;
    ask(&mut later, &stage, "GET /healthz HTTP/1.1", "").await;
    until(&mut later, &mut String::new(), "\r\n\r\n").await;
    ask(&mut later, &stage, &format!("HEAD {EVENTS} HTTP/1.1"), "").await;
    let mut head = String::new();
    until(&mut later, &mut head, "\r\n\r\n").await;
    assert!(head.contains("text/event-stream") && head.ends_with("\r\n\r\n"), "{head}");
    ask(&mut later, &stage, &format!("GET {EVENTS} HTTP/1.1"), "").await;
    let mut old = connect(&stage).await;
    ask(&mut old, &stage, &format!("GET {EVENTS} HTTP/1.0"), "").await;
    let mut texts = [String::new(), String::new()];
    for ((tls, text), open) in [&mut later, &mut old].into_iter().zip(&mut texts).zip(5..) {
        until(tls, text, "event: board\n").await;
        stage.desk.set_open(open);
        until(tls, text, "event: panel\n").await;
    }
    let chunked = texts.map(|text| text.to_lowercase().contains("transfer-encoding: chunked"));
    assert_eq!(chunked, [true, false]);
    let stopping = tokio::spawn(stage.server.stop());
    for tls in [&mut later, &mut old] {
        let mut rest = String::new();
        within(tls.read_to_string(&mut rest)).await.ok();
        assert!(rest.contains("event: bye\n"), "{rest}");
    }
    within(stopping).await.unwrap();
}

#[tokio::test]
async fn a_stream_goes_when_its_reader_does_whatever_the_reader_said_meanwhile() {
    let stage = Stage::start().await;
    let mut tls = connect(&stage).await;
    ask(&mut tls, &stage, &format!("GET {EVENTS} HTTP/1.1"), "").await;
    until(&mut tls, &mut String::new(), "event: board").await;
    tls.write_all(&[b'x'; 4096]).await.unwrap();
    stage.desk.set_open(9);
    until(&mut tls, &mut String::new(), "event: panel").await;
    assert_eq!(stage.server.figures().streams, 1);
    drop(tls);
    within(async {
        while stage.server.figures().streams > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
