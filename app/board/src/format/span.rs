//! Lengths of time.

use jiff::Timestamp;

use super::{Part, Worded};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Inside this a countdown shows its seconds.
const CLOSE: u64 = 15 * MINUTE;

/// Two units at most, cut, not rounded: `48s`, `12m`, `2h 05m`, `3d 4h`.
pub fn duration(seconds: u64) -> Worded {
    let two = |number: u64, unit: &str, small: String, small_unit: &str| Worded {
        second: Some(Part { number: small, unit: Some(small_unit.into()) }),
        ..Worded::with_unit(number.to_string(), unit)
    };
    match seconds {
        DAY.. => two(seconds / DAY, "d", (seconds % DAY / HOUR).to_string(), "h"),
        HOUR.. => two(seconds / HOUR, "h", format!("{:02}", seconds % HOUR / MINUTE), "m"),
        _ => coarse(seconds),
    }
}

/// One unit, cut: `48s`, `12m`, `2h`, `3d`.
pub(super) fn coarse(seconds: u64) -> Worded {
    let (unit, name) = match seconds {
        DAY.. => (DAY, "d"),
        HOUR.. => (HOUR, "h"),
        MINUTE.. => (MINUTE, "m"),
        _ => (1, "s"),
    };
    Worded::with_unit((seconds / unit).to_string(), name)
}

/// As [`duration`], without a second unit that is zero: a goal of four hours is `4h`.
pub(super) fn round(seconds: u64) -> Worded {
    let worded = duration(seconds);
    match &worded.second {
        Some(second) if second.number.bytes().all(|digit| digit == b'0') => Worded { second: None, ..worded },
        _ => worded,
    }
}

/// Time left: `07:42` inside 15 minutes, as [`duration`] before.
pub(super) fn countdown(seconds: u64) -> Worded {
    if seconds < CLOSE {
        return Worded::plain(format!("{:02}:{:02}", seconds / MINUTE, seconds % MINUTE));
    }
    duration(seconds)
}

/// Whole seconds that have passed since `since`; none before it.
pub(super) fn elapsed(since: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(since).as_secs()).unwrap_or(0)
}

/// Seconds left until `until`, rounded up, so that 0 means that it has come.
pub(super) fn remaining(until: Timestamp, now: Timestamp) -> u64 {
    let left = until.duration_since(now);
    u64::try_from(left.as_secs()).unwrap_or(0) + u64::from(left.subsec_nanos() > 0)
}
