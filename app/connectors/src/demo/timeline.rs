//! Simulated time.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// How fast simulated time runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speed {
    /// As fast as real time.
    #[default]
    Real,
    /// Five times as fast.
    Five,
    /// Twenty times as fast.
    Twenty,
}

impl Speed {
    fn factor(self) -> i64 {
        match self {
            Self::Real => 1,
            Self::Five => 5,
            Self::Twenty => 20,
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
    /// "Show working hours": from an instant on, simulated time runs from 08:30 to 17:30 and on with 08:30 of the next
    /// working day, so a visitor at night or on a Sunday sees a busy board.
    WorkingHours {
        /// Simulated time starts here with 08:30 of the day, or of the next working day.
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

impl Pace {
    /// The simulated instant, in whole seconds, that a real one shows.
    pub(super) fn simulated(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let instant = match self {
            Self::RealTime => now.as_second(),
            Self::Faster { since, speed } => since.as_second().saturating_add(elapsed(since, now, speed)),
            Self::WorkingHours { since, speed } => {
                let elapsed = elapsed(since, now, speed);
                let day = working_day(zone.to_datetime(since).date(), elapsed.div_euclid(OPEN_SECONDS));
                let opening = day.at(OPENS.0, OPENS.1, 0, 0);
                let opening = zone.to_ambiguous_timestamp(opening).compatible().map_or(i64::MAX, Timestamp::as_second);
                opening.saturating_add(elapsed.rem_euclid(OPEN_SECONDS))
            }
        };
        let bound = |date: Date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_or(0, Timestamp::as_second);
        super::calendar::timestamp(instant.clamp(bound(FIRST), bound(LAST)))
    }
}

fn elapsed(since: Timestamp, now: Timestamp, speed: Speed) -> i64 {
    (now.as_millisecond() - since.as_millisecond()).saturating_mul(speed.factor()).div_euclid(1000)
}

/// The nth working day from a day on; the day itself is the 0th, or the Monday after it if it is a weekend.
fn working_day(from: Date, nth: i64) -> Date {
    let offset = i64::from(from.weekday().to_monday_zero_offset());
    let monday = from.saturating_sub(offset.days());
    let working_days = if matches!(from.weekday(), Weekday::Saturday | Weekday::Sunday) { 5 } else { offset } + nth;
    let days = working_days.div_euclid(5) * 7 + working_days.rem_euclid(5);
    monday.checked_add(days.clamp(-4_000_000, 4_000_000).days()).unwrap_or(LAST)
}
