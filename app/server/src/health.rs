//! Asking a running server how it does, from the machine that it runs on.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::body::{Body, to_bytes};
use http::{Request, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use crate::{
    Config,
    config::{Certificate, FileAnchor, PublicName},
};

/// Whoever asks for an answer within so long has given up by then.
const PATIENCE: Duration = Duration::from_secs(5);
/// A report is shorter.
const LONGEST: usize = 64 * 1024;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether the process lives.
    Lives,
    /// Whether it has everything that it needs, and what not.
    IsReady,
}

/// What a server said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the answer was yes.
    pub well: bool,
    /// Its words.
    pub text: String,
}

/// Why a server said nothing.
#[derive(Debug, thiserror::Error)]
#[error("the server at {address} does not answer: {reason}")]
pub struct Silence {
    address: SocketAddr,
    reason: String,
}

/// Asks the server that was started with this configuration on this machine.
///
/// # Errors
/// It does not answer, or with a certificate that is not its own.
pub async fn ask(config: &Config, question: Question) -> Result<Answer, Silence> {
    let mut address = config.listen;
    if address.ip().is_unspecified() {
        let loopback = if address.is_ipv4() { "127.0.0.1" } else { "::1" };
        address = loopback.parse().map_or(address, |ip| SocketAddr::new(ip, address.port()));
    }
    let silence = |reason: String| Silence { address, reason };
    match timeout(PATIENCE, converse(config, address, question)).await {
        Ok(answer) => answer.map_err(silence),
        Err(_) => Err(silence(format!("nothing came within {} s", PATIENCE.as_secs()))),
    }
}

#[expect(clippy::disallowed_methods, reason = "it asks the server of this very configuration, on this machine")]
async fn converse(config: &Config, address: SocketAddr, question: Question) -> Result<Answer, String> {
    let roots = roots(config)?;
    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let name = name(config);
    let server = ServerName::try_from(name.clone()).map_err(|error| error.to_string())?;
    let stream = TlsConnector::from(Arc::new(tls)).connect(server, tcp).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let path = match question {
        Question::Lives => "/healthz",
        Question::IsReady => "/readyz",
    };
    let request = Request::get(path)
        .header(header::HOST, name)
        .header(header::CONNECTION, "close")
        .body(Body::empty())
        .map_err(|error| error.to_string())?;
    let asked = async {
        let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let well = answer.status().is_success();
        let bytes = to_bytes(Body::new(answer.into_body()), LONGEST).await.map_err(|error| error.to_string())?;
        Ok(Answer { well, text: String::from_utf8_lossy(&bytes).into_owned() })
    };
    // The answer comes while the connection is driven; how that ends says nothing more.
    let (answer, _) = tokio::join!(asked, connection);
    answer
}

/// The name for which the certificate is: our own authority's is for `localhost` too.
fn name(config: &Config) -> String {
    let host = config.names.iter().find_map(PublicName::host);
    match (&config.certificate, host) {
        (Certificate::Files { .. }, Some(host)) => host.to_owned(),
        _ => "localhost".to_owned(),
    }
}

/// What the server's certificate is verified against: its own chain, as it lies on this machine.
fn roots(config: &Config) -> Result<RootCertStore, String> {
    let files: Vec<PathBuf> = match &config.certificate {
        Certificate::PrivateAuthority => vec![config.data.join("pki/authority.pem")],
        Certificate::Files { certificate, anchor: FileAnchor::File(anchor), .. } => {
            vec![certificate.clone(), anchor.clone()]
        }
        Certificate::Files { certificate, .. } => vec![certificate.clone()],
    };
    let mut roots = RootCertStore::empty();
    for file in files {
        let failed = |error: String| format!("cannot read {}: {error}", file.display());
        let certificates = CertificateDer::pem_file_iter(&file).map_err(|error| failed(error.to_string()))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| failed(error.to_string()))?;
            roots.add(certificate).map_err(|error| failed(error.to_string()))?;
        }
    }
    Ok(roots)
}
