//! The registered screens of this run, and who of them is connected.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use jiff::Timestamp;
use pairing::{
    link,
    rotation::{Refusal, server::Keys},
};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    group::Group,
    store::{Deed, Outgoing, Screen, Store, StoreError},
};

/// Every registered screen. The database is the truth; this is what requests look at.
pub(crate) struct Screens {
    store: Store,
    entries: RwLock<HashMap<Uuid, Arc<Entry>>>,
    /// One change of keys is judged after the other is stored.
    judging: Mutex<()>,
}

/// One registered screen.
pub(crate) struct Entry {
    pub(crate) screen: Screen,
    /// Cancelled when the screen is removed or suspended, or shows another board: its open streams end.
    pub(crate) ended: CancellationToken,
    streams: Arc<AtomicUsize>,
}

/// A stream of a screen, counted for as long as it lives.
pub(crate) struct Attendance(Arc<AtomicUsize>);

impl Screens {
    pub(crate) async fn load(store: Store) -> Result<Self, StoreError> {
        let entries = store.screens().await?.into_iter().map(|screen| (screen.id, Entry::new(screen))).collect();
        Ok(Self { store, entries: RwLock::new(entries), judging: Mutex::default() })
    }

    /// All screens by name.
    pub(crate) fn list(&self) -> Vec<Arc<Entry>> {
        let mut list = self.entries().values().cloned().collect::<Vec<_>>();
        list.sort_by(|a, b| (&a.screen.name, a.screen.id).cmp(&(&b.screen.name, b.screen.id)));
        list
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<Arc<Entry>> {
        self.entries().get(&id).cloned()
    }

    /// The groups that screens are in, by name.
    pub(crate) fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<_> = self.entries().values().filter_map(|entry| entry.screen.group.clone()).collect();
        groups.sort_by_key(|group| group.to_string().to_lowercase());
        groups.dedup();
        groups
    }

    /// The screen that a device fills.
    pub(crate) fn of_device(&self, device: Uuid) -> Option<Arc<Entry>> {
        self.entries().values().find(|entry| entry.screen.device == device).cloned()
    }

    /// Adds a screen; says whether it was not there before.
    pub(crate) async fn add(&self, screen: Screen, deed: &Deed) -> Result<bool, StoreError> {
        let added = self.store.add_screen(&screen, deed).await?;
        if added {
            self.write().insert(screen.id, Entry::new(screen));
        }
        Ok(added)
    }

    /// Adds a screen that joined by an access link, if that link has a use left; says whether it had.
    pub(crate) async fn join(&self, link: &link::Id, screen: Screen, deed: &Deed) -> Result<bool, StoreError> {
        let joined = self.store.join(link, &screen, deed).await?;
        if joined {
            self.write().insert(screen.id, Entry::new(screen));
        }
        Ok(joined)
    }

    /// The screens that joined by an access link, by name.
    pub(crate) fn of_link(&self, link: link::Id) -> Vec<Arc<Entry>> {
        let mut list = self.list();
        list.retain(|entry| entry.screen.link == Some(link));
        list
    }

    /// Gives a screen another name, board and group. On another board, its access tokens end.
    pub(crate) async fn change(
        &self,
        id: Uuid,
        name: String,
        board: String,
        group: Option<Group>,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.store.change_screen(id, &name, &board, group.as_ref(), deed).await?;
        let mut entries = self.write();
        if let Some(entry) = entries.get(&id) {
            let moved = entry.screen.board != board;
            if moved {
                entry.ended.cancel();
            }
            let changed = Entry {
                screen: Screen { name, board, group, ..entry.screen.clone() },
                ended: if moved { CancellationToken::new() } else { entry.ended.clone() },
                streams: entry.streams.clone(),
            };
            entries.insert(id, Arc::new(changed));
        }
        Ok(())
    }

    /// Removes a screen: its open streams end, and its tokens are worth nothing.
    pub(crate) async fn remove(&self, id: Uuid, deed: &Deed) -> Result<(), StoreError> {
        self.store.remove_screen(id, deed).await?;
        if let Some(entry) = self.write().remove(&id) {
            entry.ended.cancel();
        }
        Ok(())
    }

    /// A device shows a key: lets `judge` say what that means for the screen's keys, and stores it.
    pub(crate) async fn judge(
        &self,
        id: Uuid,
        judge: impl FnOnce(&Keys) -> Result<Option<Keys>, Refusal>,
    ) -> Result<Result<Arc<Entry>, Refusal>, StoreError> {
        let _one_at_a_time = self.judging.lock().await;
        let Some(entry) = self.find(id) else { return Ok(Err(Refusal::UnknownDevice)) };
        let keys = match judge(&entry.screen.keys) {
            Ok(None) => return Ok(Ok(entry)),
            Ok(Some(keys)) => keys,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if !self.store.change_keys(id, &entry.screen.keys, &keys).await? {
            // Somebody removed it meanwhile; whoever asks again is told.
            return Ok(Err(Refusal::StaleNonce));
        }
        let changed = self.put(id, |screen| screen.keys = keys);
        Ok(changed.ok_or(Refusal::UnknownDevice))
    }

    /// Suspends a screen that two devices claim, with an alert: its open streams end, and its tokens are worth nothing.
    /// Says whether it was not suspended before.
    pub(crate) async fn suspend(&self, id: Uuid, now: Timestamp, alert: &Outgoing) -> Result<bool, StoreError> {
        let _one_at_a_time = self.judging.lock().await;
        if !self.store.suspend_screen(id, now, alert).await? {
            return Ok(false);
        }
        let suspended = self.put(id, |screen| {
            screen.keys = screen.keys.clone().suspend();
            screen.suspended_at = Some(now);
        });
        if let Some(entry) = suspended {
            entry.ended.cancel();
        }
        Ok(true)
    }

    /// Changes what is known of a screen, if it is still there.
    fn put(&self, id: Uuid, change: impl FnOnce(&mut Screen)) -> Option<Arc<Entry>> {
        let mut entries = self.write();
        let entry = entries.get_mut(&id)?;
        let mut screen = entry.screen.clone();
        change(&mut screen);
        *entry = Arc::new(Entry { screen, ended: entry.ended.clone(), streams: entry.streams.clone() });
        Some(entry.clone())
    }

    fn entries(&self) -> std::sync::RwLockReadGuard<'_, HashMap<Uuid, Arc<Entry>>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<Uuid, Arc<Entry>>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn new(screen: Screen) -> Arc<Self> {
        Arc::new(Self { screen, ended: CancellationToken::new(), streams: Arc::default() })
    }

    /// Whether it is reading its board now.
    pub(crate) fn is_connected(&self) -> bool {
        self.streams.load(Ordering::Relaxed) > 0
    }

    /// Counts a stream.
    pub(crate) fn attend(&self) -> Attendance {
        self.streams.fetch_add(1, Ordering::Relaxed);
        Attendance(self.streams.clone())
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
