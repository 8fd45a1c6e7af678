//! Business hours: how much working time lies between two instants.

use std::collections::BTreeSet;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use crate::moment::{Window, at_wall_clock};

/// Opening hours of a desk, week by week, with days on which it stays closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    zone: TimeZone,
    /// Monday first.
    week: [Vec<Hours>; 7],
    holidays: BTreeSet<Date>,
}

/// One stretch of opening hours within a day, in minutes since midnight; the end may be 1440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    from: u16,
    to: u16,
}

/// Opening hours that make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// A stretch ends before it starts, or after the day.
    #[error(
        "business hours from minute {from} to minute {to} of a day: the end must be later than the start and at most 1440"
    )]
    Backwards {
        /// Minute at which it starts.
        from: u16,
        /// Minute at which it ends.
        to: u16,
    },
    /// Two stretches of one day overlap, or are not in order.
    #[error("the business hours of {day:?} overlap or are not in order; list each stretch once, earliest first")]
    Overlap {
        /// The day.
        day: Weekday,
    },
}

const MINUTES_PER_DAY: u16 = 24 * 60;

/// So many days are looked at, ten years: a provider can name any date, and nothing on a board takes longer.
const LONGEST: i32 = 3653;

impl Hours {
    /// From one minute of the day to another.
    ///
    /// # Errors
    /// The end is not later than the start, or later than the day.
    pub fn new(from: u16, to: u16) -> Result<Self, ScheduleError> {
        if from < to && to <= MINUTES_PER_DAY {
            Ok(Self { from, to })
        } else {
            Err(ScheduleError::Backwards { from, to })
        }
    }
}

impl Schedule {
    /// Opening hours for each day, Monday first, in the zone in which they are meant.
    ///
    /// # Errors
    /// The stretches of a day overlap or are not in order.
    pub fn new(zone: TimeZone, week: [Vec<Hours>; 7], holidays: BTreeSet<Date>) -> Result<Self, ScheduleError> {
        for (hours, day) in week.iter().zip(Weekday::Monday.cycle_forward()) {
            if hours.windows(2).any(|pair| pair[0].to > pair[1].from) {
                return Err(ScheduleError::Overlap { day });
            }
        }
        Ok(Self { zone, week, holidays })
    }

    /// The same hours on Monday to Friday, closed at the weekend.
    pub fn weekdays(zone: TimeZone, hours: Hours) -> Self {
        let week = std::array::from_fn(|day| if day < 5 { vec![hours] } else { Vec::new() });
        Self { zone, week, holidays: BTreeSet::new() }
    }

    /// Whether the desk is open at an instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.opening(self.zone.to_datetime(at).date()).any(|open| open.contains(at))
    }

    /// Seconds of opening hours from one instant to another; 0 if the second is not later. After ten years it counts
    /// no further.
    pub fn elapsed(&self, from: Timestamp, to: Timestamp) -> u64 {
        if from >= to {
            return 0;
        }
        let mut day = self.zone.to_datetime(from).date();
        let last = self.zone.to_datetime(to).date().min(day.saturating_add(LONGEST.days()));
        let mut seconds = 0;
        while day <= last {
            for open in self.opening(day) {
                seconds += seconds_between(open.start.max(from), open.end.min(to));
            }
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        seconds
    }

    /// Seconds of opening hours of the local day of `at`: in all, and until then.
    pub fn day_so_far(&self, at: Timestamp) -> (u64, u64) {
        let mut whole = 0;
        let mut so_far = 0;
        for open in self.opening(self.zone.to_datetime(at).date()) {
            whole += seconds_between(open.start, open.end);
            so_far += seconds_between(open.start, open.end.min(at));
        }
        (whole, so_far)
    }

    fn opening(&self, day: Date) -> impl Iterator<Item = Window> {
        let index = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
        let hours: &[Hours] = if self.holidays.contains(&day) { &[] } else { &self.week[index] };
        hours.iter().map(move |hours| Window { start: self.at(day, hours.from), end: self.at(day, hours.to) })
    }

    fn at(&self, day: Date, minute: u16) -> Timestamp {
        let (day, minute) =
            if minute == MINUTES_PER_DAY { (day.tomorrow().unwrap_or(Date::MAX), 0) } else { (day, minute) };
        let time = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).unwrap_or(Time::MAX);
        at_wall_clock(&self.zone, day.to_datetime(time))
    }
}

/// Whole seconds from one instant to another; 0 if the second is not later.
pub(crate) fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0)
}
