//! Boards as those see them who hold a link for some clients only.
//!
//! Each such set of clients has its own boards, of panels that were computed from these clients' tickets: nothing else is
//! ever near a reader who may not see it. They are drawn for as long as a link for them is open.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use board::BoardId;
use desk::ClientId;
use tokio::sync::Notify;

use crate::live::Live;

/// Some clients. None of them is a set as well: it sees no ticket.
pub(crate) type Clients = BTreeSet<ClientId>;

/// Every set of clients for which boards are drawn.
#[derive(Default)]
pub(crate) struct Scopes {
    boards: RwLock<BTreeMap<Clients, Arc<Live>>>,
    changed: Notify,
}

impl Scopes {
    /// From now on boards are drawn for these sets. Whoever reads those of another one is not shown any further.
    pub(crate) fn replace(&self, wanted: BTreeSet<Clients>) {
        let mut boards = self.boards.write().unwrap_or_else(PoisonError::into_inner);
        boards.retain(|clients, _| wanted.contains(clients));
        for clients in wanted {
            // An epoch of its own, so that nobody goes on with the events of other boards.
            let made = || Arc::new(Live::new(u64::from_le_bytes(crate::random::bytes())));
            boards.entry(clients).or_insert_with(made);
        }
        drop(boards);
        // Kept for the one who waits, should that one be busy drawing.
        self.changed.notify_one();
    }

    /// The boards for these clients, if they are drawn.
    pub(crate) fn boards_for(&self, clients: &Clients) -> Option<Arc<Live>> {
        self.read().get(clients).cloned()
    }

    /// Every set.
    pub(crate) fn wanted(&self) -> BTreeSet<Clients> {
        self.read().keys().cloned().collect()
    }

    /// Takes away every board that is not among `ids`, for every set.
    pub(crate) fn keep_only(&self, ids: &[BoardId]) {
        for live in self.read().values() {
            live.keep_only(ids);
        }
    }

    /// Waits until there are other sets.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Clients, Arc<Live>>> {
        self.boards.read().unwrap_or_else(PoisonError::into_inner)
    }
}
