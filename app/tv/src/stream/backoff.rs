//! When to come back: exponential backoff with full jitter, so that ten thousand screens do not come back at once.
//!
//! Waits start anew only after good service: a server, or a proxy before it, that lets everybody in and breaks every
//! connection after its first event would else be asked twice a second for ever, by every screen.

use std::time::Duration;

/// The upper end of the first wait.
const FIRST: Duration = Duration::from_secs(1);

/// The upper end of the longest wait.
const LONGEST: Duration = Duration::from_secs(15);

/// How long a connection must have served to count as good. As long as the longest wait: one that always breaks just after
/// that asks no more often than a screen whose server is away.
pub(crate) const PROVEN: Duration = LONGEST;

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait before the next attempt, after a connection that served for so long.
    pub(super) fn after(&mut self, served: Duration) -> Duration {
        if served >= PROVEN {
            self.failures = 0;
        }
        let wait = jitter(longest(self.failures));
        self.failures = self.failures.saturating_add(1);
        wait
    }
}

/// Any wait up to `longest`, all equally likely.
fn jitter(longest: Duration) -> Duration {
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
    fn waits_double_up_to_the_longest() {
        let mut seconds = Vec::new();
        for failures in [0, 1, 2, 3, 4, 1000] {
            seconds.push(longest(failures).as_secs());
        }
        assert_eq!(seconds, [1, 2, 4, 8, 15, 15]);
    }

    #[test]
    fn only_a_connection_that_served_for_a_while_lets_waits_start_anew() {
        let mut backoff = Backoff { failures: 9 };
        let waits: Vec<Duration> = (0..200).map(|_| backoff.after(PROVEN - Duration::from_millis(1))).collect();
        assert!(
            waits.iter().any(|wait| *wait > LONGEST * 3 / 4),
            "a connection that keeps breaking is tried less often"
        );
        for _ in 0..200 {
            assert!(backoff.after(PROVEN) <= FIRST);
        }
    }

    #[test]
    fn waits_are_spread_over_the_whole_range() {
        let waits: Vec<Duration> = (0..200).map(|_| jitter(LONGEST)).collect();
        assert!(waits.iter().any(|wait| *wait < LONGEST / 4));
        assert!(waits.iter().any(|wait| *wait > LONGEST * 3 / 4));
        assert!(waits.iter().all(|wait| *wait <= LONGEST));
    }
}
