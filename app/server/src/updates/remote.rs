//! The vendor's repository at an address, through the one way out.

use std::time::Duration;

use bytes::Bytes;
use egress::{Client, Destination, Failure, Limits, Policy, Refusal, Unusable};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use repository::{MAX_METADATA, Transport, TransportError, TransportErrorKind, TransportStream, async_trait};
use url::Url;

/// A bundle is fetched in pieces of this length: each within the bounds of an answer, and what is here is not fetched again.
pub(super) const PIECE: u64 = 4 * 1024 * 1024;

const WITHIN: Duration = Duration::from_secs(120);

/// The vendor's server.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    policy: Policy,
    metadata: Client,
    bundles: Client,
}

/// Why there is no piece.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoPiece {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Failed(#[from] Failure),
    #[error(
        "the server of the repository answered {0} to a request for a part of {1}; it has to serve parts (HTTP ranges)"
    )]
    Status(StatusCode, String),
}

impl Remote {
    /// The server that an operator named in the configuration: wherever it is, it and no other is asked.
    pub(super) fn new(address: &Url) -> Result<Option<Self>, Unusable> {
        let Some(host) = address.host() else { return Ok(None) };
        let policy = Policy::Lan(host.to_owned());
        let client = |length: u64| {
            let limits = Limits { length: length as usize, within: WITHIN, media_types: &[] };
            Client::new(policy.clone(), &[], limits)
        };
        // A byte more than is read, so that whoever reads sees that it is too long.
        Ok(Some(Self { metadata: client(MAX_METADATA + 1)?, bundles: client(PIECE)?, policy }))
    }

    /// A part of a bundle.
    pub(super) async fn piece(&self, url: &Url, from: u64, length: u64) -> Result<Bytes, NoPiece> {
        let range = format!("bytes={from}-{}", from + length.saturating_sub(1));
        let mut headers = HeaderMap::new();
        if let Ok(range) = HeaderValue::from_str(&range) {
            headers.insert(header::RANGE, range);
        }
        let answer = self.bundles.get(&Destination::new(url.clone(), &self.policy)?, headers).await?;
        if answer.status != StatusCode::PARTIAL_CONTENT || answer.body.len() as u64 != length {
            return Err(NoPiece::Status(answer.status, url.path().to_owned()));
        }
        Ok(answer.body)
    }
}

#[async_trait]
impl Transport for Remote {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let failed = |why: String| TransportError::new_with_cause(TransportErrorKind::Other, &url, why);
        let destination = Destination::new(url.clone(), &self.policy).map_err(|error| failed(error.to_string()))?;
        let answer =
            self.metadata.get(&destination, HeaderMap::new()).await.map_err(|error| failed(error.to_string()))?;
        match answer.status {
            StatusCode::OK => Ok(Box::pin(futures_util::stream::once(std::future::ready(Ok(answer.body))))),
            // Object stores answer 403 for what is not there.
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => {
                Err(TransportError::new(TransportErrorKind::FileNotFound, &url))
            }
            status => Err(failed(format!("it answered {status}"))),
        }
    }
}
