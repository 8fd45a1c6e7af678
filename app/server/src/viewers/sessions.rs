//! Viewers' sessions, and the event streams that end with them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex as StdMutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use pairing::link::{self, KeyHash};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    KeyError, SessionKey,
    token::{Claimed, Seal},
};
use crate::{
    admin::{Credential, Hashed},
    store::{Link, Purpose, Sight, Store, StoreError, Viewer},
};

/// How long a browser is remembered that was let in by the passcode.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A session is noted as used no more often than this.
const SEEN: SignedDuration = SignedDuration::from_mins(1);

/// The sessions of one installation. The database is the truth; what is kept here is who reads by them.
pub(crate) struct Viewers {
    store: Store,
    key: SessionKey,
    /// The lock is held while the database is asked, so that nobody begins to read by a session that is just being ended.
    readers: Mutex<HashMap<Uuid, Readers>>,
    /// Cancelled when those who read without any session have to show that they may.
    open: StdMutex<CancellationToken>,
}

struct Readers {
    ended: CancellationToken,
    link: Option<link::Id>,
    expires_at: Timestamp,
}

/// The right to look at boards by a session.
pub(crate) struct Right {
    pub(crate) session: Uuid,
    pub(crate) expires_at: Timestamp,
    /// Cancelled when the session is ended.
    pub(crate) ended: CancellationToken,
    /// What may be seen; everything where there is none.
    pub(crate) sight: Option<Sight>,
}

/// Why a session can be neither begun nor looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ViewerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Whose browser it is.
pub(crate) struct Browser {
    pub(crate) address: IpAddr,
    /// What it calls itself.
    pub(crate) agent: String,
}

impl Viewers {
    pub(crate) fn new(store: Store, key: SessionKey) -> Self {
        Self { store, key, readers: Mutex::default(), open: StdMutex::default() }
    }

    /// Begins a session of somebody who knew the passcode of which `passcode` is kept. Gives the token, a secret.
    pub(crate) async fn begin(
        &self,
        passcode: &Hashed,
        browser: Browser,
        now: Timestamp,
    ) -> Result<Zeroizing<String>, ViewerError> {
        let seal = by_passcode(self.key.get().await?, passcode);
        let viewer = viewer(None, browser, now, now + LIFETIME);
        self.store.add_viewer(&viewer).await?;
        Ok(seal.token(viewer.id, viewer.expires_at))
    }

    /// Begins a session of somebody who held the key of a link, if the link has a use left. It ends with the link.
    pub(crate) async fn admit(
        &self,
        link: &Link,
        browser: Browser,
        now: Timestamp,
    ) -> Result<Option<Zeroizing<String>>, ViewerError> {
        let id = link.issued.id;
        let seal = by_link(self.key.get().await?, &link.issued.key_hash);
        let ends = Timestamp::from_second(link.issued.terms.expires_at).unwrap_or(now);
        let viewer = viewer(Some(id), browser, now, ends);
        let admitted = self.store.admit_viewer(&id, &viewer).await?;
        Ok(admitted.then(|| seal.token(viewer.id, viewer.expires_at)))
    }

    /// What a token entitles to now; `None` where it entitles to nothing.
    pub(crate) async fn read_by(
        &self,
        token: &str,
        credential: &Credential,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<Option<Right>, ViewerError> {
        let Some(claimed) = Claimed::read(token) else { return Ok(None) };
        let mut readers = self.readers.lock().await;
        readers.retain(|_, readers| readers.expires_at > now);
        let Some(viewer) = self.store.viewer(claimed.id(), now).await? else { return Ok(None) };
        let (seal, sight) = match viewer.link {
            None => match credential.passcode() {
                Some(passcode) => (by_passcode(self.key.get().await?, &passcode), None),
                None => return Ok(None),
            },
            Some(id) => match self.store.link(&id).await? {
                Some(Link { issued, purpose: Purpose::Browsers(sight), .. }) if !issued.revoked => {
                    (by_link(self.key.get().await?, &issued.key_hash), Some(sight))
                }
                _ => return Ok(None),
            },
        };
        if !seal.verify(&claimed, now) {
            return Ok(None);
        }
        if now.duration_since(viewer.seen_at) >= SEEN {
            self.store.saw_viewer(viewer.id, from, now).await?;
        }
        let readers = readers.entry(viewer.id).or_insert_with(|| Readers {
            ended: CancellationToken::new(),
            link: viewer.link,
            expires_at: viewer.expires_at,
        });
        let (session, expires_at, ended) = (viewer.id, viewer.expires_at, readers.ended.clone());
        Ok(Some(Right { session, expires_at, ended, sight }))
    }

    /// Word of the moment from which it is no longer enough to come from a near address.
    pub(crate) fn open(&self) -> CancellationToken {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends one session, and every stream that is read by it.
    pub(crate) async fn end(&self, id: Uuid) -> Result<(), StoreError> {
        let mut readers = self.readers.lock().await;
        self.store.end_viewer(id).await?;
        if let Some(readers) = readers.remove(&id) {
            readers.ended.cancel();
        }
        Ok(())
    }

    /// Ends every session that came by this link, or by the passcode where there is none.
    pub(crate) async fn end_all_of(&self, link: Option<link::Id>) -> Result<(), StoreError> {
        let mut readers = self.readers.lock().await;
        // The streams first: they end even where the database fails, and the tokens hold nothing by now.
        readers.retain(|_, readers| {
            let goes_on = readers.link != link;
            if !goes_on {
                readers.ended.cancel();
            }
            goes_on
        });
        self.store.end_viewers_of(link).await
    }

    /// Ends every session, whatever it came by, and every stream that is read by one.
    pub(crate) async fn end_everybody(&self) -> Result<(), StoreError> {
        let mut readers = self.readers.lock().await;
        self.store.end_all_viewers().await?;
        for (_, readers) in readers.drain() {
            readers.ended.cancel();
        }
        Ok(())
    }

    /// To be called after the passcode became another, or was removed: ends every session that came by it, and every
    /// stream that was open to anybody.
    pub(crate) async fn passcode_changed(&self) -> Result<(), StoreError> {
        std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner)).cancel();
        self.end_all_of(None).await
    }
}

fn viewer(link: Option<link::Id>, browser: Browser, now: Timestamp, ends: Timestamp) -> Viewer {
    let Browser { address, agent } = browser;
    // Whole seconds, so that what the token says and what the database says are the same.
    let expires_at = Timestamp::from_second(ends.as_second()).unwrap_or(ends);
    Viewer { id: Uuid::new_v4(), link, address, agent, started_at: now, seen_at: now, expires_at }
}

fn by_passcode(key: &[u8; 32], passcode: &Hashed) -> Seal {
    Seal::new(key, "passcode", passcode.material())
}

fn by_link(key: &[u8; 32], hash: &KeyHash) -> Seal {
    Seal::new(key, "link", hash.as_bytes())
}
