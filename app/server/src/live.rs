//! The newest state of every board, encoded once and shared by all who read it.
//!
//! Nothing is queued for a reader: it knows the revision that it has seen, and takes the oldest thing that changed
//! since. Whoever is slow skips what was replaced in the meantime.

mod encoded;
mod snapshot;

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use board::{Board, BoardId};
use tokio::sync::watch;

pub(crate) use encoded::{Coding, Encoded, Sum};
pub(crate) use snapshot::{Dialect, Snapshot};

/// All boards of a server run.
pub(crate) struct Live {
    epoch: u64,
    boards: RwLock<HashMap<BoardId, watch::Sender<Arc<Snapshot>>>>,
    encoded: AtomicU64,
    encoded_bytes: AtomicU64,
    streams: AtomicUsize,
}

/// What the server did since its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Streams that are open now.
    pub streams: usize,
    /// Panel, layout and overlay events that were encoded.
    pub events_encoded: u64,
    /// Bytes of those events.
    pub event_bytes: u64,
}

/// A board could not be published.
#[derive(Debug, thiserror::Error)]
#[error("board {id:?} cannot be written as JSON: {source}")]
pub(crate) struct PublishError {
    /// Which board.
    id: BoardId,
    /// What was wrong.
    source: serde_json::Error,
}

impl Live {
    /// No board yet; `epoch` tells this server run from others.
    pub(crate) fn new(epoch: u64) -> Self {
        Self {
            epoch,
            boards: RwLock::default(),
            encoded: AtomicU64::new(0),
            encoded_bytes: AtomicU64::new(0),
            streams: AtomicUsize::new(0),
        }
    }

    /// The newest state of a board.
    pub(crate) fn snapshot(&self, id: &BoardId) -> Option<Arc<Snapshot>> {
        self.boards().get(id).map(|sender| sender.borrow().clone())
    }

    /// The newest state of a board, and word of every change.
    pub(crate) fn subscribe(&self, id: &BoardId) -> Option<watch::Receiver<Arc<Snapshot>>> {
        self.boards().get(id).map(watch::Sender::subscribe)
    }

    /// What tells this server run from others.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Replaces a board's state, or adds the board. Revisions in `next` are ignored: what differs from the state before
    /// gets new ones, and only that is encoded and sent. Says how many events there are for readers.
    ///
    /// # Errors
    /// JSON cannot express it; readers then keep the state before.
    pub(crate) fn publish(&self, next: Board) -> Result<usize, PublishError> {
        let id = next.id.clone();
        let failed = |source| PublishError { id: id.clone(), source };
        let before = self.snapshot(&id);
        let Some(before) = before else {
            let first = Snapshot::first(self.epoch, next).map_err(failed)?;
            self.boards.write().unwrap_or_else(PoisonError::into_inner).insert(id, watch::Sender::new(Arc::new(first)));
            return Ok(0);
        };
        let Some((snapshot, made)) = Snapshot::after(&before, next).map_err(failed)? else { return Ok(0) };
        self.encoded.fetch_add(made.events as u64, Ordering::Relaxed);
        self.encoded_bytes.fetch_add(made.bytes as u64, Ordering::Relaxed);
        if let Some(sender) = self.boards().get(&id) {
            sender.send_replace(Arc::new(snapshot));
        }
        Ok(made.events)
    }

    /// Takes away every board that is not among `ids`; streams of it end.
    pub(crate) fn keep_only(&self, ids: &[BoardId]) {
        self.boards.write().unwrap_or_else(PoisonError::into_inner).retain(|id, _| ids.contains(id));
    }

    fn boards(&self) -> RwLockReadGuard<'_, HashMap<BoardId, watch::Sender<Arc<Snapshot>>>> {
        self.boards.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the server did since its start.
    pub(crate) fn figures(&self) -> Figures {
        Figures {
            streams: self.streams.load(Ordering::Relaxed),
            events_encoded: self.encoded.load(Ordering::Relaxed),
            event_bytes: self.encoded_bytes.load(Ordering::Relaxed),
        }
    }

    /// Counts a stream for as long as the guard lives.
    pub(crate) fn count_stream(self: &Arc<Self>) -> StreamGuard {
        self.streams.fetch_add(1, Ordering::Relaxed);
        StreamGuard(self.clone())
    }
}

pub(crate) struct StreamGuard(Arc<Live>);

impl StreamGuard {
    /// How many streams are open.
    pub(crate) fn streams(&self) -> usize {
        self.0.streams.load(Ordering::Relaxed)
    }
}

impl Drop for StreamGuard {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}
