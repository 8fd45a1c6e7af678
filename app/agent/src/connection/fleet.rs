//! What a paired device asks its server beside the session, with the session's access token.

use std::sync::Arc;

use bytes::Bytes;
use device::Live;
use device::fleet::{Candidates, Health, Turn};
use futures_util::{Stream, TryStreamExt as _};
use pairing::message::Trust;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{Server, json, read, refused, words};
use crate::clock::Shared;
use crate::core::{Assurance, CallError};

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
