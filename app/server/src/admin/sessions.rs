//! Administrators' sessions, and the event streams that end with them.

use std::collections::HashMap;

use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::store::{Store, StoreError};

/// The sessions of one installation. The database is the truth; what is kept here is who reads by them.
pub(crate) struct Sessions {
    store: Store,
    /// By the hash of the session's token. The lock is held while the database is asked, so that nobody begins to read
    /// by a session that is just being ended.
    readers: Mutex<HashMap<String, Readers>>,
}

struct Readers {
    ended: CancellationToken,
    expires_at: Timestamp,
}

impl Sessions {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, readers: Mutex::default() }
    }

    pub(super) async fn start(&self, hash: &str, now: Timestamp, expires_at: Timestamp) -> Result<(), StoreError> {
        self.store.start_session(hash, now, expires_at).await
    }

    /// Whether there is such a session now.
    pub(super) async fn is_open(&self, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.store.session(hash, now).await?.is_some())
    }

    /// When the session ends by itself, and word of an earlier end; `None` where there is none.
    pub(crate) async fn read_by(
        &self,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<(Timestamp, CancellationToken)>, StoreError> {
        let mut readers = self.readers.lock().await;
        readers.retain(|_, readers| readers.expires_at > now);
        let Some(expires_at) = self.store.session(hash, now).await? else { return Ok(None) };
        let readers =
            readers.entry(hash.to_owned()).or_insert_with(|| Readers { ended: CancellationToken::new(), expires_at });
        Ok(Some((expires_at, readers.ended.clone())))
    }

    /// Ends a session, and every stream that is read by it.
    pub(super) async fn end(&self, hash: &str) -> Result<(), StoreError> {
        let mut readers = self.readers.lock().await;
        self.store.end_session(hash).await?;
        if let Some(readers) = readers.remove(hash) {
            readers.ended.cancel();
        }
        Ok(())
    }
}
