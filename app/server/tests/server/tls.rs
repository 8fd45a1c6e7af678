//! The certificate: made once, renewed by itself.

use std::{fs, sync::Arc};

use board::wire::Event;
use jiff::SignedDuration;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use server::tls::Anchor;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use crate::{
    stage::{MovedClock, Setup, Stage, mode},
    streams::Events,
};

fn pem(stage: &Stage) -> String {
    let Anchor::Certificates(pem) = stage.server.anchor() else { panic!("a private authority") };
    pem.clone()
}

#[tokio::test]
async fn the_private_authority_is_made_once() {
    let stage = Stage::start().await;
    let first = pem(&stage);
    assert_eq!(fs::read_to_string(stage.data("pki/authority.pem")).unwrap(), first);
    for (name, expected) in
        [("pki", 0o700), ("pki/authority.key", 0o600), ("nexus.db", 0o600), ("settings.json", 0o600)]
    {
        assert_eq!(mode(&stage.data(name)), expected, "{name}");
    }
    let setup = Setup { folder: stage.folder.clone(), ..Setup::new() };
    stage.server.stop().await;
    let stage = setup.start().await;
    assert_eq!(pem(&stage), first);
    assert_eq!(stage.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn a_lost_certificate_is_made_again_from_its_key_and_old_screens_accept_it() {
    let stage = Stage::start().await;
    let (first, folder) = (pem(&stage), stage.folder.clone());
    fs::remove_file(stage.data("pki/authority.pem")).unwrap();
    stage.server.stop().await;
    let stage = Setup { folder, ..Setup::new() }.start().await;
    let old = reqwest::Certificate::from_pem(first.as_bytes()).unwrap();
    let screen = reqwest::Client::builder().tls_certs_only([old]).build().unwrap();
    assert_eq!(screen.get(stage.url("/healthz")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_damaged_authority_stops_the_start_and_is_left_alone() {
    let stage = Stage::start().await;
    let folder = stage.folder.clone();
    stage.server.stop().await;
    let key = folder.path().join("data/pki/authority.key");
    let saved = fs::read_to_string(&key).unwrap();
    for damage in [Some("nonsense"), None] {
        match damage {
            Some(text) => fs::write(&key, text).unwrap(),
            None => fs::remove_file(&key).unwrap(),
        }
        let error = Setup { folder: folder.clone(), ..Setup::new() }.fails_to_start().await;
        assert!(error.contains("authority.key") && error.contains("back from a backup"), "{error}");
        assert_eq!(fs::read_to_string(&key).ok().as_deref(), damage);
    }
    fs::write(&key, saved).unwrap();
    Setup { folder, ..Setup::new() }.start().await;
}

#[tokio::test]
async fn the_certificate_is_renewed_before_it_ends_and_streams_go_on() {
    // It lasts 90 days and is renewed after 60. The client goes by the real time, and accepts both.
    let clock = Arc::new(MovedClock::default());
    clock.advance(SignedDuration::from_hours(-24 * 70));
    let stage = Setup { clock, ..Setup::new() }.start().await;
    let mut events = Events::new(stage.get("/api/v1/boards/overview/events").await);
    events.event().await;
    let before = leaf(&stage).await;
    assert!(!stage.server.renew_certificate().unwrap(), "not due");
    assert_eq!(leaf(&stage).await, before);

    stage.clock.advance(SignedDuration::from_hours(24 * 61));
    assert!(stage.server.renew_certificate().unwrap());
    assert_ne!(leaf(&stage).await, before);
    stage.desk.set_open(8);
    assert!(matches!(events.event().await.1, Event::Panel(_) | Event::Board(_)));
}

#[tokio::test]
async fn an_operators_certificate_is_served_and_taken_anew_when_its_file_changes() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let write = |name: &str| {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(folder.path().join("certificate.pem"), made.cert.pem()).unwrap();
        fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        fs::write(folder.path().join(name), made.cert.pem()).unwrap();
        made.cert.pem()
    };
    let first = write("anchor.pem");
    let leak = |name: &str| -> &'static str { folder.path().join(name).to_str().unwrap().to_owned().leak() };
    let stage = Setup { folder: folder.clone(), ..Setup::new() }
        .with("NEXUS_CERTIFICATE", leak("certificate.pem"))
        .with("NEXUS_KEY", leak("key.pem"))
        .with("NEXUS_ANCHOR", leak("anchor.pem"))
        .start()
        .await;
    assert_eq!(pem(&stage), first);
    let reaches = async |pem: &str| {
        let anchor = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        let client = reqwest::Client::builder().tls_certs_only([anchor]).build().unwrap();
        client.get(stage.url("/healthz")).send().await.is_ok()
    };
    assert!(reaches(&first).await);
    let second = write("other.pem");
    assert!(stage.server.renew_certificate().unwrap());
    assert!(reaches(&second).await && !reaches(&first).await);

    fs::write(folder.path().join("key.pem"), "nonsense").unwrap();
    let error = stage.server.renew_certificate().unwrap_err().to_string();
    assert!(error.contains("key.pem") && error.contains("tls.key"), "{error}");
    assert!(reaches(&second).await, "the old one stays in use");
}

/// The certificate that a new connection is offered.
async fn leaf(stage: &Stage) -> Vec<u8> {
    connect(stage, &[]).await.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

/// A new connection of a client that offers these protocols (ALPN).
pub async fn connect(stage: &Stage, protocols: &[&[u8]]) -> TlsStream<TcpStream> {
    let tcp = TcpStream::connect(stage.server.address()).await.unwrap();
    agree(stage, tcp, protocols).await
}

/// HTTP/1.1 over TLS over whatever this is.
pub async fn over<S: AsyncRead + AsyncWrite + Unpin>(stage: &Stage, connection: S) -> TlsStream<S> {
    agree(stage, connection, &[b"http/1.1"]).await
}

async fn agree<S: AsyncRead + AsyncWrite + Unpin>(stage: &Stage, connection: S, protocols: &[&[u8]]) -> TlsStream<S> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem(stage).as_bytes()).unwrap()).unwrap();
    let mut config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect("localhost".try_into().unwrap(), connection).await.unwrap()
}
