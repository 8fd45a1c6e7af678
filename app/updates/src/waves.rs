//! Update waves, as Bottlerocket has them: every device has a seed, and each wave reaches a share of all seeds.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many seeds there are.
pub const SEEDS: u16 = 2048;
/// The most waves of a release.
const MAX_WAVES: usize = 16;
/// The latest wave: half a year.
const MAX_HOURS: u32 = 24 * 183;

/// A device's place among all, drawn once: 0 to 2047.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Seed(u16);

/// A share of all devices, and when its turn begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// How many of a hundred devices have had their turn with this wave, those of earlier waves among them: 1 to 100.
    pub percent: u8,
    /// Hours after the release was published.
    pub hours: u32,
}

/// The waves of a release: shares and hours grow, and the last one reaches everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Wave>", into = "Vec<Wave>")]
pub struct Waves(Vec<Wave>);

/// Waves that do not reach everybody one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavesError {
    /// There is none.
    #[error("there is no wave")]
    None,
    /// There are too many.
    #[error("there are {0} waves; {MAX_WAVES} are the most")]
    TooMany(usize),
    /// A wave reaches nobody new, or more than everybody.
    #[error("a wave's percent are more than those of the wave before it, and at most 100")]
    Share,
    /// A wave begins before the one that precedes it, or too late.
    #[error("a wave's hours are not fewer than those of the wave before it, and at most {MAX_HOURS}")]
    Hours,
    /// Some are never reached.
    #[error("the last wave reaches 100 percent")]
    Last,
}

/// A number that is no [`Seed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no seed: they are 0 to 2047")]
pub struct NoSeed(u16);

impl Seed {
    /// From random bits.
    #[must_use]
    pub const fn draw(random: u16) -> Self {
        // 2048 divides 65536: every seed is as likely.
        Self(random % SEEDS)
    }
}

impl Waves {
    /// Everybody at once.
    #[must_use]
    pub fn at_once() -> Self {
        Self(vec![Wave { percent: 100, hours: 0 }])
    }

    /// When the turn of a seed begins, for a release of that instant.
    #[must_use]
    pub fn eligible_at(&self, seed: Seed, published_at: Timestamp) -> Timestamp {
        let reaches = |wave: &&Wave| u32::from(seed.0) * 100 < u32::from(wave.percent) * u32::from(SEEDS);
        let hours = self.0.iter().find(reaches).map_or(MAX_HOURS, |wave| wave.hours);
        published_at.saturating_add(SignedDuration::from_hours(hours.into())).unwrap_or(Timestamp::MAX)
    }
}

impl TryFrom<Vec<Wave>> for Waves {
    type Error = WavesError;

    fn try_from(waves: Vec<Wave>) -> Result<Self, WavesError> {
        if waves.len() > MAX_WAVES {
            return Err(WavesError::TooMany(waves.len()));
        }
        let (mut percent, mut hours) = (0, 0);
        for wave in &waves {
            if wave.percent <= percent || wave.percent > 100 {
                return Err(WavesError::Share);
            }
            if wave.hours < hours || wave.hours > MAX_HOURS {
                return Err(WavesError::Hours);
            }
            (percent, hours) = (wave.percent, wave.hours);
        }
        match waves.last() {
            None => Err(WavesError::None),
            Some(Wave { percent: 100, .. }) => Ok(Self(waves)),
            Some(_) => Err(WavesError::Last),
        }
    }
}

impl From<Waves> for Vec<Wave> {
    fn from(waves: Waves) -> Self {
        waves.0
    }
}

impl TryFrom<u16> for Seed {
    type Error = NoSeed;

    fn try_from(number: u16) -> Result<Self, NoSeed> {
        if number < SEEDS { Ok(Self(number)) } else { Err(NoSeed(number)) }
    }
}

impl From<Seed> for u16 {
    fn from(seed: Seed) -> Self {
        seed.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;

    fn waves(list: &[(u8, u32)]) -> Result<Waves, WavesError> {
        list.iter().map(|&(percent, hours)| Wave { percent, hours }).collect::<Vec<_>>().try_into()
    }

    #[test]
    fn waves_that_leave_somebody_out_or_go_backwards_are_refused() {
        assert_eq!(waves(&[]), Err(WavesError::None));
        assert_eq!(waves(&[(50, 0)]), Err(WavesError::Last));
        assert_eq!(waves(&[(50, 0), (50, 1), (100, 2)]), Err(WavesError::Share));
        assert_eq!(waves(&[(0, 0), (100, 2)]), Err(WavesError::Share));
        assert_eq!(waves(&[(101, 0)]), Err(WavesError::Share));
        assert_eq!(waves(&[(5, 2), (100, 1)]), Err(WavesError::Hours));
        assert_eq!(waves(&[(100, MAX_HOURS + 1)]), Err(WavesError::Hours));
        let many: Vec<_> = (1..=17).map(|n| (n, 0)).collect();
        assert_eq!(waves(&many), Err(WavesError::TooMany(17)));
    }

    #[test]
    fn each_wave_reaches_its_share_of_all_seeds() {
        let waves = waves(&[(1, 0), (25, 12), (100, 48)]).unwrap();
        let of = |hours: i64| {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
            (0..SEEDS).filter(|&seed| waves.eligible_at(Seed(seed), Timestamp::UNIX_EPOCH) == at).count()
        };
        assert_eq!([of(0), of(12), of(48)], [21, 491, 1536]);
    }

    proptest! {
        #[test]
        fn a_lower_seed_never_comes_later(
            list in prop::collection::btree_map(1_u8..100, 0_u32..1000, 0..8),
            one in 0..SEEDS, other in 0..SEEDS,
        ) {
            let mut hours: Vec<_> = list.values().copied().chain([1000]).collect();
            hours.sort_unstable();
            let waves = waves(&list.keys().copied().chain([100]).zip(hours).collect::<Vec<_>>()).unwrap();
            let at = |seed: u16| waves.eligible_at(Seed(seed), Timestamp::UNIX_EPOCH);
            let (low, high) = (one.min(other), one.max(other));
            prop_assert!(at(low) <= at(high));
            prop_assert!(at(high) <= Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1000));
        }
    }
}
