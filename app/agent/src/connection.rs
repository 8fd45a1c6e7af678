//! Calls to the server: HTTP over TLS, with the assurance that the rules ask for.
//!
//! Before pairing a connection may be to anybody, but what it presented is kept, and its holder must prove the key
//! in the handshake; so the rules can check that very connection against the anchor that pairing brings. After that
//! every connection is verified strictly.

mod fleet;
mod names;
mod verifier;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use pairing::link::Anchor;
use pairing::message::{MAX_ANSWER, Trust};
use pairing::session::{Fresh, Token};
use reqwest::{Client, Method, Proxy, RequestBuilder, Response, StatusCode, header, tls::TlsInfo};
use rustls::ClientConfig;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::clock::Shared;
use crate::core::{Assurance, Body, Call, CallError, Reply};
use crate::trust::Untrusted;
pub use fleet::SignedIn;
use names::UnknownName;
use verifier::{Watcher, Watching};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a whole call may take.
const CALL: Duration = Duration::from_secs(10);

/// Calls one server.
pub struct Server {
    base: Url,
    proxy: Option<Url>,
    clock: Arc<Shared>,
    /// One client per assurance; the newest is used again, so that connections are.
    client: Mutex<Option<(Assurance, Client, Arc<Watcher>)>>,
}

impl Server {
    /// No connection yet. With a proxy, every connection goes through it, and is verified end to end all the same.
    #[must_use]
    pub const fn new(base: Url, proxy: Option<Url>, clock: Arc<Shared>) -> Self {
        Self { base, proxy, clock, client: Mutex::new(None) }
    }

    /// Makes a call.
    ///
    /// # Errors
    /// Nobody answers, or not as should be, or the connection is not trusted.
    pub async fn call(&self, call: &Call) -> Result<Reply, CallError> {
        let assurance = call.assurance();
        let (client, watcher) = self.client(assurance)?;
        watcher.begin(self.proxy.is_some());
        let request = request(&client, &self.base, call)?;
        let response = request.send().await.map_err(|error| self.failed(&error, &watcher))?;
        let presented = response
            .extensions()
            .get::<TlsInfo>()
            .and_then(TlsInfo::peer_certificate)
            .and_then(|leaf| watcher.presented(leaf))
            // Through a proxy, reqwest tells no certificate.
            .or_else(|| self.proxy.as_ref().and_then(|_| watcher.presented_by_all()))
            .ok_or_else(|| CallError::Malformed("the connection shows no certificate".to_owned()))?;
        let date = response.headers().get(header::DATE).and_then(|date| http_date(date.to_str().ok()?));
        let status = response.status();
        let body = read(response).await?;
        if !status.is_success() {
            return Err(refused(status, &body));
        }
        let body = match call {
            Call::Create(..) => Body::Created(json(&body)?),
            Call::Poll(..) | Call::Verdict(..) => Body::Outcome(json(&body)?),
            Call::Nonce(_) => Body::Nonce(json::<Fresh>(&body)?.nonce),
            Call::Token(..) => Body::Token(Box::new(json::<Token>(&body)?)),
            Call::Rotate(..) => Body::Rotated(json(&body)?),
            Call::Time(_) => Body::Time,
            Call::Anchor(_) => Body::Anchor(json::<Anchor>(&body)?.certificates),
            Call::Exchange(..) => Body::Joined(Box::new(json(&body)?)),
        };
        Ok(Reply { body, presented, date })
    }

    /// Why nothing came of a call.
    fn failed(&self, error: &reqwest::Error, watcher: &Watcher) -> CallError {
        match watcher.refusal() {
            Some(untrusted) => CallError::Untrusted(untrusted),
            None if UnknownName::is_why(error, self.base.host_str()) => CallError::UnknownName(words(error)),
            None => CallError::Silent(words(error)),
        }
    }

    fn client(&self, assurance: &Assurance) -> Result<(Client, Arc<Watcher>), CallError> {
        let mut newest = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, client, watcher)) = &*newest
            && of == assurance
        {
            return Ok((client.clone(), watcher.clone()));
        }
        let watcher = Arc::new(Watcher::default());
        let verifier = Watching::new(assurance, watcher.clone(), self.clock.clone()).map_err(CallError::Untrusted)?;
        let provider = verifier.provider();
        let mut tls = ClientConfig::builder_with_details(provider, self.clock.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| CallError::Untrusted(Untrusted::from_rustls(&error)))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        // A resumed session shows no certificate, and these few calls gain nothing from resuming.
        tls.resumption = rustls::client::Resumption::disabled();
        let mut builder = Client::builder();
        builder = match &self.proxy {
            // Each call has a connection of its own there, so that it is known what that one presented.
            Some(proxy) => builder
                .proxy(Proxy::all(proxy.clone()).map_err(|error| CallError::Silent(words(&error)))?)
                .pool_max_idle_per_host(0),
            // The environment names none: the set-up file does, or nobody.
            None => builder.no_proxy(),
        };
        let client = builder
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(names::System))
            .tls_info(true)
            .https_only(true)
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .user_agent(concat!("nexus-agent/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| CallError::Silent(words(&error)))?;
        *newest = Some((assurance.clone(), client.clone(), watcher.clone()));
        Ok((client, watcher))
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

fn request(client: &Client, base: &Url, call: &Call) -> Result<RequestBuilder, CallError> {
    let at = |path: &str| base.join(path).map_err(|error| CallError::Malformed(error.to_string()));
    Ok(match call {
        Call::Create(create, _) => client.request(Method::POST, at("/api/v1/pairings")?).json(create),
        Call::Poll(pairing, _) => client.request(Method::GET, at(&format!("/api/v1/pairings/{}", pairing.expose()))?),
        Call::Verdict(pairing, verdict, _) => client
            .request(Method::POST, at(&format!("/api/v1/pairings/{}/confirmation", pairing.expose()))?)
            .json(verdict),
        Call::Nonce(_) => client.request(Method::POST, at("/api/v1/nonces")?),
        Call::Token(request, _) => client.request(Method::POST, at("/api/v1/token")?).form(request),
        Call::Rotate(rotation, _) => client.request(Method::POST, at("/api/v1/keys")?).json(rotation),
        Call::Time(_) => client.request(Method::GET, at("/healthz")?),
        Call::Anchor(_) => client.request(Method::GET, at("/api/v1/anchor")?),
        Call::Exchange(id, exchange, _) => {
            client.request(Method::POST, at(&format!("/api/v1/links/{id}"))?).json(exchange)
        }
    })
}

async fn read(mut response: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| CallError::Silent(words(&error)))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(CallError::Malformed(format!("it is longer than {MAX_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, CallError> {
    serde_json::from_slice(body).map_err(|error| CallError::Malformed(error.to_string()))
}

fn refused(status: StatusCode, body: &[u8]) -> CallError {
    #[derive(Default, Deserialize)]
    struct Refusal {
        code: String,
    }
    let Refusal { code } = serde_json::from_slice(body).unwrap_or_default();
    CallError::Refused { status: status.as_u16(), code }
}

/// `Date` of RFC 9110 §5.6.7, in the one form that servers send.
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// The innermost cause, without the address that wraps it.
fn words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it does not answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// The assurance of a stick that knows nothing but what `nexus.toml` says. Validity dates do not count yet: until it is
/// paired nobody may tell it the time.
#[must_use]
pub fn before_pairing(ca: Option<&str>) -> Assurance {
    ca.map_or(Assurance::None, |pem| Assurance::AnchoredAtSomeTime(Trust::Anchor(pem.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        assert_eq!(
            http_date("Sun, 22 Nov 2026 00:19:30 GMT").map(|date| date.to_string()).as_deref(),
            Some("2026-11-22T00:19:30Z")
        );
        assert_eq!(http_date("yesterday"), None);
    }

    #[test]
    fn the_code_of_a_refusal_is_kept_and_a_foreign_body_has_none() {
        let body = br#"{"code": "unknown_device", "message": "removed"}"#;
        assert_eq!(
            refused(StatusCode::UNAUTHORIZED, body),
            CallError::Refused { status: 401, code: "unknown_device".into() }
        );
        assert_eq!(
            refused(StatusCode::BAD_GATEWAY, b"<html>"),
            CallError::Refused { status: 502, code: String::new() }
        );
    }
}
