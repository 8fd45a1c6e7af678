//! What time it is on a stick without a battery-backed clock.
//!
//! A system clock that NTP has set counts as it is. Otherwise what the paired server told over its pinned anchor counts:
//! it may lie before the newest file (which a clock that ran a year ahead may have dated). Until one of them has told
//! it, the system's clock counts, but never earlier than the last known good time or the newest file of the state
//! folder. Nothing is ever earlier than the build.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;

/// The system's clock counts as right when it is off by less than this.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(3);

/// The stick's idea of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    build: Timestamp,
    floor: Timestamp,
    told: Option<(Instant, Timestamp)>,
    synchronised: bool,
}

impl Clock {
    /// A clock that nobody has told the time yet. `floor` is the newest instant that has surely passed.
    #[must_use]
    pub fn new(build: Timestamp, floor: Timestamp) -> Self {
        Self { build, floor: floor.max(build), told: None, synchronised: false }
    }

    /// When this program was built, as this clock was told.
    #[must_use]
    pub const fn build(&self) -> Timestamp {
        self.build
    }

    /// The paired server says what time it is, over its pinned anchor. A time before the build is not believed.
    pub fn server_says(&mut self, date: Timestamp, now: Instant) {
        if date >= self.build {
            self.told = Some((now, date));
        }
    }

    /// Whether NTP has set the system's clock.
    pub const fn synchronised(&mut self, yes: bool) {
        self.synchronised = yes;
    }

    /// The time, given the system's.
    #[must_use]
    pub fn time(&self, now: Instant, system: Timestamp) -> Timestamp {
        if self.synchronised {
            return system.max(self.build);
        }
        let Some((at, date)) = self.told else { return system.max(self.floor) };
        let passed = SignedDuration::try_from(now.saturating_duration_since(at)).unwrap_or(SignedDuration::MAX);
        let told = date.saturating_add(passed).unwrap_or(Timestamp::MAX);
        // A `Date` has whole seconds; a system clock that agrees is the finer one.
        if told.duration_since(system).abs() < TOLERANCE { system } else { told }
    }

    /// Seconds to add to the system's clock.
    #[must_use]
    pub fn offset(&self, now: Instant, system: Timestamp) -> i64 {
        self.time(now, system).duration_since(system).as_secs()
    }
}

/// A clock that the TLS stack and the rules share.
#[derive(Debug)]
pub struct Shared(Mutex<Clock>);

impl Shared {
    /// Shares this clock.
    #[must_use]
    pub const fn new(clock: Clock) -> Self {
        Self(Mutex::new(clock))
    }

    /// The clock as it is now.
    #[must_use]
    pub fn read(&self) -> Clock {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// See [`Clock::synchronised`].
    pub fn synchronised(&self, yes: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).synchronised(yes);
    }

    /// See [`Clock::server_says`].
    pub fn server_says(&self, date: Timestamp, now: Instant) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).server_says(date, now);
    }
}

impl TimeProvider for Shared {
    fn current_time(&self) -> Option<UnixTime> {
        unix_time(self.read().time(Instant::now(), Timestamp::now()))
    }
}

/// An instant as rustls has it; `None` before 1970.
#[must_use]
pub fn unix_time(time: Timestamp) -> Option<UnixTime> {
    u64::try_from(time.as_second())
        .ok()
        .map(|seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::time::Duration;

    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_that_was_reset_starts_at_the_newest_thing_that_is_known_to_have_passed() {
        let (build, newest) = (at("2026-05-01T00:00:00Z"), at("2026-09-01T12:00:00Z"));
        let now = Instant::now();
        assert_eq!(Clock::new(build, newest).time(now, at("1970-01-01T00:00:10Z")), newest);
        assert_eq!(Clock::new(build, Timestamp::UNIX_EPOCH).time(now, at("1970-01-01T00:00:10Z")), build);
        let right = at("2026-11-01T00:00:00Z");
        assert_eq!(Clock::new(build, newest).time(now, right), right);
    }

    #[test]
    fn a_clock_a_year_ahead_comes_back_when_the_server_tells_the_time_even_below_the_newest_file() {
        let today = at("2026-11-01T00:00:00Z");
        let (now, system) = (Instant::now(), today + 365 * DAY);
        let mut clock = Clock::new(at("2026-05-01T00:00:00Z"), system);
        assert_eq!(clock.time(now, system), system);
        clock.server_says(today, now);
        assert_eq!(clock.time(now, system), today);
        assert_eq!(clock.offset(now, system), -365 * 86_400);
    }

    #[test]
    fn told_time_goes_on_by_itself_when_the_system_clock_jumps() {
        let today = at("2026-11-01T00:00:00Z");
        let start = Instant::now();
        let mut clock = Clock::new(today - DAY, today - DAY);
        clock.server_says(today, start);
        let later = start + Duration::from_secs(100);
        let right = today + SignedDuration::from_secs(100);
        assert_eq!(clock.time(later, today - 500 * DAY), right, "a jump back");
        let near = right + SignedDuration::from_millis(1500);
        assert_eq!(
            (clock.time(later, near), clock.offset(later, near)),
            (near, 0),
            "set by NTP: that is the finer one"
        );
    }

    #[test]
    fn a_clock_that_ntp_has_set_counts_whatever_the_files_and_the_server_say() {
        let today = at("2026-11-01T00:00:00Z");
        let now = Instant::now();
        let mut clock = Clock::new(today - DAY, today + 365 * DAY);
        clock.server_says(today + 30 * DAY, now);
        clock.synchronised(true);
        assert_eq!(clock.time(now, today), today);
        assert_eq!(clock.time(now, today - 2 * DAY), today - DAY, "but not before the build");
    }

    #[test]
    fn a_time_before_the_build_is_not_believed() {
        let build = at("2026-05-01T00:00:00Z");
        let mut clock = Clock::new(build, build);
        let before = clock;
        clock.server_says(build - DAY, Instant::now());
        assert_eq!(clock, before);
    }
}
