//! A provider behind a connection: the only place that sends a credential.

use std::time::Duration;

use bytes::Bytes;
use egress::{Client, Destination, Limits};
use http::header::{ACCEPT, CONTENT_TYPE, DATE, ETAG, RETRY_AFTER};
use http::{HeaderMap, HeaderName, StatusCode};

use crate::{BaseUrl, Connection, Error};

/// What is passed on of an answer's headers: what a connector may need, and nothing that could carry a
/// credential back.
const PASSED_ON: [HeaderName; 4] = [CONTENT_TYPE, DATE, ETAG, RETRY_AFTER];

/// Largest answer, in bytes. A page of 100 tickets is about 100 kB.
pub(crate) const MAX_LENGTH: usize = 8 << 20;

/// What is read of an answer. A provider's errors are often pages, so its kind is the connector's to judge.
const LIMITS: Limits = Limits { length: MAX_LENGTH, within: Duration::from_secs(30), media_types: &[] };

pub(crate) struct Upstream {
    connection: Connection,
    client: Client,
}

/// What a provider answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The headers that are passed on.
    pub(crate) headers: HeaderMap,
    /// The whole body, which does not hold the credential.
    pub(crate) body: Bytes,
}

/// Why there is no answer. The provider's address is named, a credential never.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The path is refused before anything is sent.
    #[error("the path leaves the connection's address, or servers would differ in how they read it")]
    Path,
    /// It was not asked, or did not answer.
    #[error(transparent)]
    Egress(#[from] egress::Failure),
    /// The credential does not fit a header.
    #[error(transparent)]
    Unsigned(Box<Error>),
    /// It answers, but not with success.
    #[error("{0} answered {1}; check the address (redirects are not followed: enter the one that it leads to)")]
    Status(String, StatusCode),
    /// It answers with the credential, which stays here.
    #[error("the answer of {0} holds the credential itself and was thrown away")]
    Echoed(String),
}

impl Failure {
    /// Whether nobody answered, so that it may well work later.
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::Egress(egress::Failure::Unreachable(..) | egress::Failure::Timeout(..)))
    }
}

impl Upstream {
    pub(crate) fn new(connection: Connection) -> Result<Self, Error> {
        let client = Client::new(connection.base_url().policy(), &connection.extra_roots()?, LIMITS)?;
        Ok(Self { connection, client })
    }

    pub(crate) fn base_url(&self) -> &BaseUrl {
        self.connection.base_url()
    }

    pub(crate) async fn get(&self, path: &str, query: Option<&str>) -> Result<Answer, Failure> {
        let url = self.base_url().request(path, query).ok_or(Failure::Path)?;
        let destination = Destination::new(url, &self.base_url().policy()).map_err(egress::Failure::from)?;
        let mut headers = HeaderMap::from_iter([(ACCEPT, http::HeaderValue::from_static("application/json"))]);
        self.connection.sign(&mut headers).map_err(|error| Failure::Unsigned(Box::new(error)))?;

        let answer = self.client.get(&destination, headers).await?;
        let mut passed_on = HeaderMap::new();
        for name in PASSED_ON {
            if let Some(value) = answer.headers.get(&name) {
                passed_on.insert(name, value.clone());
            }
        }
        let egress::Answer { status, body, .. } = answer;
        if self.connection.is_echoed_in(&body) || passed_on.values().any(|v| self.connection.is_echoed_in(v.as_bytes()))
        {
            return Err(Failure::Echoed(self.base_url().to_string()));
        }
        Ok(Answer { status, headers: passed_on, body })
    }
}
