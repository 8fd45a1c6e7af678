//! Simulated time.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use connectors::OwnTime;

/// How fast simulated time runs: 1, 5 or 20 in files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum Speed {
    /// As fast as real time.
    #[default]
    Real,
    /// Five times as fast.
    Five,
    /// Twenty times as fast.
    Twenty,
}

/// Not a speed of simulated time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the speed of simulated time is 1, 5 or 20")]
pub struct NoSpeed;

impl From<Speed> for u16 {
    fn from(speed: Speed) -> Self {
        match speed {
            Speed::Real => 1,
            Speed::Five => 5,
            Speed::Twenty => 20,
        }
    }
}

impl TryFrom<u16> for Speed {
    type Error = NoSpeed;

    fn try_from(factor: u16) -> Result<Self, NoSpeed> {
        match factor {
            1 => Ok(Self::Real),
            5 => Ok(Self::Five),
            20 => Ok(Self::Twenty),
            _ => Err(NoSpeed),
        }
    }
}

/// How real time becomes simulated time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Simulated time is real time.
    #[default]
    RealTime,
    /// From an instant on, simulated time runs faster.
    Faster {
        /// Real and simulated time are the same here.
        since: Timestamp,
        /// How fast.
        speed: Speed,
    },
    /// "Show working hours": from an instant on, simulated time runs from 10:30 to 17:30 and on with 08:30 of the next
    /// working day, so a visitor at night or on a Sunday sees a busy board.
    WorkingHours {
        /// Simulated time starts here with 10:30 of the day, or of the next working day: by then there is something of
        /// the day to see.
        since: Timestamp,
        /// How fast.
        speed: Speed,
    },
}

/// Simulated instants are kept between these years, so that no calendar arithmetic can leave its range.
const FIRST: Date = date(1971, 1, 1);
const LAST: Date = date(9000, 1, 1);

const OPENS: (i8, i8) = (8, 30);
const OPEN_SECONDS: i64 = 9 * 3600;
/// What of the first working day has passed when it is chosen.
const PASSED: i64 = 2 * 3600;

impl Pace {
    /// The simulated instant, in whole seconds, that a real one shows.
    pub fn simulated(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let instant = match self.own_time(now, zone) {
            None => now.as_second(),
            Some(OwnTime { at, shows, speed }) => shows.as_second().saturating_add(elapsed(at, now, speed)),
        };
        let bound = |date: Date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_or(0, Timestamp::as_second);
        super::calendar::timestamp(instant.clamp(bound(FIRST), bound(LAST)))
    }

    /// How simulated time runs at a real instant, where it is not real time.
    pub(super) fn own_time(self, now: Timestamp, zone: &TimeZone) -> Option<OwnTime> {
        match self {
            Self::RealTime => None,
            Self::Faster { since, speed } => Some(OwnTime { at: since, shows: since, speed: speed.into() }),
            Self::WorkingHours { since, speed } => {
                let speed = u16::from(speed);
                let days = (elapsed(since, now, speed) + PASSED).div_euclid(OPEN_SECONDS);
                let day = working_day(zone.to_datetime(since).date(), days);
                let opening = zone.to_ambiguous_timestamp(day.at(OPENS.0, OPENS.1, 0, 0)).compatible();
                // Every speed divides a working day, and what of it has passed.
                let begun = SignedDuration::from_secs((days.saturating_mul(OPEN_SECONDS) - PASSED) / i64::from(speed));
                Some(OwnTime {
                    at: since.saturating_add(begun).unwrap_or(Timestamp::MAX),
                    shows: opening.unwrap_or(Timestamp::MAX),
                    speed,
                })
            }
        }
    }
}

fn elapsed(since: Timestamp, now: Timestamp, speed: u16) -> i64 {
    (now.as_millisecond() - since.as_millisecond()).saturating_mul(speed.into()).div_euclid(1000)
}

/// The nth working day from a day on; the day itself is the 0th, or the Monday after it if it is a weekend.
fn working_day(from: Date, nth: i64) -> Date {
    let offset = i64::from(from.weekday().to_monday_zero_offset());
    let monday = from.saturating_sub(offset.days());
    let working_days = if matches!(from.weekday(), Weekday::Saturday | Weekday::Sunday) { 5 } else { offset } + nth;
    let days = working_days.div_euclid(5) * 7 + working_days.rem_euclid(5);
    monday.checked_add(days.clamp(-4_000_000, 4_000_000).days()).unwrap_or(LAST)
}
