//! A stand-in for Request Tracker behind real TLS: it knows one token, has no tickets unless it is given one, and can be
//! told to fail.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, Ordering},
};

use axum::{Router, extract::Request, serve::Listener};
use http::{StatusCode, header};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

pub const TOKEN: &str = "1-14-canary-token-of-the-test";

pub struct Tracker {
    pub url: String,
    /// The certificate of its authority.
    pub ca: String,
    /// The status of every answer, where that is not how it should be.
    status: Arc<AtomicU16>,
    /// The status of its one ticket, if it has one.
    ticket: Arc<Mutex<Option<&'static str>>>,
}

struct Tls(TcpListener, TlsAcceptor);

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.0.accept().await.unwrap();
            if let Ok(stream) = self.1.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Tracker {
    pub async fn start() -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new([]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let names = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let chain = vec![names.signed_by(&key, &issuer).unwrap().der().clone()];
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}/rt", listener.local_addr().unwrap().port());
        let status = Arc::new(AtomicU16::new(200));
        let ticket = Arc::new(Mutex::new(None));
        let (answers, has) = (status.clone(), ticket.clone());
        let router = Router::new().fallback(async move |request: Request| {
            let ticket = *has.lock().unwrap();
            answer(&request, answers.load(Ordering::SeqCst), ticket)
        });
        tokio::spawn(async { axum::serve(Tls(listener, TlsAcceptor::from(Arc::new(config))), router).await });
        Self { url, ca, status, ticket }
    }

    pub fn answer_with(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// From now on it has a ticket, in a status that no lifecycle has.
    pub fn has_a_ticket(&self, status: &'static str) {
        *self.ticket.lock().unwrap() = Some(status);
    }
}

fn answer(request: &Request, status: u16, ticket: Option<&str>) -> (StatusCode, String) {
    let signed = request.headers().get(header::AUTHORIZATION).is_some_and(|value| *value == format!("token {TOKEN}"));
    match status {
        200 if !request.uri().path().starts_with("/rt/REST/2.0/") => (StatusCode::NOT_FOUND, String::new()),
        200 if !signed => (StatusCode::UNAUTHORIZED, String::new()),
        200 => {
            let items = ticket.filter(|_| lists_tickets(request)).map_or_else(String::new, written);
            (StatusCode::OK, format!(r#"{{"items":[{items}],"page":1,"pages":1,"per_page":100}}"#))
        }
        other => (StatusCode::from_u16(other).unwrap(), String::new()),
    }
}

/// Whether tickets are asked for, and not which class a status has.
fn lists_tickets(request: &Request) -> bool {
    request.uri().path().ends_with("/tickets") && !request.uri().query().unwrap_or_default().contains("Lifecycle")
}

fn written(status: &str) -> String {
    format!(
        r#"{{"id":"7","Subject":"A","Status":"{status}","Queue":{{"id":"1"}},"Created":"2026-03-02T08:40:00Z",
            "LastUpdated":"2026-03-02T08:41:10Z","Owner":{{"id":"Nobody"}},"Requestor":[]}}"#
    )
}
