//! When to start a process again: a rule without a clock.

use std::time::Duration;

use super::CANNOT_RUN;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Whoever ran for so long had recovered from what failed before.
const RECOVERED: Duration = Duration::from_secs(60);

/// How often a process failed in a row.
#[derive(Default)]
pub(super) struct Restarts {
    failures: u32,
}

/// What to do about a process that ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It says that it cannot run.
    Stop,
    /// Start it again after this time.
    Restart(Duration),
}

impl Restarts {
    /// After a process ended with `code` (`None` for a signal) and had run for so long.
    pub(super) fn after(&mut self, code: Option<i32>, ran_for: Duration) -> Next {
        if code == Some(i32::from(CANNOT_RUN)) {
            return Next::Stop;
        }
        if ran_for >= RECOVERED {
            self.failures = 0;
        }
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(10)).min(LONGEST_WAIT);
        self.failures = self.failures.saturating_add(1);
        Next::Restart(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_double_the_wait_up_to_a_minute() {
        let mut restarts = Restarts::default();
        let waits = (0..8).map(|_| restarts.after(Some(1), Duration::ZERO)).collect::<Vec<_>>();
        let expected = [1, 2, 4, 8, 16, 32, 60, 60].map(|seconds| Next::Restart(Duration::from_secs(seconds)));
        assert_eq!(waits, expected);
    }

    #[test]
    fn a_process_that_ran_well_is_started_again_at_once() {
        let mut restarts = Restarts::default();
        for _ in 0..5 {
            restarts.after(None, Duration::ZERO);
        }
        assert_eq!(restarts.after(None, RECOVERED), Next::Restart(FIRST_WAIT));
    }

    #[test]
    fn a_process_that_cannot_run_is_not_started_again() {
        assert_eq!(Restarts::default().after(Some(78), Duration::ZERO), Next::Stop);
    }
}
