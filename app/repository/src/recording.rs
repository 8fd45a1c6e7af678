//! Remembers what was read, as it was: a mirror passes it on, and an error names its date.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde::Deserialize;
use tough::{Transport, TransportError, TransportStream, async_trait};
use url::Url;

use crate::{MAX_METADATA, error::Role};

/// A transport that remembers, up to [`MAX_METADATA`] of each file.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    inner: Box<dyn Transport>,
    read: Arc<Mutex<BTreeMap<Url, Vec<u8>>>>,
}

impl Recording {
    pub(crate) fn new(inner: Box<dyn Transport>) -> Self {
        Self { inner, read: Arc::default() }
    }

    /// What was read there.
    pub(crate) fn at(&self, url: &Url) -> Option<Vec<u8>> {
        self.locked().get(url).cloned()
    }

    /// Something that is known without being read there.
    pub(crate) fn know(&self, url: Url, bytes: &[u8]) {
        self.locked().insert(url, bytes.to_vec());
    }

    /// When a part of the metadata says that it ends. Whether it may be believed is for the caller to know.
    pub(crate) fn expires(&self, role: Role) -> Option<Timestamp> {
        let read = self.locked();
        let is_role = |url: &Url| {
            let name = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
            name == role.to_string() || name.split_once('.').is_some_and(|(_, rest)| rest == role.to_string())
        };
        // Versions grow, and each is asked for after the one before it; the last expiry is that of the newest.
        let dates = read.iter().filter(|(url, _)| is_role(url)).filter_map(|(_, bytes)| dated(bytes));
        dates.max_by_key(|signed| signed.version).map(|signed| signed.expires)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, BTreeMap<Url, Vec<u8>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, url: &Url, chunk: &Bytes) {
        let mut read = self.locked();
        let file = read.entry(url.clone()).or_default();
        // Whoever reads stops there, too.
        if (file.len() + chunk.len()) as u64 <= MAX_METADATA {
            file.extend_from_slice(chunk);
        }
    }
}

#[async_trait]
impl Transport for Recording {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let stream = self.inner.fetch(url.clone()).await?;
        self.locked().remove(&url);
        let recording = self.clone();
        Ok(Box::pin(stream.inspect_ok(move |chunk| recording.add(&url, chunk))))
    }
}

#[derive(Deserialize)]
struct Dated {
    version: u64,
    expires: Timestamp,
}

fn dated(bytes: &[u8]) -> Option<Dated> {
    #[derive(Deserialize)]
    struct Metadata {
        signed: Dated,
    }
    serde_json::from_slice::<Metadata>(bytes).ok().map(|metadata| metadata.signed)
}
