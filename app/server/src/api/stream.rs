//! One reader's event stream. It holds no queue: see [`crate::live`].

use std::{
    convert::Infallible,
    sync::{Arc, LazyLock},
    time::Duration,
};

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
    clock::SharedClock,
    live::{Coding, Dialect, Encoded, Snapshot, StreamGuard, Sum},
    screens::Attendance,
};

/// Without a byte for so long plus a little, a client knows that it lost the server.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Readers come back within this time after a restart, spread evenly.
const SPREAD_PER_STREAM: Duration = Duration::from_millis(2);
const LEAST_SPREAD: Duration = Duration::from_secs(1);

static COMMENT: LazyLock<Arc<Encoded>> = LazyLock::new(|| Arc::new(Encoded::new(&b":\n\n"[..])));

/// The events for a reader that has seen `seen`.
pub(super) fn events(
    app: &App,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    seen: Option<Revision>,
    reader: Reader,
    (coding, dialect): (Coding, Dialect),
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let state = Reading {
        expires: reader.expires,
        removed: reader.removed,
        stopping: app.stopping.clone(),
        snapshots,
        seen,
        dialect,
        clock: app.clock.clone(),
        heartbeat,
        finished: false,
        guard: app.live.count_stream(),
        _attendance: reader.attendance,
    };
    let written = match coding {
        Coding::Plain => Written::Plain,
        Coding::Gzip => Written::Gzip(Gzip::Before),
    };
    unfold((state, written), async |(mut reading, mut written)| {
        let bytes = written.next(&mut reading).await?;
        Some((Ok(bytes), (reading, written)))
    })
}

/// How far the stream is written. Every chunk is whole events, which leave at once.
enum Written {
    Plain,
    Gzip(Gzip),
}

enum Gzip {
    Before,
    Under(Sum),
    After,
}

impl Written {
    async fn next(&mut self, reading: &mut Reading) -> Option<Bytes> {
        let Self::Gzip(gzip) = self else { return Some(reading.next().await?.plain().clone()) };
        match gzip {
            Gzip::Before => {
                *gzip = Gzip::Under(Sum::default());
                Some(Sum::begin())
            }
            Gzip::Under(sum) => match reading.next().await {
                Some(event) => Some(event.blocks(sum)),
                None => {
                    let end = sum.end();
                    *gzip = Gzip::After;
                    Some(end)
                }
            },
            Gzip::After => None,
        }
    }
}

struct Reading {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    seen: Option<Revision>,
    dialect: Dialect,
    clock: SharedClock,
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
    async fn next(&mut self) -> Option<Arc<Encoded>> {
        if self.finished || self.removed.is_cancelled() {
            return None;
        }
        loop {
            let newer = self.snapshots.borrow_and_update().newer_than(self.seen, self.dialect, &*self.clock);
            match newer {
                Ok(Some(newer)) => {
                    self.seen = Some(newer.revision);
                    return Some(newer.event);
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a board cannot be written");
                    return None;
                }
            }
            tokio::select! {
                biased;
                () = self.removed.cancelled() => return None,
                () = self.stopping.cancelled() => return self.bye(self.guard.spread()),
                () = at(self.expires) => return self.bye(Duration::ZERO),
                changed = self.snapshots.changed() => changed.ok()?,
                _ = self.heartbeat.tick() => return Some(COMMENT.clone()),
            }
        }
    }

    fn bye(&mut self, spread: Duration) -> Option<Arc<Encoded>> {
        self.finished = true;
        let after_ms = crate::random::below(spread.as_millis() as u64 + 1);
        let bye = Event::Bye(Bye { after_ms });
        let data = bye.to_data().ok()?;
        Some(Arc::new(Encoded::new(format!("event: {}\ndata: {data}\n\n", bye.name()))))
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
