//! A provider behind a connection: the only place that sends a credential.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE, DATE, ETAG, RETRY_AFTER};
use http::{HeaderMap, HeaderName, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::{ClientConfig, RootCertStore};

use crate::address::is_local;
use crate::{BaseUrl, Connection, Error};

/// What is passed on of an answer's headers: what a connector may need, and nothing that could carry a
/// credential back.
const PASSED_ON: [HeaderName; 4] = [CONTENT_TYPE, DATE, ETAG, RETRY_AFTER];

/// Largest answer, in bytes. A page of 100 tickets is about 100 kB.
pub(crate) const MAX_LENGTH: usize = 8 << 20;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

pub(crate) struct Upstream {
    connection: Connection,
    client: reqwest::Client,
}

/// What a provider answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers that are passed on.
    pub(crate) headers: HeaderMap,
    /// The whole body, which does not hold the credential.
    pub body: Bytes,
}

/// Why there is no answer. The provider's address is named, a credential never.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The path is refused before anything is sent.
    #[error("the path leaves the connection's address, or servers would differ in how they read it")]
    Path,
    /// Nobody answers there: the address, and what was seen.
    #[error("{0} does not answer: {1}")]
    Unreachable(String, String),
    /// Whoever answers is not trusted: the address, and why.
    #[error("the certificate of {0} is not trusted: {1}; connect again with the CA certificate of that server")]
    Certificate(String, String),
    /// It takes too long to answer.
    #[error("{0} did not answer within {within} s", within = ANSWER_WITHIN.as_secs())]
    Timeout(String),
    /// It answers more than is read.
    #[error("the answer of {0} is larger than {max} bytes", max = MAX_LENGTH)]
    TooLarge(String),
    /// It answers with the credential, which stays here.
    #[error("the answer of {0} holds the credential itself and was thrown away")]
    Echoed(String),
}

impl Upstream {
    pub(crate) fn new(connection: Connection) -> Result<Self, Error> {
        let mut client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(&connection)?)
            // The credential goes to the sealed address, by no proxy of the environment and no redirect.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .https_only(connection.base_url().is_https())
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .user_agent(concat!("Nexus/", env!("CARGO_PKG_VERSION")));
        if !connection.base_url().is_https() {
            client = client.dns_resolver(LocalOnly);
        }
        Ok(Self { connection, client: client.build()? })
    }

    pub(crate) fn base_url(&self) -> &BaseUrl {
        self.connection.base_url()
    }

    pub(crate) async fn get(&self, path: &str, query: Option<&str>) -> Result<Answer, Failure> {
        let base = || self.base_url().to_string();
        let url = self.base_url().request(path, query).ok_or(Failure::Path)?;
        let mut headers = HeaderMap::from_iter([(ACCEPT, http::HeaderValue::from_static("application/json"))]);
        self.connection.sign(&mut headers).map_err(|error| Failure::Unreachable(base(), error.to_string()))?;

        let response = self.client.get(url).headers(headers).send().await.map_err(|error| explain(base(), error))?;
        let status = response.status();
        let mut passed_on = HeaderMap::new();
        for name in PASSED_ON {
            if let Some(value) = response.headers().get(&name) {
                passed_on.insert(name, value.clone());
            }
        }
        let body = bounded(response, &base()).await?;
        if self.connection.is_echoed_in(&body) || passed_on.values().any(|v| self.connection.is_echoed_in(v.as_bytes()))
        {
            return Err(Failure::Echoed(base()));
        }
        Ok(Answer { status, headers: passed_on, body })
    }
}

/// Reads `path` (relative to the connection's address) once, with the credential, as a running Broker would. Nothing is
/// stored.
///
/// # Errors
/// The connection cannot be used, or [`Error::Attempt`]: it brought no answer.
pub async fn attempt(connection: &Connection, path: &str, query: Option<&str>) -> Result<Answer, Error> {
    Ok(Upstream::new(connection.clone())?.get(path, query).await?)
}

async fn bounded(mut response: reqwest::Response, base: &str) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| explain(base.to_owned(), error))? {
        if body.len() + chunk.len() > MAX_LENGTH {
            return Err(Failure::TooLarge(base.to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn tls(connection: &Connection) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for root in connection.extra_roots()? {
        roots.add(root)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn explain(base: String, error: reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Timeout(base);
    }
    // The innermost cause is the one that says what happened: "connection refused".
    let error = error.without_url();
    let mut cause: &(dyn std::error::Error + 'static) = &error;
    loop {
        if let Some(rustls::Error::InvalidCertificate(reason)) = cause.downcast_ref() {
            return Failure::Certificate(base, format!("{reason:?}"));
        }
        let within = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match within.map(|inner| inner as _).or(cause.source()) {
            Some(inner) => cause = inner,
            None => return Failure::Unreachable(base, cause.to_string()),
        }
    }
}

/// Resolves names to addresses on the local network only: without TLS the credential must not leave it.
struct LocalOnly;

impl Resolve for LocalOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let local: Vec<SocketAddr> = found.filter(|address| is_local(address.ip())).collect();
            if local.is_empty() {
                return Err(
                    "http:// is used within the local network only, and this host is not on it; use https://".into()
                );
            }
            Ok(Box::new(local.into_iter()) as Addrs)
        })
    }
}
