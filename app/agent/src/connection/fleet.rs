//! What a paired device asks its server beside the session, with the session's access token.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use device::Live;
use device::fleet::{Acknowledgement, Candidates, Health, Turn};
use futures_util::{Stream, TryStreamExt as _};
use jiff::Timestamp;
use pairing::message::Trust;
use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use uuid::Uuid;

use super::{Server, json, read, refused, words};
use crate::clock::Shared;
use crate::core::{Assurance, CallError, Now};

/// How long a stream may last at most: an access token does not last longer.
const STREAM: Duration = Duration::from_secs(60 * 60);

/// A session of a paired device: its access token, over connections that verify strictly.
#[derive(Clone, Debug)]
pub struct SignedIn {
    server: Arc<Server>,
    assurance: Assurance,
    token: SecretString,
    clock: Arc<Shared>,
}

impl SignedIn {
    /// The session that the TV is given, too. Its calls are made on connections of their own, so that what one of them
    /// meets is not taken for what the agent's others met. `None` where the address names no host that can be verified.
    #[must_use]
    pub fn new(live: &Live, clock: &Arc<Shared>) -> Option<Self> {
        let trust = match &live.trust {
            device::Trust::Anchor(pem) => Trust::Anchor(pem.clone()),
            device::Trust::WebPki => Trust::WebPki(live.server.host_str()?.parse().ok()?),
        };
        Some(Self {
            server: Arc::new(Server::new(live.server.clone(), live.proxy.clone(), clock.clone())),
            assurance: Assurance::Anchored(trust),
            token: live.access_token.clone().into(),
            clock: clock.clone(),
        })
    }

    /// What the agent believes the time to be.
    #[must_use]
    pub fn clock(&self) -> &Shared {
        &self.clock
    }

    /// This instant, as a session's clock has it; without a session, as the machine's has.
    pub(crate) fn now(session: Option<&Self>) -> Now {
        let (instant, system) = (Instant::now(), Timestamp::now());
        let trusted = session.map_or(system, |session| session.clock().read().time(instant, system));
        Now { instant, system, trusted }
    }

    /// What the server verifies against.
    #[must_use]
    pub const fn assurance(&self) -> &Assurance {
        &self.assurance
    }

    /// An address on the server.
    ///
    /// # Errors
    /// It is none.
    pub fn at(&self, path: &str) -> Result<Url, CallError> {
        self.server.base.join(path).map_err(|error| CallError::Malformed(error.to_string()))
    }

    /// Asks whose turn it is.
    ///
    /// # Errors
    /// Nobody answers, or not as should be, or the connection is not trusted.
    pub async fn turn(&self, candidates: &Candidates) -> Result<Turn, CallError> {
        let url = self.at("/api/v1/update")?;
        json(&read(self.send(Method::POST, url, |request| request.json(candidates)).await?).await?)
    }

    /// Reports how the device is.
    ///
    /// # Errors
    /// Nobody takes it, or the connection is not trusted.
    pub async fn report(&self, health: &Health) -> Result<(), CallError> {
        let url = self.at("/api/v1/health")?;
        self.send(Method::POST, url, |request| request.json(health)).await.map(drop)
    }

    /// Listens to what this screen shall do: a stream of events, as [`device::fleet`] describes it.
    ///
    /// # Errors
    /// Nobody answers, or not as should be, or the connection is not trusted.
    pub async fn commands(&self) -> Result<impl Stream<Item = Result<Bytes, CallError>> + Send + use<>, CallError> {
        let url = self.at("/api/v1/commands")?;
        let ask = |request: RequestBuilder| request.timeout(STREAM).header(header::ACCEPT, "text/event-stream");
        let response = self.send(Method::GET, url, ask).await?;
        Ok(response.bytes_stream().map_err(|error| CallError::Silent(words(&error))))
    }

    /// Tells what became of a command.
    ///
    /// # Errors
    /// Nobody takes it, or the connection is not trusted.
    pub async fn acknowledge(&self, command: Uuid, outcome: &Acknowledgement) -> Result<(), CallError> {
        let url = self.at(&format!("/api/v1/commands/{command}"))?;
        self.send(Method::POST, url, |request| request.json(outcome)).await.map(drop)
    }

    /// Whether both are with one server, verified in the same way.
    #[must_use]
    pub fn is_with_the_server_of(&self, other: &Self) -> bool {
        (&self.server.base, &self.server.proxy, &self.assurance)
            == (&other.server.base, &other.server.proxy, &other.assurance)
    }

    /// Fetches a file of the server's; `None` where there is none.
    ///
    /// # Errors
    /// Nobody answers, or not as should be, or the connection is not trusted.
    pub async fn fetch(
        &self,
        url: Url,
    ) -> Result<Option<impl Stream<Item = Result<Bytes, CallError>> + Send + use<>>, CallError> {
        match self.send(Method::GET, url, |request| request).await {
            Ok(response) => Ok(Some(response.bytes_stream().map_err(|error| CallError::Silent(words(&error))))),
            Err(CallError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: impl FnOnce(RequestBuilder) -> RequestBuilder + Send,
    ) -> Result<Response, CallError> {
        let (client, watcher) = self.server.client(&self.assurance)?;
        watcher.begin(self.server.proxy.is_some());
        let request = body(client.request(method, url).bearer_auth(self.token.expose_secret()));
        let response = request.send().await.map_err(|error| self.server.failed(&error, &watcher))?;
        match response.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(response),
            status => {
                let body = read(response).await?;
                Err(refused(status, &body))
            }
        }
    }
}
