//! What a stream costs: memory of the server for each stream that it holds, and bytes for each event.
//!
//! Run with `cargo bench -p server --bench stream [-- STREAMS]`. The server runs in a process of its own, so that the
//! readers' memory does not count. Every reader has a TLS connection of its own, as screens have.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench fails loudly and prints its figures"
)]

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use connectors::demo::{Demo, Settings as DemoSettings};
use server::{Config, Folder, Server, Settings, SystemClock, tls::Anchor};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// How long events are counted.
const WATCHED: Duration = Duration::from_secs(20);
const DEFAULT_STREAMS: usize = 1000;

fn main() {
    rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap();
    let arguments = std::env::args().skip(1).filter(|argument| argument != "--bench").collect::<Vec<_>>();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if arguments.first().is_some_and(|argument| argument == "serve") {
        runtime.block_on(serve());
    } else {
        let streams = arguments.first().map_or(DEFAULT_STREAMS, |number| number.parse().expect("a number of streams"));
        runtime.block_on(measure(streams));
    }
}

/// The server's process: says where it is, then answers every line with its figures.
async fn serve() {
    let folder = tempfile::tempdir().unwrap();
    let strings = std::collections::BTreeMap::from([
        ("NEXUS_LISTEN", "127.0.0.1:0"),
        ("NEXUS_CONNECTIONS", "100000"),
        ("NEXUS_CONNECTIONS_PER_ADDRESS", "100000"),
    ]);
    let mut config = Config::read(&strings, None).unwrap();
    config.data = folder.path().to_owned();
    let clock = Arc::new(SystemClock);
    let settings = Settings::open(&Folder::open(&config.data).unwrap(), &config, server::Clock::now(&*clock)).unwrap();
    let server = Server::start(config, settings, |_| Demo::new(DemoSettings::default()), clock).await.unwrap();
    // The first poll generates eight weeks; what it needed for that does not belong to the streams.
    while server.figures().events_encoded == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let Anchor::Certificates(pem) = server.anchor() else { unreachable!("a private authority") };
    println!("{} {}", server.address(), data_encoding::BASE64.encode(pem.as_bytes()));
    for line in std::io::stdin().lines() {
        line.unwrap();
        let figures = server.figures();
        println!("{} {} {} {}", resident(), figures.streams, figures.events_encoded, figures.event_bytes);
    }
    server.stop().await;
}

async fn measure(streams: usize) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut asks = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    let hello = answers.next().unwrap().unwrap();
    let (address, pem) = hello.split_once(' ').unwrap();
    let connector = connector(&data_encoding::BASE64.decode(pem.as_bytes()).unwrap());
    let address: SocketAddr = address.parse().unwrap();
    let mut figures = || -> [u64; 4] {
        writeln!(asks).unwrap();
        let answer = answers.next().unwrap().unwrap();
        let numbers = answer.split(' ').map(|number| number.parse().unwrap()).collect::<Vec<u64>>();
        numbers.try_into().unwrap()
    };

    // A few first, so that what the first connections allocate once is not counted as theirs.
    let mut readers = Vec::with_capacity(streams + 8);
    for _ in 0..8 {
        readers.push(open(&connector, address).await);
    }
    let [empty, held, ..] = figures();
    let started = Instant::now();
    for _ in 0..streams {
        readers.push(open(&connector, address).await);
    }
    let opening = started.elapsed();
    let received = readers.into_iter().map(|reader| tokio::spawn(drain(reader))).collect::<Vec<_>>();
    let [_, _, events, bytes] = figures();
    tokio::time::sleep(WATCHED).await;
    let [full, all, events_after, bytes_after] = figures();
    assert_eq!(all - held, streams as u64, "every stream is still open");

    let (events, bytes) = (events_after - events, bytes_after - bytes);
    println!("streams held                 {}", all - held);
    println!("opened per second            {:.0}", streams as f64 / opening.as_secs_f64());
    println!("server memory per stream     {:.1} KiB", (full.saturating_sub(empty)) as f64 / 1024.0 / streams as f64);
    println!("server memory in all         {:.1} MiB", full as f64 / 1024.0 / 1024.0);
    println!("events encoded in {} s       {events}", WATCHED.as_secs());
    if let Some(each) = bytes.checked_div(events) {
        println!("bytes per event              {each}");
    }
    for task in received {
        task.abort();
    }
    drop(asks);
    child.wait().unwrap();
}

fn connector(pem: &[u8]) -> TlsConnector {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// A reader that has its whole board.
async fn open(connector: &TlsConnector, address: SocketAddr) -> TlsStream<TcpStream> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let mut tls = connector.connect("localhost".try_into().unwrap(), tcp).await.unwrap();
    let request = "GET /api/v1/boards/overview/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    tls.write_all(request.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0; 16 * 1024];
    while !seen.windows(12).any(|window| window == b"event: board") {
        let read = tls.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "the stream ended");
        seen.extend_from_slice(&buffer[..read]);
    }
    tls
}

async fn drain(mut reader: TlsStream<TcpStream>) {
    let mut buffer = [0; 4 * 1024];
    while reader.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
}
