//! When data is too old to be shown as if it were now, and when it is new (panel catalogue, section 1.4).

use std::time::Duration;

use jiff::Timestamp;

use crate::schedule::seconds_between;

/// How often a helpdesk is expected to be read; how old data may be follows from it.
pub const REFRESH: Duration = Duration::from_secs(20);

/// Whether data read at `read_at`, that should be read every `interval`, is older than fifteen of them: it has no colour
/// any more, as an old green is worse than no green. Its age needs no limit: every board tells it at any time.
pub fn is_stale(read_at: Timestamp, now: Timestamp, interval: Duration) -> bool {
    Duration::from_secs(seconds_between(read_at, now)) > interval * 15
}

/// Tells refreshes of a desk from looks at what was read before: a board is drawn far more often than there is news.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refreshes {
    /// When the desk was read at the last one.
    last: Option<Timestamp>,
}

impl Refreshes {
    /// Whether a desk that was read last at `read_at` is refreshed by that, where one refresh follows the other every
    /// `interval`. A desk that is read more often than that is refreshed no more often.
    pub fn is_next(&mut self, read_at: Option<Timestamp>, interval: Duration) -> bool {
        let Some(read_at) = read_at else { return false };
        // A tenth less: polls follow each other a little sooner or later than they should.
        let enough = interval - interval / 10;
        let next = self.last.is_none_or(|last| {
            // Back in time: a clock was set, or a simulation began anew.
            let passed = Duration::try_from(read_at.duration_since(last));
            passed.is_ok_and(|passed| passed >= enough) || read_at < last
        });
        if next {
            self.last = Some(read_at);
        }
        next
    }
}
