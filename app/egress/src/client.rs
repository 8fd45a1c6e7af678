//! Asks a destination, within limits.

use std::{io, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode, header::CONTENT_TYPE};
use reqwest::dns::Resolve;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;

use crate::{
    destination::Destination,
    policy::{Policy, Refusal},
    resolve::{Judging, System},
};

/// Time for a connection, TLS included.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// What is read at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a body.
    pub length: usize,
    /// From the first byte out to the last byte in.
    pub within: Duration,
    /// Media types without parameters, such as `text/calendar`, in lower case; none stands for all.
    pub media_types: &'static [&'static str],
}

/// Asks destinations by one policy.
#[derive(Clone, Debug)]
pub struct Client {
    policy: Policy,
    limits: Limits,
    encrypted: reqwest::Client,
    in_clear: reqwest::Client,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status. A redirect is an answer like any other.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A certificate is none that signs.
    #[error("a CA certificate cannot be used: {0}")]
    Certificate(rustls::Error),
    /// The TLS library has no protocol, or the system no threads to give.
    #[error("no connections can be made: {0}")]
    Client(String),
}

/// Why there is no answer. Names scheme, host and port, never path, query or header.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was not asked.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nobody answers there: the destination, and what was seen.
    #[error("{0} does not answer: {1}")]
    Unreachable(String, String),
    /// Whoever answers is not trusted: the destination, and why.
    #[error("the certificate of {0} is not trusted: {1}; give the CA certificate of that server")]
    Certificate(String, String),
    /// It took too long.
    #[error("{0} did not answer within {within} s", within = .1.as_secs())]
    Timeout(String, Duration),
    /// It answered more than is read.
    #[error("the answer of {0} is larger than {size}, and no more is read", size = size(*.1))]
    TooLarge(String, usize),
    /// It answered something else than what is read here.
    #[error("the answer of {0} is {1}; here {2} is read")]
    MediaType(String, String, String),
}

impl Client {
    /// A client for one policy. Trusts the public authorities and these further certificates.
    ///
    /// # Errors
    /// A certificate cannot be used.
    pub fn new(policy: Policy, authorities: &[CertificateDer<'_>], limits: Limits) -> Result<Self, Unusable> {
        Self::with_resolver(policy, authorities, limits, Arc::new(System))
    }

    /// The same, for an installation that resolves names in a way of its own. What it finds is judged all the same.
    ///
    /// # Errors
    /// A certificate cannot be used.
    pub fn with_resolver(
        policy: Policy,
        authorities: &[CertificateDer<'_>],
        limits: Limits,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Self, Unusable> {
        let tls = trusting(authorities)?;
        let client = |is_encrypted: bool| {
            let judging = Judging { found_by: resolver.clone(), policy: policy.clone(), is_encrypted };
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                // A proxy would resolve names by itself, and a redirect lead past the judgement.
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .retry(reqwest::retry::never())
                .https_only(is_encrypted)
                .dns_resolver(judging)
                .connect_timeout(CONNECT_WITHIN)
                .timeout(limits.within)
                .user_agent(concat!("Nexus/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| Unusable::Client(error.to_string()))
        };
        Ok(Self { encrypted: client(true)?, in_clear: client(false)?, policy, limits })
    }

    /// Reads.
    ///
    /// # Errors
    /// It is not asked, does not answer, or answers something else.
    pub async fn get(&self, destination: &Destination, headers: HeaderMap) -> Result<Answer, Failure> {
        self.ask(Method::GET, destination, headers, Bytes::new()).await
    }

    /// Sends.
    ///
    /// # Errors
    /// It is not asked, does not answer, or answers something else.
    pub async fn post(&self, destination: &Destination, headers: HeaderMap, body: Bytes) -> Result<Answer, Failure> {
        self.ask(Method::POST, destination, headers, body).await
    }

    async fn ask(
        &self,
        method: Method,
        destination: &Destination,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let url = destination.url();
        // It may have been judged by another policy.
        self.policy.judge(url)?;
        let client = if url.scheme() == "https" { &self.encrypted } else { &self.in_clear };
        let request = client.request(method, url.clone()).headers(headers).body(body);
        let explain = |error| self.explain(destination, error);
        let mut response = request.send().await.map_err(explain)?;
        self.expect_media_type(destination, &response)?;
        let mut read = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(explain)? {
            if read.len() + chunk.len() > self.limits.length {
                return Err(Failure::TooLarge(destination.to_string(), self.limits.length));
            }
            read.extend_from_slice(&chunk);
        }
        Ok(Answer { status: response.status(), headers: response.headers().clone(), body: read.freeze() })
    }

    /// What a successful answer is; errors are often pages of whatever stands in between.
    fn expect_media_type(&self, destination: &Destination, response: &reqwest::Response) -> Result<(), Failure> {
        let expected = self.limits.media_types;
        if expected.is_empty() || !response.status().is_success() || response.status() == StatusCode::NO_CONTENT {
            return Ok(());
        }
        let said = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let said = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if expected.contains(&said.as_str()) {
            return Ok(());
        }
        let said = if said.is_empty() { "of no kind that it says".to_owned() } else { said };
        Err(Failure::MediaType(destination.to_string(), said, expected.join(" or ")))
    }

    fn explain(&self, destination: &Destination, error: reqwest::Error) -> Failure {
        let destination = destination.to_string();
        let is_timeout = error.is_timeout();
        // The URL may hold a secret.
        let error = error.without_url();
        let mut cause: &(dyn std::error::Error + 'static) = &error;
        loop {
            if let Some(refusal) = cause.downcast_ref::<Refusal>() {
                return Failure::Refused(refusal.clone());
            }
            if let Some(rustls::Error::InvalidCertificate(reason)) = cause.downcast_ref() {
                return Failure::Certificate(destination, format!("{reason:?}"));
            }
            // The innermost cause is the one that says what happened: "connection refused".
            let within = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            match within.map(|inner| inner as _).or(cause.source()) {
                Some(inner) => cause = inner,
                None if is_timeout => return Failure::Timeout(destination, self.limits.within),
                None => return Failure::Unreachable(destination, cause.to_string()),
            }
        }
    }
}

/// A limit, in the unit in which it was set.
fn size(bytes: usize) -> String {
    const KIB: usize = 1 << 10;
    const MIB: usize = 1 << 20;
    match bytes {
        MIB.. if bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        KIB.. if bytes.is_multiple_of(KIB) => format!("{} KiB", bytes / KIB),
        _ => format!("{bytes} bytes"),
    }
}

fn trusting(authorities: &[CertificateDer<'_>]) -> Result<ClientConfig, Unusable> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for authority in authorities {
        roots.add(authority.clone().into_owned()).map_err(Unusable::Certificate)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Unusable::Client(error.to_string()))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
