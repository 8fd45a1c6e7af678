//! One reader's event stream. It holds no queue: see [`crate::live`].

use std::{convert::Infallible, sync::Arc, time::Duration};

use board::{
    Revision,
    wire::{Bye, Event},
};
use bytes::Bytes;
use futures_util::{Stream, stream::unfold};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, Reader},
    live::{Snapshot, StreamGuard},
    screens::Attendance,
};

/// Without a byte for so long plus a little, a client knows that it lost the server.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Readers come back within this time after a restart, spread evenly.
const SPREAD_PER_STREAM: Duration = Duration::from_millis(2);
const LEAST_SPREAD: Duration = Duration::from_secs(1);

/// The events for a reader that has seen `seen`.
pub(super) fn events(
    app: &App,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    seen: Option<Revision>,
    reader: Reader,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let state = Reading {
        expires: reader.expires,
        removed: reader.removed,
        stopping: app.stopping.clone(),
        snapshots,
        seen,
        heartbeat,
        finished: false,
        guard: app.live.count_stream(),
        _attendance: reader.attendance,
    };
    unfold(state, async |mut reading| {
        let bytes = reading.next().await?;
        Some((Ok(bytes), reading))
    })
}

struct Reading {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    seen: Option<Revision>,
    heartbeat: Interval,
    /// When the reader's right to read ends; it may come back with a new one.
    expires: Option<Instant>,
    /// The reader was shown the door.
    removed: CancellationToken,
    /// The server goes away.
    stopping: CancellationToken,
    finished: bool,
    guard: StreamGuard,
    _attendance: Option<Attendance>,
}

impl Reading {
    async fn next(&mut self) -> Option<Bytes> {
        if self.finished || self.removed.is_cancelled() {
            return None;
        }
        loop {
            let newer = self.snapshots.borrow_and_update().newer_than(self.seen);
            match newer {
                Ok(Some(newer)) => {
                    self.seen = Some(newer.revision);
                    return Some(newer.bytes);
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a board cannot be written as JSON");
                    return None;
                }
            }
            tokio::select! {
                biased;
                () = self.removed.cancelled() => return None,
                () = self.stopping.cancelled() => return self.bye(self.guard.spread()),
                () = at(self.expires) => return self.bye(Duration::ZERO),
                changed = self.snapshots.changed() => changed.ok()?,
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }

    fn bye(&mut self, spread: Duration) -> Option<Bytes> {
        self.finished = true;
        let after_ms = crate::random::below(spread.as_millis() as u64 + 1);
        let bye = Event::Bye(Bye { after_ms });
        let data = bye.to_data().ok()?;
        Some(Bytes::from(format!("event: {}\ndata: {data}\n\n", bye.name())))
    }
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

impl StreamGuard {
    /// Over how much time the open streams shall come back.
    fn spread(&self) -> Duration {
        (SPREAD_PER_STREAM * self.streams() as u32).max(LEAST_SPREAD)
    }
}
