//! Local days and business hours, in seconds since 1970 (UTC).
//!
//! The simulation runs on whole seconds; the calendar is the only place that knows the time zone. Days have 23 or 25
//! hours where the zone says so.

use jiff::civil::{Date, ISOWeekDate, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;
pub(super) const WEEK: i64 = 7 * DAY;

/// How long before working hours the director begins.
pub(super) const DIRECTED_EARLY: i64 = 15 * MINUTE;

/// The desk closes its books once a year at this local hour, the first Monday of the ISO year: nobody looks then.
const ERA_STARTS_AT: i64 = 4 * 60;

/// One ISO year of the desk's life, from Monday 04:00 to Monday 04:00.
///
/// The desk solves everything by the end of an era and starts the next one empty, so a simulation never has to reach
/// back further than the start of the era before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Era(i16);

impl Era {
    /// The era that an instant lies in.
    pub(super) fn at(instant: i64, zone: &TimeZone) -> Self {
        let local = zone.to_datetime(timestamp(instant - ERA_STARTS_AT * MINUTE));
        Self(local.date().iso_week_date().year())
    }

    pub(super) fn previous(self) -> Self {
        Self(self.0 - 1)
    }

    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Two digits of the year and five of a running number: ids never meet another era's.
    pub(super) fn first_ticket_number(self) -> u64 {
        u64::from(self.0.unsigned_abs() % 100) * 100_000 + 1
    }

    pub(super) fn start(self, zone: &TimeZone) -> i64 {
        local(self.first_day(), ERA_STARTS_AT, zone)
    }

    fn first_day(self) -> Date {
        // Every year has an ISO week 1, and `Timeline` keeps eras far from the ends of the calendar.
        ISOWeekDate::new(self.0, 1, Weekday::Monday).map_or(date(1970, 1, 1), Date::from)
    }
}

/// A local day.
#[derive(Clone, Debug)]
pub(super) struct Day {
    /// Days since 1970-01-01, which names the day's random streams.
    pub(super) number: i64,
    /// Monday is 0.
    pub(super) weekday: usize,
    /// Local midnight.
    pub(super) start: i64,
    /// Local midnight of the next day.
    pub(super) end: i64,
    /// When each hour of the clock starts; only for a day on which the clock is put forward or back.
    hours: Option<Box<[i64; 24]>>,
}

impl Day {
    /// When the wall clock shows this minute of the day.
    pub(super) fn at(&self, minute: i64) -> i64 {
        match &self.hours {
            None => self.start + minute * MINUTE,
            Some(hours) => match hours.get((minute / 60) as usize) {
                Some(hour) => hour + minute % 60 * MINUTE,
                None => self.end,
            },
        }
    }

    /// The hour that the wall clock shows at an instant of this day.
    pub(super) fn hour(&self, instant: i64) -> usize {
        match &self.hours {
            None => ((instant - self.start) / HOUR).clamp(0, 23) as usize,
            Some(hours) => hours.iter().rposition(|start| *start <= instant).unwrap_or(0),
        }
    }

    pub(super) fn is_weekday(&self) -> bool {
        self.weekday < 5
    }

    /// 08:00 to 18:00 on weekdays, the hours in which a business clock runs.
    fn business(&self) -> Option<(i64, i64)> {
        self.is_weekday().then(|| (self.at(8 * 60), self.at(18 * 60)))
    }

    /// 08:30 to 17:30 on weekdays, the hours in which the director keeps the board lively.
    pub(super) fn working(&self) -> Option<(i64, i64)> {
        self.is_weekday().then(|| (self.at(8 * 60 + 30), self.at(17 * 60 + 30)))
    }
}

/// In which hours a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hours {
    All,
    Business,
}

/// The days of an era, with room on both sides.
#[derive(Debug)]
pub(super) struct Calendar {
    days: Vec<Day>,
}

/// Room before an era, and after it: its last tickets are kept for eight weeks.
const DAYS_BEFORE: i32 = 7;
const DAYS_AFTER: i32 = 12 * 7;

impl Calendar {
    pub(super) fn of(era: Era, zone: &TimeZone) -> Self {
        let first = era.first_day().saturating_sub(DAYS_BEFORE.days());
        let last = era.next().first_day().saturating_add(DAYS_AFTER.days());
        let days = first.series(1.day()).take_while(|date| *date <= last).map(|date| day(date, zone)).collect();
        Self { days }
    }

    /// The day an instant lies in; the first or the last one for instants beyond.
    pub(super) fn day(&self, instant: i64) -> &Day {
        &self.days[self.index(instant)]
    }

    pub(super) fn is_working(&self, instant: i64) -> bool {
        self.day(instant).working().is_some_and(|(open, close)| (open..close).contains(&instant))
    }

    /// Working hours as the director has them: everything is to be in place when they begin.
    pub(super) fn is_directed(&self, instant: i64) -> bool {
        self.is_working(instant) || self.is_working(instant + DIRECTED_EARLY)
    }

    /// The instant at which this many seconds of the clock's hours have passed.
    pub(super) fn add(&self, hours: Hours, from: i64, seconds: i64) -> i64 {
        if hours == Hours::All {
            return from + seconds;
        }
        let mut left = seconds;
        let mut last = from;
        for (open, close) in self.days[self.index(from)..].iter().filter_map(Day::business) {
            let open = open.max(from);
            if open >= close {
                continue;
            }
            if left <= close - open {
                return open + left;
            }
            left -= close - open;
            last = close;
        }
        last + left
    }

    /// How many seconds of the clock's hours lie between two instants.
    pub(super) fn between(&self, hours: Hours, from: i64, to: i64) -> i64 {
        if hours == Hours::All {
            return to - from;
        }
        self.days[self.index(from)..=self.index(to)]
            .iter()
            .filter_map(Day::business)
            .map(|(open, close)| (close.min(to) - open.max(from)).max(0))
            .sum()
    }

    fn index(&self, instant: i64) -> usize {
        let first = self.days[0].start;
        let last = self.days.len() - 1;
        let guess = ((instant - first) / DAY).clamp(0, last as i64) as usize;
        // A day of 23 or 25 hours puts the guess off by one at most.
        if instant < self.days[guess].start {
            guess.saturating_sub(1)
        } else if instant >= self.days[guess].end {
            (guess + 1).min(last)
        } else {
            guess
        }
    }
}

fn day(date: Date, zone: &TimeZone) -> Day {
    let start = local(date, 0, zone);
    let end = local(date.saturating_add(1.day()), 0, zone);
    let hours = (end - start != DAY).then(|| Box::new(std::array::from_fn(|hour| local(date, hour as i64 * 60, zone))));
    Day { number: start_of_utc_day(date), weekday: date.weekday().to_monday_zero_offset() as usize, start, end, hours }
}

fn start_of_utc_day(date: Date) -> i64 {
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_or(0, |at| at.as_second().div_euclid(DAY))
}

/// When the wall clock of a date shows this minute; a minute that the clock skips is taken as if it had not.
fn local(date: Date, minute: i64, zone: &TimeZone) -> i64 {
    let wall = date.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
    zone.to_ambiguous_timestamp(wall).compatible().map_or(0, |at| at.as_second())
}

/// Seconds back into an instant; `Timeline` keeps them in range.
pub(super) fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
