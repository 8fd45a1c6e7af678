//! Random numbers: one counter-based generator per stream and day.
//!
//! Each (seed, stream name, day) is its own ChaCha key, so a new stream, or one more draw in one of them, leaves all
//! others as they were.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1, StandardNormal};

/// Which stream: the names are part of the demo desk's identity, since renaming one changes its numbers.
#[derive(Clone, Copy)]
pub(super) struct Stream(&'static str);

impl Stream {
    pub(super) const DAY_FACTOR: Self = Self::named("day factor");
    pub(super) const ARRIVALS: Self = Self::named("arrivals");
    pub(super) const TICKET: Self = Self::named("ticket");
    pub(super) const BURST: Self = Self::named("burst");
    pub(super) const BURST_TICKET: Self = Self::named("burst ticket");
    pub(super) const ROTA: Self = Self::named("rota");
    pub(super) const BREAKS: Self = Self::named("breaks");
    pub(super) const HANDLING: Self = Self::named("handling");
    pub(super) const DIRECTOR: Self = Self::named("director");
    pub(super) const WAR_ROOM: Self = Self::named("war room");

    /// A stream's name fills what the seed and the day leave of a 32-byte key.
    const fn named(name: &'static str) -> Self {
        assert!(name.len() <= 16, "a stream's name has at most 16 bytes");
        Self(name)
    }

    /// The stream's generator for a day (days since 1970-01-01).
    pub(super) fn on(self, seed: u64, day: i64) -> Generator {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&day.to_le_bytes());
        key[16..16 + self.0.len()].copy_from_slice(self.0.as_bytes());
        Generator(ChaCha8Rng::from_seed(key))
    }

    /// The generator of the stream's nth object on a day.
    pub(super) fn of(self, seed: u64, day: i64, nth: u64) -> Generator {
        let mut generator = self.on(seed, day);
        generator.0.set_stream(nth);
        generator
    }
}

/// Draws from one stream.
pub(super) struct Generator(ChaCha8Rng);

impl Generator {
    /// Uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// True with this chance.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in whole seconds, both ends included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// An index below `length`, uniform.
    pub(super) fn index(&mut self, length: usize) -> usize {
        self.0.random_range(0..length)
    }

    /// An index with a chance in proportion to its weight.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (index, weight) in weights.enumerate() {
            last = index;
            if left < weight {
                break;
            }
            left -= weight;
        }
        last
    }

    /// Exponential with this mean.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        let unit: f64 = Exp1.sample(&mut self.0);
        unit * mean
    }

    /// Log-normal with this median and sigma.
    pub(super) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        let unit: f64 = StandardNormal.sample(&mut self.0);
        median * (unit * sigma).exp()
    }
}
