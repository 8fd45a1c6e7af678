//! A web server for one file, as a mirror of updates is one: it answers ranges, counts what is fetched, and goes away and
//! comes back when it is told.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// How often is looked for a new connection, and whether it shall be away.
const LOOK: Duration = Duration::from_millis(5);

/// The server, until the test ends.
pub(crate) struct Mirror {
    port: u16,
    site: Arc<Site>,
}

/// What its threads share.
struct Site {
    file: Vec<u8>,
    away: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
    requests: AtomicU64,
    /// Which bytes of the file were sent whole, in their order.
    sent: Mutex<Vec<Range<usize>>>,
}

impl Mirror {
    /// Serves these bytes, whatever address is asked for.
    pub(crate) fn of(file: Vec<u8>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let site = Arc::new(Site {
            file,
            away: AtomicBool::default(),
            connections: Mutex::default(),
            requests: AtomicU64::default(),
            sent: Mutex::default(),
        });
        let of_all = Arc::clone(&site);
        thread::spawn(move || serve(listener, port, &of_all));
        Self { port, site }
    }

    /// The address of the file, as guests of QEMU's user network reach it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}:{}/update.raucb", crate::stage::HOST, self.port)
    }

    /// Requests and bytes of the file so far.
    pub(crate) fn told(&self) -> (u64, u64) {
        let bytes: usize = self.sent().iter().map(ExactSizeIterator::len).sum();
        (self.site.requests.load(Ordering::Relaxed), bytes as u64)
    }

    /// The bytes of the file that were sent so far, in their order; some may have been sent more than once.
    pub(crate) fn sent(&self) -> Vec<Range<usize>> {
        self.site.sent.lock().unwrap().clone()
    }

    /// Bytes of the file.
    pub(crate) fn length(&self) -> usize {
        self.site.file.len()
    }

    /// From now on its connections are cut, and nobody listens; or it listens again at the same address.
    pub(crate) fn set_away(&self, away: bool) {
        self.site.away.store(away, Ordering::Relaxed);
    }
}

/// Takes connections whenever it is not away.
fn serve(listener: TcpListener, port: u16, site: &Arc<Site>) {
    let mut listener = Some(listener);
    loop {
        let away = site.away.load(Ordering::Relaxed);
        if away && listener.take().is_some() {
            for connection in site.connections.lock().unwrap().drain(..) {
                // It may have ended by itself.
                let _ = connection.shutdown(Shutdown::Both);
            }
        }
        if !away && listener.is_none() {
            listener = Some(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
        }
        let taken = listener.as_ref().map(|listener| {
            listener.set_nonblocking(true).unwrap();
            listener.accept()
        });
        match taken {
            Some(Ok((stream, _))) => {
                stream.set_nonblocking(false).unwrap();
                site.connections.lock().unwrap().push(stream.try_clone().unwrap());
                let site = Arc::clone(site);
                // A client that goes away ends its thread.
                thread::spawn(move || answer(&stream, &site));
            }
            Some(Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                thread::sleep(LOOK);
            }
            None => thread::sleep(LOOK),
        }
    }
}

/// Answers requests on a connection until it ends.
fn answer(stream: &TcpStream, site: &Site) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    loop {
        let request = lines.next()?.ok()?;
        let mut range = None;
        loop {
            let line = lines.next()?.ok()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(wanted) = line.strip_prefix("range: bytes=") {
                let (first, last) = wanted.split_once('-')?;
                range = Some((first.parse::<usize>().ok()?, last.parse::<usize>().unwrap_or(usize::MAX)));
            }
        }
        let length = site.file.len();
        let (first, last) = range.unwrap_or((0, usize::MAX));
        let (status, part) = match site.file.get(first..length.min(last.saturating_add(1))) {
            Some(part) if range.is_some() && !part.is_empty() => ("206 Partial Content", part),
            Some(part) if range.is_none() => ("200 OK", part),
            _ => ("416 Range Not Satisfiable", &[][..]),
        };
        let mut head = format!("HTTP/1.1 {status}\r\nAccept-Ranges: bytes\r\nContent-Length: {}\r\n", part.len());
        if range.is_some() && !part.is_empty() {
            head += &format!("Content-Range: bytes {first}-{}/{length}\r\n", first + part.len() - 1);
        }
        let mut stream = stream;
        stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
        if !request.starts_with("HEAD") {
            stream.write_all(part).ok()?;
            site.sent.lock().unwrap().push(first..first + part.len());
        }
        site.requests.fetch_add(1, Ordering::Relaxed);
    }
}
