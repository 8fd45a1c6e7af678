//! Administrators' sessions, and the event streams that end with them.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{Credential, Hashed};
use crate::store::{AdminSession, Deed, Store, StoreError};

/// A session is noted as used no more often than this.
const SEEN: SignedDuration = SignedDuration::from_mins(1);

/// The sessions of one installation. The database is the truth; what is kept here is who reads by them.
pub(crate) struct Sessions {
    store: Store,
    credential: Arc<Credential>,
    /// By the hash of the session's token. The lock is held while the database is asked, so that nobody begins to read
    /// by a session that is just being ended.
    readers: Mutex<HashMap<String, Readers>>,
}

struct Readers {
    ended: CancellationToken,
    expires_at: Timestamp,
}

impl Sessions {
    pub(crate) fn new(store: Store, credential: Arc<Credential>) -> Self {
        Self { store, credential, readers: Mutex::default() }
    }

    /// Begins a session of somebody who knew the password of which `password` is kept. Says whether that still is the
    /// password: who changes it ends all sessions under the same lock, so that none begins afterwards by the old one.
    pub(super) async fn start(
        &self,
        session: &AdminSession,
        password: &Hashed,
        deed: &Deed,
    ) -> Result<bool, StoreError> {
        let _nobody_ends_any = self.readers.lock().await;
        let Some(epoch) = self.credential.epoch_under(password) else { return Ok(false) };
        self.store.start_session(session, &epoch, deed).await?;
        Ok(true)
    }

    /// Whether there is such a session now, which is used from an address.
    pub(super) async fn is_open(&self, hash: &str, from: IpAddr, now: Timestamp) -> Result<bool, StoreError> {
        let Some(session) = self.find(hash, now).await? else { return Ok(false) };
        if now.duration_since(session.seen_at) >= SEEN {
            self.store.saw_session(hash, &from.to_string(), now).await?;
        }
        Ok(true)
    }

    /// Every session that has not ended.
    pub(super) async fn list(&self, now: Timestamp) -> Result<Vec<AdminSession>, StoreError> {
        match self.credential.epoch() {
            Some(epoch) => self.store.sessions(&epoch, now).await,
            None => Ok(Vec::new()),
        }
    }

    async fn find(&self, hash: &str, now: Timestamp) -> Result<Option<AdminSession>, StoreError> {
        match self.credential.epoch() {
            Some(epoch) => self.store.session(hash, &epoch, now).await,
            None => Ok(None),
        }
    }

    /// When the session ends by itself, and word of an earlier end; `None` where there is none.
    pub(crate) async fn read_by(
        &self,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<(Timestamp, CancellationToken)>, StoreError> {
        let mut readers = self.readers.lock().await;
        readers.retain(|_, readers| readers.expires_at > now);
        let Some(AdminSession { expires_at, .. }) = self.find(hash, now).await? else { return Ok(None) };
        let readers =
            readers.entry(hash.to_owned()).or_insert_with(|| Readers { ended: CancellationToken::new(), expires_at });
        Ok(Some((expires_at, readers.ended.clone())))
    }

    /// Ends every session but one, and every stream that is read by them.
    pub(super) async fn end_others(&self, hash: &str, deed: &Deed) -> Result<(), StoreError> {
        let mut readers = self.readers.lock().await;
        self.store.end_other_sessions(hash, deed).await?;
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
    pub(super) async fn end(&self, hash: &str, deed: &Deed) -> Result<(), StoreError> {
        let mut readers = self.readers.lock().await;
        self.store.end_session(hash, deed).await?;
        if let Some(readers) = readers.remove(hash) {
            readers.ended.cancel();
        }
        Ok(())
    }
}
