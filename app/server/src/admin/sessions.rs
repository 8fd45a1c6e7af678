//! Administrators' sessions, and the event streams that end with them.

use std::{collections::HashMap, net::IpAddr};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::store::{AdminSession, Store, StoreError};

/// A session is noted as used no more often than this.
const SEEN: SignedDuration = SignedDuration::from_mins(1);

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

    pub(super) async fn start(&self, session: &AdminSession) -> Result<(), StoreError> {
        self.store.start_session(session).await
    }

    /// Whether there is such a session now, which is used from an address.
    pub(super) async fn is_open(&self, hash: &str, from: IpAddr, now: Timestamp) -> Result<bool, StoreError> {
        let Some(session) = self.store.session(hash, now).await? else { return Ok(false) };
        if now.duration_since(session.seen_at) >= SEEN {
            self.store.saw_session(hash, &from.to_string(), now).await?;
        }
        Ok(true)
    }

    /// Every session that has not ended.
    pub(super) async fn list(&self, now: Timestamp) -> Result<Vec<AdminSession>, StoreError> {
        self.store.sessions(now).await
    }

    /// When the session ends by itself, and word of an earlier end; `None` where there is none.
    pub(crate) async fn read_by(
        &self,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<(Timestamp, CancellationToken)>, StoreError> {
        let mut readers = self.readers.lock().await;
        readers.retain(|_, readers| readers.expires_at > now);
        let Some(AdminSession { expires_at, .. }) = self.store.session(hash, now).await? else { return Ok(None) };
        let readers =
            readers.entry(hash.to_owned()).or_insert_with(|| Readers { ended: CancellationToken::new(), expires_at });
        Ok(Some((expires_at, readers.ended.clone())))
    }

    /// Ends every session but one, and every stream that is read by them.
    pub(super) async fn end_others(&self, hash: &str) -> Result<(), StoreError> {
        let mut readers = self.readers.lock().await;
        self.store.end_other_sessions(hash).await?;
        readers.retain(|other, readers| {
            let goes_on = other == hash;
            if !goes_on {
                readers.ended.cancel();
            }
            goes_on
        });
        Ok(())
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
