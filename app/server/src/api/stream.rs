//! One reader's event stream. It holds no queue: see [`crate::live`].

use std::{
    convert::Infallible,
    pin::Pin,
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
    time::{Instant, Sleep, sleep_until},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::{
    app::{App, Reader},
    clock::SharedClock,
    live::{Coding, Dialect, Encoded, Snapshot, StreamGuard, Sum},
    screens::Attendance,
};

/// Without a byte for so long plus a little, a client knows that it lost the server.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);
/// Readers come back within this time after a restart, spread evenly.
const SPREAD_PER_STREAM: Duration = Duration::from_millis(2);
const LEAST_SPREAD: Duration = Duration::from_secs(1);

/// An event that says nothing but that the server is there.
pub(super) const SILENT: &[u8] = b":\n\n";
static COMMENT: LazyLock<Arc<Encoded>> = LazyLock::new(|| Arc::new(Encoded::new(SILENT)));

/// The events for a reader that has seen `seen`.
pub(super) fn events(
    app: &App,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    seen: Option<Revision>,
    reader: Reader,
    (coding, dialect): (Coding, Dialect),
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let now = Instant::now();
    let reading = Reading {
        expires: reader.expires,
        removed: Token::new(reader.removed),
        stopping: Token::new(app.stopping.clone()),
        snapshots,
        seen,
        dialect,
        clock: app.clock.clone(),
        told_at: None,
        alarm: Box::pin(sleep_until(now)),
        finished: false,
        guard: app.live.count_stream(),
        _attendance: reader.attendance,
    };
    let written = match coding {
        Coding::Plain => Written::Plain,
        Coding::Gzip => Written::Gzip(Gzip::Before),
    };
    unfold(Box::new((reading, written)), async |mut state| {
        let (reading, written) = &mut *state;
        let bytes = written.next(reading).await?;
        Some((Ok(bytes), state))
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
    /// When the reader last got anything. Who comes back and has missed nothing gets a comment at once: only then does it
    /// know that it is connected.
    told_at: Option<Instant>,
    /// Goes off when a comment may be due or the reader's right ends, if not before. Events do not set it anew.
    alarm: Pin<Box<Sleep>>,
    /// When the reader's right to read ends; it may come back with a new one.
    expires: Option<Instant>,
    /// The reader was shown the door.
    removed: Token,
    /// The server goes away.
    stopping: Token,
    finished: bool,
    guard: StreamGuard,
    _attendance: Option<Attendance>,
}

/// A token, and a place among those who wait for it that is kept from event to event.
struct Token {
    token: CancellationToken,
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Token {
    fn new(token: CancellationToken) -> Self {
        Self { cancelled: Box::pin(token.clone().cancelled_owned()), token }
    }
}

impl Reading {
    async fn next(&mut self) -> Option<Arc<Encoded>> {
        loop {
            if self.finished || self.removed.token.is_cancelled() {
                return None;
            }
            let now = Instant::now();
            if self.stopping.token.is_cancelled() {
                return self.bye(self.guard.spread());
            }
            if self.expires.is_some_and(|expires| expires <= now) {
                return self.bye(Duration::ZERO);
            }
            let newer = self.snapshots.borrow_and_update().newer_than(self.seen, self.dialect, &*self.clock);
            match newer {
                Ok(Some(newer)) => {
                    self.seen = Some(newer.revision);
                    self.told_at = Some(now);
                    return Some(newer.event);
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a board cannot be written");
                    return None;
                }
            }
            let comment_at = self.told_at.map_or(now, |told_at| told_at + HEARTBEAT);
            if comment_at <= now {
                self.told_at = Some(now);
                return Some(COMMENT.clone());
            }
            if self.alarm.deadline() <= now {
                self.alarm.as_mut().reset(self.expires.map_or(comment_at, |expires| expires.min(comment_at)));
            }
            tokio::select! {
                biased;
                changed = self.snapshots.changed() => changed.ok()?,
                () = &mut self.removed.cancelled => {}
                () = &mut self.stopping.cancelled => {}
                () = &mut self.alarm => {}
            }
        }
    }

    fn bye(&mut self, spread: Duration) -> Option<Arc<Encoded>> {
        self.finished = true;
        Some(Arc::new(Encoded::new(bye(spread)?)))
    }
}

/// The event before a stream ends, after which its reader comes back at some instant within `spread`.
pub(super) fn bye(spread: Duration) -> Option<String> {
    let bye = Event::Bye(Bye { after_ms: crate::random::below(spread.as_millis() as u64 + 1) });
    Some(format!("event: {}\ndata: {}\n\n", bye.name(), bye.to_data().ok()?))
}

impl StreamGuard {
    /// Over how much time the open streams shall come back.
    fn spread(&self) -> Duration {
        (SPREAD_PER_STREAM * self.streams() as u32).max(LEAST_SPREAD)
    }
}
