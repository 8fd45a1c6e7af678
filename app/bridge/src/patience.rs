//! How often and how soon a provider may be asked again. Rules only: nothing here sleeps or reads a clock.

use std::time::Duration;

use jiff::Timestamp;

/// How patient a connection is with a provider that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Bound of the first pause; every further bound is twice the one before.
    pub first: Duration,
    /// Largest bound of a pause, and the longest `Retry-After` that is waited for within one request. A
    /// longer one is passed on to the caller.
    pub longest: Duration,
    /// After so many failures in a row the provider counts as degraded.
    pub failures: u32,
    /// How often a degraded provider is tried.
    pub degraded: Duration,
}

impl Default for Patience {
    /// 1 s, doubling, at most 60 s; degraded after 6 failures and then tried once a minute.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            failures: 6,
            degraded: Duration::from_secs(60),
        }
    }
}

impl Patience {
    /// The pause after the given number of failures: evenly between zero and the bound ("full jitter"),
    /// so that many clients of one provider do not come back together. `chance` is in 0..=1.
    pub fn pause(&self, failures: u32, chance: f64) -> Duration {
        let doubled = self.first.saturating_mul(1u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(self.longest).mul_f64(chance.clamp(0.0, 1.0))
    }
}

/// How a request ended, as far as patience goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider works, whatever it answered.
    Answered,
    /// It did not.
    Failed,
}

/// How a provider has done lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streak {
    failures: u32,
    last: Option<Timestamp>,
}

impl Streak {
    /// How many requests failed since the last answer.
    pub fn failures(self) -> u32 {
        self.failures
    }

    /// How long to leave the provider alone. A clock that was set back counts as no time having passed.
    pub fn wait(self, patience: &Patience, now: Timestamp) -> Option<Duration> {
        let last = self.last.filter(|_| self.is_degraded(patience))?;
        let passed = Duration::try_from(now.duration_since(last)).unwrap_or_default();
        patience.degraded.checked_sub(passed).filter(|wait| !wait.is_zero())
    }

    /// Whether the provider failed often enough to be tried only once in a while.
    pub fn is_degraded(self, patience: &Patience) -> bool {
        self.failures >= patience.failures
    }

    /// The streak after one more request.
    pub fn after(self, outcome: Outcome, now: Timestamp) -> Self {
        match outcome {
            Outcome::Answered => Self::default(),
            Outcome::Failed => Self { failures: self.failures.saturating_add(1), last: Some(now) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(60),
        failures: 6,
        degraded: Duration::from_secs(60),
    };

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_jitter_is_full() {
        let bounds: Vec<u64> = (1..=9).map(|failures| PATIENCE.pause(failures, 1.0).as_secs()).collect();
        assert_eq!(bounds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(PATIENCE.pause(5, 0.0), Duration::ZERO);
        assert_eq!(PATIENCE.pause(5, 0.25), Duration::from_secs(4));
        assert_eq!(PATIENCE.pause(u32::MAX, 1.0), Duration::from_secs(60));
    }

    #[test]
    fn six_failures_degrade_a_provider_and_one_answer_mends_it() {
        let mut streak = Streak::default();
        for n in 0..6 {
            assert_eq!(streak.wait(&PATIENCE, second(n)), None);
            streak = streak.after(Outcome::Failed, second(n));
        }
        assert!(streak.is_degraded(&PATIENCE));
        assert_eq!(streak.wait(&PATIENCE, second(5)), Some(Duration::from_secs(60)));
        assert_eq!(streak.wait(&PATIENCE, second(35)), Some(Duration::from_secs(30)));
        assert_eq!(streak.wait(&PATIENCE, second(65)), None);
        assert_eq!(streak.wait(&PATIENCE, second(-9000)), Some(Duration::from_secs(60)), "the clock was set back");
        streak = streak.after(Outcome::Failed, second(65));
        assert!(streak.wait(&PATIENCE, second(66)).is_some(), "one try a minute");
        assert_eq!(streak.after(Outcome::Answered, second(125)), Streak::default());
    }
}
