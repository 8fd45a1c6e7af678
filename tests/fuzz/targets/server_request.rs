//! Anything that anybody sends to a running server over TLS: heads, bodies, forms, cookies. `COOKIE` stands for the
//! session of a signed-in administrator. The server answers or hangs up; it never fails.
#![no_main]
#![allow(clippy::disallowed_methods, reason = "it asks the server of this very process")]

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, LazyLock},
    time::Duration,
};

use connectors::{Mapping, PollError, Source, Warning};
use desk::{Batch, Capabilities, Replies};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use nix::sys::signal::{SigHandler, Signal, signal};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use server::{Config, Folder, Server, Settings, SystemClock, tls::Anchor};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// An answer that is longer, or lasts longer, is a stream of events.
const LONGEST: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_millis(250);
const PASSWORD: &str = "correct horse battery staple";

static SITE: LazyLock<Site> = LazyLock::new(Site::start);

fuzz_target!(|bytes: &[u8]| {
    let request = String::from_utf8_lossy(bytes);
    let sent =
        if request.contains("COOKIE") { request.replace("COOKIE", &SITE.cookie).into_bytes() } else { bytes.to_vec() };
    let answer = SITE.send(&sent);
    assert!(
        !answer.starts_with(b"HTTP/1.1 5"),
        "{request:?} made the server fail: {}",
        String::from_utf8_lossy(&answer)
    );
});

struct Site {
    address: SocketAddr,
    tls: Arc<ClientConfig>,
    cookie: String,
    _runtime: Runtime,
    _server: Server,
    _data: TempDir,
}

impl Site {
    fn start() -> Self {
        // A program in Rust ignores it from its start on; libFuzzer's is none, and one end of a connection often hangs up.
        // SAFETY: No handler is installed, and nothing else here relies on this signal.
        unsafe { signal(Signal::SIGPIPE, SigHandler::SigIgn) }.expect("the signal can be ignored");
        let data = tempfile::tempdir().expect("there is a folder for temporary files");
        let path = data.path().to_str().expect("a path in UTF-8");
        let environment = BTreeMap::from([("NEXUS_LISTEN", "127.0.0.1:0"), ("NEXUS_DATA", path)]);
        let config = Config::read(&environment, None).expect("a configuration");
        let folder = Folder::open(data.path()).expect("the data folder");
        let mirror = folder.within("updates").and_then(|updates| updates.within("targets"));
        mirror.and_then(|targets| targets.write("bundle", b"a bundle of updates")).expect("something is mirrored");
        let settings = Settings::open(&folder, &config, Timestamp::now()).expect("first settings");
        let runtime = Runtime::new().expect("a runtime");
        let start = Server::start(config, settings, |_| Empty, Arc::new(SystemClock));
        let server = runtime.block_on(start).expect("the server starts");

        let Anchor::Certificates(anchor) = server.anchor() else { panic!("a new server has an authority of its own") };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(anchor.as_bytes()).flatten());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the versions are known")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let code = server.setup_code().expect("a new server has a setup code").expose().to_owned();
        let address = server.address();
        let mut site = Self {
            address,
            tls: Arc::new(tls),
            cookie: String::new(),
            _runtime: runtime,
            _server: server,
            _data: data,
        };
        site.cookie = site.sign_in(&code);
        site
    }

    fn sign_in(&self, code: &str) -> String {
        let form = format!("setup_code={code}&password={PASSWORD}&password_again={PASSWORD}").replace(' ', "+");
        let request = format!(
            "POST /admin/sign-in HTTP/1.1\r\nhost: localhost\r\norigin: https://localhost\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        );
        let mut answer = Vec::new();
        let mut stream = self.connect();
        stream.sock.set_read_timeout(None).expect("a socket takes timeouts");
        stream.write_all(request.as_bytes()).expect("the server listens");
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a session");
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    /// Sends a request and takes what comes back, until the server hangs up or goes on for too long.
    fn send(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        let mut answer = Vec::new();
        // The server may hang up at any point, which is an answer too.
        if stream.write_all(request).is_ok() {
            stream.conn.send_close_notify();
            let _ = stream.flush();
            let _ = stream.take(LONGEST).read_to_end(&mut answer);
        }
        answer
    }

    fn connect(&self) -> StreamOwned<ClientConnection, TcpStream> {
        let socket = TcpStream::connect(self.address).expect("the server runs");
        socket.set_nodelay(true).expect("a socket takes options");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket takes timeouts");
        let host = ServerName::try_from("localhost").expect("a host name");
        StreamOwned::new(ClientConnection::new(self.tls.clone(), host).expect("a connection"), socket)
    }
}

/// A helpdesk without tickets.
struct Empty;

impl Source for Empty {
    fn provider(&self) -> &'static str {
        "Demo"
    }

    async fn poll(&mut self, now: Timestamp) -> Result<Batch, PollError> {
        Ok(Batch {
            read_at: now,
            tickets: Vec::new(),
            removed: Vec::new(),
            agents: None,
            groups: None,
            clients: Vec::new(),
            activity: Vec::new(),
            complete_since: None,
            capabilities: Capabilities { sla: true, presence: true, replies: Replies::Known, ratings: false },
        })
    }

    fn remap(&mut self, _: &Mapping) {}

    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }
}
