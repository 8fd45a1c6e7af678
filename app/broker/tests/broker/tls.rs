use std::sync::Arc;

use axum::serve::Listener;
use bridge::Error;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::stage::{Provider, Stage};

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

/// A provider behind a certificate of its own authority; its address and the authority's certificate.
pub(crate) async fn provider(name: &str) -> (String, String) {
    serve(name, Provider::answering(|| "{}").await.router()).await
}

/// Serves behind a certificate of an authority of its own; its address and the authority's certificate.
pub(crate) async fn serve(name: &str, router: axum::Router) -> (String, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();

    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async { axum::serve(Tls(listener, TlsAcceptor::from(Arc::new(config))), router).await });
    (url, ca)
}

async fn outcome(stage: &Stage) -> Result<(), String> {
    let door = stage.serve(Some("correct horse")).await;
    match door.connection("request-tracker").get("rt", &[]).await {
        Ok(_) => Ok(()),
        Err(Error::Refused { code, message }) => Err(format!("{code}: {message}")),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_it_was_given_and_nowhere_else() {
    let (url, ca) = provider("localhost").await;
    let (_, another) = provider("localhost").await;
    for (given, trusted) in [(Some(ca), true), (Some(another), false), (None, false)] {
        let stage = Stage::new();
        stage.connect(&url, given);
        let outcome = outcome(&stage).await;
        assert_eq!(outcome.is_ok(), trusted, "{outcome:?}");
        assert!(trusted || outcome.unwrap_err().starts_with("certificate: "));
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (url, ca) = provider("other.example").await;
    let stage = Stage::new();
    stage.connect(&url, Some(ca));
    let words = outcome(&stage).await.unwrap_err();
    assert!(words.starts_with("certificate: ") && words.contains("localhost"), "{words}");
}
