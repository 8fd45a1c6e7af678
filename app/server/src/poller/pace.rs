//! When to poll next: a rule without a clock.

use std::time::Duration;

use connectors::PollError;

/// What is wrong with a credential or an answer keeps the desk unread for no longer than this.
const LONGEST: Duration = Duration::from_secs(300);

/// A desk that is away is tried once a minute, so that the wall is true again within a minute of its return: with the
/// quarter by which retries are spread, this is one.
const AWAY: Duration = Duration::from_secs(48);

/// Whether an administrator has mended a connection is looked at this often: only the Broker next door is asked.
const MENDED: Duration = Duration::from_secs(30);

/// The longest that a provider may ask to be left alone: what asks for more does not mean it.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

/// The pace of polling.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    interval: Duration,
    failures: u32,
}

impl Pace {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval, failures: 0 }
    }

    /// Time between two polls that succeed.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// How long to wait after a poll that ended so. `chance` is any number; it spreads retries by a quarter.
    pub(super) fn after(&mut self, error: Option<&PollError>, chance: u64) -> Duration {
        let Some(error) = error else {
            self.failures = 0;
            return self.interval;
        };
        self.failures = self.failures.saturating_add(1);
        let doubled = self.interval.saturating_mul(1 << self.failures.min(10));
        let at_most = |longest: Duration| doubled.min(longest.max(self.interval));
        let wait = match error {
            // What the provider asks for is honoured, even where it is longer than any wait of ours.
            PollError::RateLimited { seconds, .. } => {
                self.interval.max(Duration::from_secs(*seconds).min(LONGEST_ASKED))
            }
            // Nobody gives another credential within seconds, and some providers lock accounts.
            // What is too much now is so in a minute.
            PollError::Refused { .. } | PollError::TooMuch { .. } => LONGEST.max(self.interval),
            PollError::Unusable { .. } => MENDED.max(self.interval),
            PollError::Unreachable { .. } => at_most(AWAY),
            // Whatever answers is no desk that we understand, and asking it often does not teach us.
            PollError::Malformed { .. } => at_most(LONGEST),
        };
        let quarter = u64::try_from(wait.as_millis() / 4).unwrap_or(0);
        wait + Duration::from_millis(chance % (quarter + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(20);

    fn unreachable() -> PollError {
        PollError::Unreachable { provider: "Test", reason: "no answer".to_owned() }
    }

    #[test]
    fn a_desk_that_is_away_is_tried_once_a_minute_however_long_that_lasts_and_success_ends_it() {
        let mut pace = Pace::new(INTERVAL);
        for chance in 0..10_000 {
            let wait = pace.after(Some(&unreachable()), chance * 7_919);
            assert!(wait <= Duration::from_secs(60), "{wait:?}");
        }
        assert_eq!(pace.after(None, 0), INTERVAL);
        assert_eq!(pace.after(Some(&unreachable()), 0).as_secs(), 40);
        assert_eq!(pace.after(Some(&unreachable()), 0).as_secs(), 48);
        let hourly = Duration::from_secs(3600);
        assert_eq!(Pace::new(hourly).after(Some(&unreachable()), 0), hourly, "no more often than one that answers");
    }

    #[test]
    fn answers_that_nobody_understands_double_the_wait_up_to_five_minutes() {
        let malformed =
            PollError::Malformed { provider: "Test", place: "tickets".to_owned(), reason: "why".to_owned() };
        let mut pace = Pace::new(INTERVAL);
        let waits = (0..6).map(|_| pace.after(Some(&malformed), 0).as_secs()).collect::<Vec<_>>();
        assert_eq!(waits, [40, 80, 160, 300, 300, 300]);
    }

    #[test]
    fn a_refused_credential_waits_longest_and_a_connection_that_can_be_mended_here_is_looked_at_soon() {
        let mut pace = Pace::new(INTERVAL);
        let reason = || "why".to_owned();
        assert_eq!(pace.after(Some(&PollError::Refused { provider: "Test", reason: reason() }), 0).as_secs(), 300);
        assert_eq!(pace.after(Some(&PollError::Unusable { provider: "Test", reason: reason() }), 0).as_secs(), 30);
    }

    #[test]
    fn a_provider_is_left_alone_for_as_long_as_it_asks() {
        let asked = |seconds| PollError::RateLimited { provider: "Test", seconds };
        assert!(Pace::new(INTERVAL).after(Some(&asked(900)), 7).as_secs() >= 900);
        assert!(Pace::new(INTERVAL).after(Some(&asked(1)), 7) >= INTERVAL);
    }

    #[test]
    fn no_provider_silences_the_board_for_ever() {
        let asked = PollError::RateLimited { provider: "Test", seconds: u64::MAX };
        let wait = Pace::new(INTERVAL).after(Some(&asked), u64::MAX);
        assert!(std::time::Instant::now().checked_add(wait).is_some(), "there is such an instant");
        assert!(wait <= Duration::from_secs(30 * 3600), "{wait:?}");
    }

    #[test]
    fn retries_are_spread_by_at_most_a_quarter() {
        for chance in [0, 1, u64::MAX, 123_456_789] {
            let wait = Pace::new(INTERVAL).after(Some(&unreachable()), chance);
            assert!((40.0..=50.0).contains(&wait.as_secs_f64()), "{wait:?}");
        }
    }
}
