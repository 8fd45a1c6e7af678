//! When data is too old to be shown as if it were now (panel catalogue, section 1.4).

use std::time::Duration;

use jiff::Timestamp;

use crate::schedule::seconds_between;

/// How old a panel's newest data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As new as it should be.
    Fresh,
    /// Older than three refresh intervals: the age is shown.
    Aging,
    /// Older than fifteen: no colour any more. An old green is worse than no green.
    Stale,
}

impl Freshness {
    /// Judges data read at `read_at` that should be read every `interval`.
    pub fn of(read_at: Timestamp, now: Timestamp, interval: Duration) -> Self {
        let age = Duration::from_secs(seconds_between(read_at, now));
        if age > interval * 15 {
            Self::Stale
        } else if age > interval * 3 {
            Self::Aging
        } else {
            Self::Fresh
        }
    }
}
