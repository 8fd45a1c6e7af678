//! Lengths of time, and the instants at which the wording of a running one changes.

use jiff::{SignedDuration, Timestamp};

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
    let (unit, name) = coarse_unit(seconds);
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

/// So many seconds after an instant; `None` past the end of time.
pub(super) fn after(instant: Timestamp, seconds: u64) -> Option<Timestamp> {
    instant.checked_add(SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok()
}

/// When [`duration`] of the time since `since` changes next.
pub(super) fn next_tick(since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let seconds = elapsed(since, now);
    next_multiple(
        since,
        now,
        match seconds {
            DAY.. => HOUR,
            MINUTE.. => MINUTE,
            _ => 1,
        },
    )
}

/// When [`coarse`] of the time since `since` changes next, "now" being its first minute.
pub(super) fn next_coarse_tick(since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    next_multiple(since, now, coarse_unit(elapsed(since, now).max(MINUTE)).0)
}

/// When [`countdown`] changes next, with `seconds` left.
pub(super) fn next_countdown_tick(until: Timestamp, seconds: u64) -> Option<Timestamp> {
    if seconds < CLOSE { before(until, seconds - 1) } else { next_minute_tick(until, seconds) }
}

/// When [`duration`] of the time left changes next, with `seconds` left; under a minute it stays until the end.
pub(super) fn next_minute_tick(until: Timestamp, seconds: u64) -> Option<Timestamp> {
    let step = if seconds >= DAY { HOUR } else { MINUTE };
    // A full step is shown for its whole last second: 17m begins when 17m 59s are left.
    let left = if seconds < MINUTE { 0 } else { seconds / step * step - 1 };
    before(until, left)
}

/// The unit of [`coarse`] in seconds, and its name.
fn coarse_unit(seconds: u64) -> (u64, &'static str) {
    match seconds {
        DAY.. => (DAY, "d"),
        HOUR.. => (HOUR, "h"),
        MINUTE.. => (MINUTE, "m"),
        _ => (1, "s"),
    }
}

/// The first multiple of `step` seconds since `since` that lies after `now`.
fn next_multiple(since: Timestamp, now: Timestamp, step: u64) -> Option<Timestamp> {
    after(since, (elapsed(since, now) / step + 1) * step)
}

fn before(until: Timestamp, seconds: u64) -> Option<Timestamp> {
    until.checked_sub(SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok()
}
