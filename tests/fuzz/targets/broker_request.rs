//! Anything that the server process, taken over by somebody, sends to the Broker. The provider behind it answers with
//! what it was sent, credential and all: the Broker answers or hangs up, and the credential never comes out.
#![no_main]

use std::{
    io::{Read, Write},
    net::TcpListener,
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::LazyLock,
    thread,
    time::Duration,
};

use broker::{Connection, Id, Options, Trial, Verdict};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use vault::{Cost, Passphrase, Vault};

const TOKEN: &str = "2-14-canary-canary-canary";
/// What follows every request, so that the Broker hangs up once it has answered that.
const FAREWELL: &[u8] = b"\r\n\r\nGET /health HTTP/1.1\r\nhost: broker\r\nconnection: close\r\n\r\n";
/// For requests that swallow the farewell and want more.
const PATIENCE: Duration = Duration::from_millis(250);

static SITE: LazyLock<Site> = LazyLock::new(Site::start);

fuzz_target!(|request: &[u8]| {
    let answer = SITE.send(request);
    let text = String::from_utf8_lossy(&answer);
    assert!(!text.contains(TOKEN), "the credential came out: {text}");
    let own = text.to_ascii_lowercase().contains("\r\nnexus-broker-error: ");
    assert!(own || !text.starts_with("HTTP/1.1 5"), "the Broker failed: {text}");
});

struct Site {
    socket: PathBuf,
    _runtime: Runtime,
    _folder: TempDir,
}

impl Site {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let (secrets, socket) = (folder.path().join("secrets.json"), folder.path().join("broker.sock"));
        let passphrase = || Some(Passphrase::new(SecretString::from("passphrase")).expect("it is not empty"));
        let vault = Vault::new(&secrets, passphrase()).with_cost(Cost::new(1, 1, 1).expect("the lowest cost"));
        let provider = echo().parse().expect("an address");
        let connection = Connection::request_tracker(&provider, SecretString::from(TOKEN), None).expect("a connection");
        broker::connect(&vault, &Id::request_tracker(), &connection).expect("it can be sealed");

        let runtime = Runtime::new().expect("a runtime");
        // The stored connection is never replaced: whoever could would have to know a token.
        let trial =
            Trial { path: "", query: "", elsewhere: "", judge: |_, _| Err(Verdict::Refused("not here".to_owned())) };
        let options = Options { secrets, socket: socket.clone(), passphrase: passphrase(), trial, peer: None };
        runtime.spawn(broker::serve(options, std::future::pending()));
        while UnixStream::connect(&socket).is_err() {
            thread::sleep(Duration::from_millis(5));
        }
        Self { socket, _runtime: runtime, _folder: folder }
    }

    /// Sends a request and takes what comes back, until the Broker hangs up.
    fn send(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = UnixStream::connect(&self.socket).expect("the Broker listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes timeouts");
        let mut answer = Vec::new();
        // The Broker may hang up at any point, which is an answer too.
        let _ = stream.write_all(request).and_then(|()| stream.write_all(FAREWELL));
        let _ = stream.read_to_end(&mut answer);
        answer
    }
}

/// A provider that answers every request with the request itself; its address.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 16 * 1024];
            let length = stream.read(&mut request).unwrap_or_default();
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&request[..length]));
        }
    });
    format!("http://{address}")
}
