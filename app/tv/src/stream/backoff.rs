//! When to come back: exponential backoff with full jitter, so that ten thousand screens do not come back at once.

use std::time::Duration;

/// The upper end of the first wait.
pub(super) const FIRST: Duration = Duration::from_secs(1);

/// The upper end of the longest wait.
const LONGEST: Duration = Duration::from_secs(15);

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait before the next attempt.
    pub(super) fn next(&mut self) -> Duration {
        let wait = jitter(longest(self.failures));
        self.failures = self.failures.saturating_add(1);
        wait
    }

    /// It worked.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Any wait up to `longest`, all equally likely.
pub(super) fn jitter(longest: Duration) -> Duration {
    // Without randomness (a kernel that is only just starting) the whole wait is as good as any.
    longest.mul_f64(getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX)))
}

fn longest(failures: u32) -> Duration {
    FIRST.saturating_mul(1 << failures.min(10)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_start_anew_after_a_success() {
        let mut seconds = Vec::new();
        for failures in [0, 1, 2, 3, 4, 1000] {
            seconds.push(longest(failures).as_secs());
        }
        assert_eq!(seconds, [1, 2, 4, 8, 15, 15]);

        let mut backoff = Backoff { failures: 9 };
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }

    #[test]
    fn waits_are_spread_over_the_whole_range() {
        let waits: Vec<Duration> = (0..200).map(|_| jitter(LONGEST)).collect();
        assert!(waits.iter().any(|wait| *wait < LONGEST / 4));
        assert!(waits.iter().any(|wait| *wait > LONGEST * 3 / 4));
        assert!(waits.iter().all(|wait| *wait <= LONGEST));
    }
}
