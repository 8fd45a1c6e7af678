//! A web server for one file, as a mirror of updates is one: it answers ranges, and counts what is fetched.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// The server, until the test ends.
pub(crate) struct Mirror {
    port: u16,
    told: Arc<Told>,
}

#[derive(Default)]
struct Told {
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl Mirror {
    /// Serves these bytes, whatever address is asked for.
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (told, bytes) = (Arc::new(Told::default()), Arc::new(bytes));
        let of_all = Arc::clone(&told);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (told, bytes) = (Arc::clone(&of_all), Arc::clone(&bytes));
                // A client that goes away ends its thread.
                thread::spawn(move || answer(&stream, &bytes, &told));
            }
        });
        Self { port, told }
    }

    /// The address of the file, as guests of QEMU's user network reach it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}:{}/update.raucb", crate::stage::HOST, self.port)
    }

    /// Requests and bytes of the file so far.
    pub(crate) fn told(&self) -> (u64, u64) {
        (self.told.requests.load(Ordering::Relaxed), self.told.bytes.load(Ordering::Relaxed))
    }
}

/// Answers requests on a connection until it ends.
fn answer(stream: &TcpStream, file: &[u8], told: &Told) -> Option<()> {
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
        let length = file.len();
        let (first, last) = range.unwrap_or((0, usize::MAX));
        let (status, part) = match file.get(first..length.min(last.saturating_add(1))) {
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
            told.bytes.fetch_add(part.len() as u64, Ordering::Relaxed);
        }
        told.requests.fetch_add(1, Ordering::Relaxed);
    }
}
