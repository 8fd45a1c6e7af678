//! The screens: so many TLS connections with an event stream each, in a process of their own.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use data_encoding::BASE64;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{Target, process::Part, stamp};

/// Screens in a process of their own.
pub(crate) struct Screens {
    part: Part,
    /// How long it took to open them all.
    pub(crate) opening: Duration,
}

/// What reached the screens.
pub(crate) struct Deliveries {
    /// Events that reached every screen. On a machine that is too busy, a screen gets the next one instead.
    pub(crate) events: usize,
    /// Deliveries of these and of all others.
    pub(crate) count: usize,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
    /// From the change to the last screen.
    pub(crate) last_median: Duration,
    pub(crate) last_slowest: Duration,
    /// The newest event as a screen got it.
    pub(crate) event: String,
}

impl Screens {
    pub(crate) fn open(target: &Target, streams: usize) -> Self {
        let anchor = BASE64.encode(target.anchor.as_bytes());
        let (address, streams) = (target.address.to_string(), streams.to_string());
        let started = Instant::now();
        let mut part = Part::start(&["screens", &address, target.path, &anchor, &streams]);
        part.hear();
        Self { part, opening: started.elapsed() }
    }

    /// What was delivered since the last time.
    pub(crate) fn take(&mut self) -> Deliveries {
        let answer = self.part.ask("take");
        let (numbers, event) = answer.split_once(';').unwrap();
        let numbers = numbers.split(' ').map(|number| number.parse().unwrap()).collect::<Vec<u64>>();
        let [events, count, median, p99, last_median, last_slowest] = numbers[..] else { panic!("{answer}") };
        Deliveries {
            events: events as usize,
            count: count as usize,
            median: Duration::from_nanos(median),
            p99: Duration::from_nanos(p99),
            last_median: Duration::from_nanos(last_median),
            last_slowest: Duration::from_nanos(last_slowest),
            event: String::from_utf8(BASE64.decode(event.as_bytes()).unwrap()).unwrap(),
        }
    }

    pub(crate) fn close(self) {
        self.part.end();
    }
}

/// What the screens saw: the ages of each event by its stamp.
#[derive(Default)]
struct Seen {
    ages: BTreeMap<u64, Vec<Duration>>,
    newest: Vec<u8>,
}

/// The process of the screens.
pub(crate) async fn read(address: &str, path: &str, anchor: &str, streams: &str) {
    let address: SocketAddr = address.parse().unwrap();
    let streams: usize = streams.parse().unwrap();
    let connector = connector(&BASE64.decode(anchor.as_bytes()).unwrap());
    let seen = Arc::new(Mutex::new(Seen::default()));
    for _ in 0..streams {
        let screen = open(&connector, address, path).await;
        tokio::spawn(watch(screen, seen.clone()));
    }
    println!("open");
    for line in std::io::stdin().lines() {
        line.unwrap();
        println!("{}", told(std::mem::take(&mut *seen.lock().unwrap()), streams));
    }
}

fn told(seen: Seen, streams: usize) -> String {
    let count = seen.ages.values().map(Vec::len).sum::<usize>();
    // The first and the last may have been cut by the asking.
    let whole = seen.ages.into_values().filter(|ages| ages.len() == streams).collect::<Vec<_>>();
    let mut lasts = whole.iter().map(|ages| *ages.iter().max().unwrap()).collect::<Vec<_>>();
    let mut all = whole.iter().flatten().copied().collect::<Vec<_>>();
    all.sort();
    lasts.sort();
    let at = |sorted: &[Duration], percent: usize| {
        sorted.get(sorted.len().saturating_sub(1) * percent / 100).map_or(0, Duration::as_nanos)
    };
    format!(
        "{} {} {} {} {} {};{}",
        whole.len(),
        count,
        at(&all, 50),
        at(&all, 99),
        at(&lasts, 50),
        at(&lasts, 100),
        BASE64.encode(&seen.newest)
    )
}

fn connector(pem: &[u8]) -> TlsConnector {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// A screen whose stream has begun.
async fn open(connector: &TlsConnector, address: SocketAddr, path: &str) -> TlsStream<TcpStream> {
    let tcp = TcpStream::connect(address).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    let mut tls = connector.connect("localhost".try_into().unwrap(), tcp).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
    tls.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = tls.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "the stream ended");
        head.extend_from_slice(&buffer[..read]);
    }
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    tls
}

/// Notes when each event was there as a whole.
async fn watch(mut screen: TlsStream<TcpStream>, seen: Arc<Mutex<Seen>>) {
    let mut event = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    let mut last = 0;
    loop {
        let read = screen.read(&mut buffer).await.expect("a stream that goes on");
        assert_ne!(read, 0, "a stream ended");
        event.extend_from_slice(&buffer[..read]);
        if !event.windows(2).any(|window| window == b"\n\n") {
            continue;
        }
        if let Some((stamp, age)) = stamp::age(&event)
            && stamp != last
        {
            last = stamp;
            let mut seen = seen.lock().unwrap();
            seen.ages.entry(stamp).or_default().push(age);
            seen.newest.clone_from(&event);
        }
        event.clear();
    }
}
