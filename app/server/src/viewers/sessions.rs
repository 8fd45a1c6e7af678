//! Viewers' sessions, and the event streams that end with them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex as StdMutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use pairing::link;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    KeyError, SessionKey,
    token::{Claimed, Origin, Seal},
};
use crate::{
    admin::{Credential, Hashed},
    store::{Deed, Link, Purpose, Sight, Store, StoreError, Viewer},
};

/// How long a browser is remembered that was let in by the passcode.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A session is noted as used no more often than this.
const SEEN: SignedDuration = SignedDuration::from_mins(1);

/// The sessions of one installation. The database is the truth; what is kept here is who reads by them.
pub(crate) struct Viewers {
    store: Store,
    key: SessionKey,
    credential: Arc<Credential>,
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
    pub(crate) fn new(store: Store, key: SessionKey, credential: Arc<Credential>) -> Self {
        Self { store, key, credential, readers: Mutex::default(), open: StdMutex::default() }
    }

    /// Begins a session of somebody who knew the passcode of which `passcode` is kept, if that still is the passcode. Gives
    /// the token, a secret.
    pub(crate) async fn begin(
        &self,
        passcode: &Hashed,
        browser: Browser,
        deed: &Deed,
    ) -> Result<Option<Zeroizing<String>>, ViewerError> {
        let key = self.key.get().await?;
        let viewer = viewer(None, browser, deed.at, deed.at + LIFETIME);
        // Who changes the passcode ends all sessions under the same lock, so that none begins afterwards by the old one.
        let _nobody_ends_any = self.readers.lock().await;
        let Some(epoch) = self.credential.epoch_under_passcode(passcode) else { return Ok(None) };
        self.store.add_viewer(&viewer, &epoch, deed).await?;
        let seal = Seal::new(key, &epoch, Origin::Passcode(passcode));
        Ok(Some(seal.token(viewer.id, viewer.expires_at, None)))
    }

    /// Begins a session of somebody who held the key of a link, if the link has a use left. It ends with the link.
    pub(crate) async fn admit(
        &self,
        link: &Link,
        browser: Browser,
        deed: &Deed,
    ) -> Result<Option<Zeroizing<String>>, ViewerError> {
        let id = link.issued.id;
        let key = self.key.get().await?;
        // Before there is a password there is no link either.
        let Some(epoch) = self.credential.epoch() else { return Ok(None) };
        let ends = Timestamp::from_second(link.issued.terms.expires_at).unwrap_or(deed.at);
        let viewer = viewer(Some(id), browser, deed.at, ends);
        let admitted = self.store.admit_viewer(&id, &viewer, &epoch, deed).await?;
        let seal = Seal::new(key, &epoch, Origin::Link(id));
        Ok(admitted.then(|| seal.token(viewer.id, viewer.expires_at, Some(id))))
    }

    /// What a token entitles to now, whom it is sent from there; `None` where it entitles to nothing.
    pub(crate) async fn read_by(
        &self,
        token: &str,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<Option<Right>, ViewerError> {
        // First, because what is forged costs nobody a lock or a question to the database.
        let Some(claimed) = self.verified(token, now).await? else { return Ok(None) };
        let mut readers = self.readers.lock().await;
        readers.retain(|_, readers| readers.expires_at > now);
        let Some(viewer) = self.find(&claimed, now).await? else { return Ok(None) };
        let sight = match viewer.link {
            None => None,
            Some(id) => match self.store.link(&id).await? {
                Some(Link { issued, purpose: Purpose::Browsers(sight), .. })
                    if !issued.revoked && issued.terms.networks.contain(from) =>
                {
                    Some(sight)
                }
                _ => return Ok(None),
            },
        };
        if now.duration_since(viewer.seen_at) >= SEEN {
            self.store.saw_viewer(viewer.id, from, now).await?;
        }
        let readers = readers.entry(viewer.id).or_insert_with(|| Readers {
            ended: CancellationToken::new(),
            link: viewer.link,
            expires_at: viewer.expires_at,
        });
        Ok(Some(Right { expires_at: viewer.expires_at, ended: readers.ended.clone(), sight }))
    }

    /// The session of a token, wherever it is sent from; `None` where it is of none.
    pub(crate) async fn of(&self, token: &str, now: Timestamp) -> Result<Option<Uuid>, ViewerError> {
        Ok(self.verified(token, now).await?.map(|claimed| claimed.id()))
    }

    /// What a token says, if it is one of ours.
    async fn verified(&self, token: &str, now: Timestamp) -> Result<Option<Claimed>, KeyError> {
        let Some(claimed) = Claimed::read(token) else { return Ok(None) };
        let Some(epoch) = self.credential.epoch() else { return Ok(None) };
        let passcode = self.credential.passcode();
        let origin = match (claimed.link(), &passcode) {
            (Some(link), _) => Origin::Link(link),
            (None, Some(passcode)) => Origin::Passcode(passcode),
            (None, None) => return Ok(None),
        };
        let seal = Seal::new(self.key.get().await?, &epoch, origin);
        Ok(seal.verify(&claimed, now).then_some(claimed))
    }

    async fn find(&self, claimed: &Claimed, now: Timestamp) -> Result<Option<Viewer>, StoreError> {
        let Some(epoch) = self.credential.epoch() else { return Ok(None) };
        let viewer = self.store.viewer(claimed.id(), &epoch, now).await?;
        Ok(viewer.filter(|viewer| viewer.link == claimed.link()))
    }

    /// Every session that has not ended, the one that was used last first.
    pub(crate) async fn list(&self, now: Timestamp) -> Result<Vec<Viewer>, StoreError> {
        match self.credential.epoch() {
            Some(epoch) => self.store.viewers(&epoch, now).await,
            None => Ok(Vec::new()),
        }
    }

    /// Word of the moment from which it is no longer enough to come from a near address.
    pub(crate) fn open(&self) -> CancellationToken {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends one session, and every stream that is read by it.
    pub(crate) async fn end(&self, id: Uuid, deed: &Deed) -> Result<(), StoreError> {
        let mut readers = self.readers.lock().await;
        self.store.end_viewer(id, deed).await?;
        if let Some(readers) = readers.remove(&id) {
            readers.ended.cancel();
        }
        Ok(())
    }

    /// Ends every session that came by this link.
    pub(crate) async fn end_all_of(&self, link: link::Id) -> Result<(), StoreError> {
        let mut readers = self.readers.lock().await;
        end_streams(&mut readers, Some(link));
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
    pub(crate) async fn passcode_changed(&self, deed: &Deed) -> Result<(), StoreError> {
        std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner)).cancel();
        let mut readers = self.readers.lock().await;
        end_streams(&mut readers, None);
        self.store.end_viewers_by_passcode(deed).await
    }
}

/// Ends the streams of sessions that came by this link, or by the passcode where there is none. Before the sessions: they end
/// even where the database fails, and the tokens hold nothing by now.
fn end_streams(readers: &mut HashMap<Uuid, Readers>, link: Option<link::Id>) {
    readers.retain(|_, readers| {
        let goes_on = readers.link != link;
        if !goes_on {
            readers.ended.cancel();
        }
        goes_on
    });
}

fn viewer(link: Option<link::Id>, browser: Browser, now: Timestamp, ends: Timestamp) -> Viewer {
    let Browser { address, agent } = browser;
    // Whole seconds, so that what the token says and what the database says are the same.
    let expires_at = Timestamp::from_second(ends.as_second()).unwrap_or(ends);
    Viewer { id: Uuid::new_v4(), link, address, agent, started_at: now, seen_at: now, expires_at }
}
