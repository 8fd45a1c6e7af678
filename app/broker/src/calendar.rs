//! The on-call calendar's feed: fetched for the server, which never learns its address.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use egress::{Client, Destination, Limits};
use http::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokio::sync::Mutex;

use crate::api::{Broker, Refusal};
use crate::endpoint::{Endpoint, answered};
use crate::{Error, Failure, Secret};

/// What is read of a feed. Some servers call text what is a calendar.
const LIMITS: Limits =
    Limits { length: 2 << 20, within: Duration::from_secs(30), media_types: &["text/calendar", "text/plain"] };

/// A feed, and what it held last.
pub(crate) struct Calendar {
    client: Client,
    destination: Destination,
    /// What no answer to the server may hold.
    secret: Option<SecretString>,
    last: Mutex<Option<Last>>,
}

struct Last {
    /// The headers by which the feed's server says that nothing is new.
    conditions: HeaderMap,
    body: Bytes,
}

impl Calendar {
    pub(crate) fn new(endpoint: &Endpoint) -> Result<Self, Error> {
        let (client, destination) = endpoint.client(LIMITS)?;
        Ok(Self { client, destination, secret: endpoint.secret_part()?, last: Mutex::default() })
    }

    /// The feed as it is now. It is read anew only where its server says that it changed.
    pub(crate) async fn read(&self) -> Result<Bytes, Failure> {
        let mut last = self.last.lock().await;
        let mut headers = last.as_ref().map(|last| last.conditions.clone()).unwrap_or_default();
        headers.insert(ACCEPT, HeaderValue::from_static("text/calendar, text/plain;q=0.5"));
        let answer = self.client.get(&self.destination, headers).await?;
        match (&*last, answer.status) {
            (Some(last), StatusCode::NOT_MODIFIED) => Ok(last.body.clone()),
            (_, StatusCode::OK) => {
                let body = self.without_own_address(&answer.body);
                *last = Some(Last { conditions: conditions(&answer.headers), body: body.clone() });
                Ok(body)
            }
            (_, status) => Err(answered(&self.destination, status)),
        }
    }

    /// Feeds often name their own address, and with it the key that it holds. Lines are put together first, because RFC 5545
    /// folds long ones anywhere.
    fn without_own_address(&self, body: &Bytes) -> Bytes {
        let Some(secret) = &self.secret else { return body.clone() };
        let mut text = String::from_utf8_lossy(body).into_owned();
        for fold in ["\r\n ", "\r\n\t", "\n ", "\n\t"] {
            text = text.replace(fold, "");
        }
        Bytes::from(text.replace(secret.expose_secret(), "/"))
    }
}

fn conditions(answered: &HeaderMap) -> HeaderMap {
    let pairs = [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)];
    pairs.into_iter().filter_map(|(told, asked)| Some((asked, answered.get(told)?.clone()))).collect()
}

/// `GET /calendar`
pub(crate) async fn read(State(broker): State<Broker>) -> Result<Response, Refusal> {
    let calendar = broker.store.calendar().await?.ok_or_else(|| Refusal::not_set(Secret::CalendarUrl))?;
    let _turn = broker.turns.acquire().await;
    let body = calendar.read().await.inspect_err(|failure| tracing::warn!("the calendar: {failure}"))?;
    Ok(([(CONTENT_TYPE, "text/calendar")], body).into_response())
}

/// Reads a feed once, as a running Broker would. Nothing is stored.
///
/// # Errors
/// [`Error::Attempt`]: it brought no answer.
pub async fn attempt_calendar(endpoint: &Endpoint) -> Result<Bytes, Error> {
    Ok(Calendar::new(endpoint)?.read().await?)
}
