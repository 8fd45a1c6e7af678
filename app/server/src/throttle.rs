//! How often strangers may try.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::access::Neighbourhood;

/// A throttle by address, under a ceiling for all: whoever rotates addresses gains nothing.
pub(crate) struct Throttle {
    by_address: DefaultKeyedRateLimiter<Neighbourhood>,
    all: DefaultDirectRateLimiter,
    /// What is left for known addresses once all others have used up the ceiling.
    reserve: Option<DefaultDirectRateLimiter>,
}

/// So many at once, and one more each time the period passes.
struct Allowance {
    burst: u32,
    period: Duration,
}

fn every(burst: u32, period: Duration) -> Allowance {
    Allowance { burst, period }
}

impl Allowance {
    fn quota(&self) -> Quota {
        let burst = NonZeroU32::new(self.burst).unwrap_or(NonZeroU32::MIN);
        Quota::with_period(self.period).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst)
    }

    /// So many times as often.
    fn times(&self, number: u32) -> Self {
        let number = number.max(1);
        Self { burst: self.burst.saturating_mul(number), period: self.period / number }
    }
}

impl Throttle {
    fn new(by_address: &Allowance, all: &Allowance) -> Self {
        Self {
            by_address: RateLimiter::keyed(by_address.quota()),
            all: RateLimiter::direct(all.quota()),
            reserve: None,
        }
    }

    fn with_reserve(self, reserve: &Allowance) -> Self {
        Self { reserve: Some(RateLimiter::direct(reserve.quota())), ..self }
    }

    /// How often the log tells of strangers.
    pub(crate) fn of_lines() -> Self {
        Self::new(&every(1, Duration::from_secs(60)), &every(10, Duration::from_secs(6)))
    }

    /// Takes one try.
    ///
    /// # Errors
    /// There is none left; the time until there is.
    pub(crate) fn take(&self, address: IpAddr) -> Result<(), Duration> {
        self.take_as(address, false)
    }

    /// Takes one try of somebody whose address is known for good, or is not: who tries from anywhere cannot use up what is
    /// in reserve for the former.
    ///
    /// # Errors
    /// There is none left; the time until there is.
    pub(crate) fn take_as(&self, address: IpAddr, is_known: bool) -> Result<(), Duration> {
        let clock = DefaultClock::default();
        // By address first: who is refused there does not use up what is left for others.
        self.by_address.check_key(&address.into()).map_err(|wait| wait.wait_time_from(clock.now()))?;
        let refused = match self.all.check() {
            Ok(()) => return Ok(()),
            Err(refused) => refused.wait_time_from(clock.now()),
        };
        match &self.reserve {
            Some(reserve) if is_known => reserve.check().map_err(|_| refused),
            _ => Err(refused),
        }
    }

    fn forget_old(&self) {
        self.by_address.retain_recent();
        self.by_address.shrink_to_fit();
    }
}

/// The throttles of this server.
pub(crate) struct Throttles {
    /// Passwords and setup codes.
    pub(crate) sign_in: Throttle,
    /// View passcodes.
    pub(crate) passcode: Throttle,
    /// The password once more, of who is signed in: strangers cannot use this up.
    pub(crate) password: Throttle,
    /// Opening a pairing.
    pub(crate) pairings: Throttle,
    /// Joining by an access link.
    pub(crate) links: Throttle,
    /// Nonces and tokens: a whole fleet behind one address comes back at once after a restart.
    pub(crate) tokens: Throttle,
}

impl Throttles {
    /// The usual ones, so many times as patient.
    pub(crate) fn new(patience: u32) -> Self {
        let by = |address: Allowance, all: Allowance| Throttle::new(&address.times(patience), &all.times(patience));
        let guesses = || by(every(8, Duration::from_secs(15)), every(60, Duration::from_secs(2)));
        Self {
            sign_in: guesses().with_reserve(&every(20, Duration::from_secs(6))),
            passcode: guesses(),
            password: guesses(),
            pairings: by(every(20, Duration::from_secs(15)), every(500, Duration::from_millis(200))),
            // No key can be guessed; this bounds what a stranger makes the server compute and log.
            links: by(every(20, Duration::from_secs(5)), every(500, Duration::from_millis(200))),
            tokens: by(every(2_000, Duration::from_millis(20)), every(20_000, Duration::from_millis(2))),
        }
    }

    /// Forgets addresses that have not tried for long.
    pub(crate) fn forget_old(&self) {
        for throttle in [&self.sign_in, &self.passcode, &self.password, &self.pairings, &self.links, &self.tokens] {
            throttle.forget_old();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttle() -> Throttle {
        let hour = Duration::from_secs(3600);
        Throttle::new(&Allowance { burst: 2, period: hour }, &Allowance { burst: 3, period: hour })
    }

    #[test]
    fn an_address_has_so_many_tries() {
        let throttle = throttle();
        let address = "192.0.2.1".parse().unwrap();
        assert!(throttle.take(address).is_ok() && throttle.take(address).is_ok());
        assert!(throttle.take(address).unwrap_err() > Duration::from_secs(3000));
        assert!(throttle.take("192.0.2.2".parse().unwrap()).is_ok());
    }

    #[test]
    fn what_is_in_reserve_is_for_known_addresses_and_within_a_bound() {
        let hour = Duration::from_secs(3600);
        let throttle = throttle().with_reserve(&Allowance { burst: 2, period: hour });
        let take = |number: u32, is_known| throttle.take_as(format!("192.0.2.{number}").parse().unwrap(), is_known);
        assert_eq!((1..=9).filter(|number| take(*number, false).is_ok()).count(), 3);
        assert_eq!((11..=19).filter(|number| take(*number, true).is_ok()).count(), 2);
        assert!(take(20, true).is_err());
    }

    #[test]
    fn rotating_addresses_buys_nothing() {
        let throttle = throttle();
        let tries = (1..=9).filter(|n| throttle.take(format!("192.0.2.{n}").parse().unwrap()).is_ok()).count();
        assert_eq!(tries, 3);
        let throttle = self::throttle();
        let tries = (1..=9).filter(|n| throttle.take(format!("2001:db8::{n}").parse().unwrap()).is_ok()).count();
        assert_eq!(tries, 2);
    }
}
