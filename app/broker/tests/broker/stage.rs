//! A provider that remembers what it was asked, and a Broker in a folder of its own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use broker::{Connection, Id, Trial, Verdict};
use bytes::Bytes;
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use vault::{Cost, Passphrase, SecretString, Vault};

pub(crate) const TOKEN: &str = "canary-1-token-0123456789";

/// A trial that goes by the status alone.
pub(crate) const TRIAL: Trial = Trial { path: "queues/all", query: "per_page=1", elsewhere: "look elsewhere", judge };

fn judge(status: StatusCode, _: &[u8]) -> Result<(), Verdict> {
    match status {
        StatusCode::OK => Ok(()),
        StatusCode::UNAUTHORIZED => Err(Verdict::Refused("the provider does not know the token".to_owned())),
        status if status.is_server_error() => Err(Verdict::Silent(format!("the provider answered {status}"))),
        status => Err(Verdict::Unexpected(format!("that is no provider: {status}"))),
    }
}

/// A provider on loopback.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) url: String,
    pub(crate) asked: Arc<Mutex<Vec<Request<()>>>>,
    answer: Arc<dyn Fn() -> Response + Send + Sync>,
}

impl Provider {
    pub(crate) async fn answering<R: IntoResponse>(answer: impl Fn() -> R + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/rt", listener.local_addr().unwrap());
        let answer = Arc::new(move || answer().into_response());
        let provider = Self { url, asked: Arc::default(), answer };
        let router = provider.router();
        tokio::spawn(async { axum::serve(listener, router).await });
        provider
    }

    pub(crate) fn router(&self) -> Router {
        let remember = async |State(provider): State<Self>, request: Request| {
            provider.asked.lock().unwrap().push(request.map(|_| ()));
            (provider.answer)()
        };
        Router::new().fallback(remember).with_state(self.clone())
    }

    /// The paths and queries of all requests so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|request| request.uri().to_string()).collect()
    }
}

/// A Broker with a vault of its own.
pub(crate) struct Stage {
    pub(crate) folder: tempfile::TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn secrets(&self) -> PathBuf {
        self.folder.path().join("secrets.json")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("run/broker.sock")
    }

    pub(crate) fn vault(&self) -> Vault {
        Vault::new(self.secrets(), Some(passphrase("correct horse"))).with_cost(Cost::new(1, 1, 1).unwrap())
    }

    pub(crate) fn connect(&self, url: &str, ca_certificate: Option<String>) {
        let connection =
            Connection::request_tracker(&url.parse().unwrap(), SecretString::from(TOKEN), ca_certificate).unwrap();
        broker::connect(&self.vault(), &Id::request_tracker(), &connection).unwrap();
    }

    pub(crate) fn options(&self, words: Option<&str>) -> broker::Options {
        broker::Options {
            secrets: self.secrets(),
            socket: self.socket(),
            passphrase: words.map(passphrase),
            trial: TRIAL,
            peer: None,
        }
    }

    /// A running Broker, by its door.
    pub(crate) async fn serve(&self, words: Option<&str>) -> bridge::Broker {
        tokio::spawn(broker::serve(self.options(words), std::future::pending()));
        let door = bridge::Broker::new(self.socket());
        while door.health().await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        door
    }

    /// The answer to exactly this path, which no client library has tidied up.
    pub(crate) async fn raw(&self, method: &str, path: &str) -> (StatusCode, String) {
        self.sent(method, path, "").await
    }

    /// The same with a body.
    pub(crate) async fn sent(&self, method: &str, path: &str, body: &str) -> (StatusCode, String) {
        raw(&self.socket(), method, path, body).await
    }

    /// The answer of a proxy request.
    pub(crate) async fn proxied(&self, path: &str) -> (StatusCode, String) {
        self.raw("GET", &format!("/connections/request-tracker/proxy/{path}")).await
    }
}

async fn raw(socket: &Path, method: &str, path: &str, body: &str) -> (StatusCode, String) {
    let mut stream = UnixStream::connect(socket).await.unwrap();
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: broker\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let request = head + body;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap();
    (status, answer)
}

pub(crate) fn passphrase(words: &str) -> Passphrase {
    Passphrase::new(words.into()).unwrap()
}

/// A body of this many bytes.
pub(crate) fn body(length: usize) -> Bytes {
    Bytes::from(vec![b'x'; length])
}
