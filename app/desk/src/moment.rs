//! Instants and the windows that metrics look at, in a board's time zone (panel catalogue, section 1.2).

use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned, civil::DateTime, tz::TimeZone};

/// A stretch of time: from `start`, up to but not including `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// First instant that belongs to it.
    pub start: Timestamp,
    /// First instant that no longer belongs to it.
    pub end: Timestamp,
}

impl Window {
    /// Whether `at` lies in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }

    /// Its last instant.
    pub fn last(&self) -> Timestamp {
        self.end.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MIN)
    }
}

/// An instant in a board's time zone, from which days, hours and comparisons follow.
///
/// A day is a calendar day of the zone and can have 23 or 25 hours; a week ago is the same
/// wall-clock time seven calendar days earlier.
#[derive(Clone, Debug)]
pub struct Moment {
    local: Zoned,
}

impl Moment {
    /// `now`, told in `zone`.
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self { local: now.to_zoned(zone) }
    }

    /// The instant itself.
    pub fn now(&self) -> Timestamp {
        self.local.timestamp()
    }

    /// The instant as wall-clock time.
    pub fn local(&self) -> &Zoned {
        &self.local
    }

    /// From local midnight up to and including now.
    pub fn today(&self) -> Window {
        Window { start: self.midnight(0), end: after(self.now()) }
    }

    /// From local midnight to the next.
    pub fn whole_day(&self) -> Window {
        let date = self.local.date();
        let next = date.tomorrow().unwrap_or(date).to_datetime(jiff::civil::Time::midnight());
        Window { start: self.midnight(0), end: self.at_wall_clock(next) }
    }

    /// The same weekday one week earlier, from midnight to the same wall-clock time.
    pub fn week_ago(&self) -> Window {
        let end = self.at_wall_clock(self.days_before(7));
        Window { start: self.midnight(7), end: after(end) }
    }

    /// Today and the days before it, `days` calendar days in all, up to and including now.
    pub fn last_days(&self, days: u16) -> Window {
        Window { start: self.midnight(days.saturating_sub(1)), end: after(self.now()) }
    }

    /// The hours of today that have begun, each as a window; the last one ends with now.
    pub fn hours_today(&self) -> Vec<Window> {
        let today = self.today();
        let mut hours = Vec::with_capacity(25);
        let mut start = today.start;
        while start < today.end {
            let end = start.saturating_add(SignedDuration::from_hours(1)).map_or(today.end, |end| end.min(today.end));
            hours.push(Window { start, end });
            start = end;
        }
        hours
    }

    /// How many hours today has in all, of which the last one may be shorter.
    pub fn hours_of_day(&self) -> u16 {
        const HOUR: i64 = 3600;
        let day = self.whole_day();
        u16::try_from((day.end.duration_since(day.start).as_secs() + HOUR - 1) / HOUR).unwrap_or(0)
    }

    /// The instants of this weekday and hour in each of the `weeks` past weeks, every five minutes.
    pub fn same_hour_in_past_weeks(&self, weeks: u16) -> Vec<Timestamp> {
        let mut instants = Vec::with_capacity(usize::from(weeks) * 12);
        for week in 1..=weeks {
            let day = self.days_before(week * 7);
            for five_minutes in 0..12 {
                let time = jiff::civil::time(day.hour(), five_minutes * 5, 0, 0);
                instants.push(self.at_wall_clock(day.date().to_datetime(time)));
            }
        }
        instants
    }

    /// This wall-clock time `days` calendar days earlier.
    fn days_before(&self, days: u16) -> DateTime {
        self.local.datetime().checked_sub(i32::from(days).days()).unwrap_or(DateTime::MIN)
    }

    /// Local midnight, or the first instant of the day where midnight does not exist, `days` days ago.
    fn midnight(&self, days: u16) -> Timestamp {
        self.at_wall_clock(self.days_before(days).date().to_datetime(jiff::civil::Time::midnight()))
    }

    fn at_wall_clock(&self, wall_clock: DateTime) -> Timestamp {
        at_wall_clock(self.local.time_zone(), wall_clock)
    }
}

/// The instant of a wall-clock time; the earlier one where it comes twice, the one as long after the
/// gap where it does not exist (RFC 5545).
pub(crate) fn at_wall_clock(zone: &TimeZone, wall_clock: DateTime) -> Timestamp {
    zone.to_ambiguous_timestamp(wall_clock).compatible().unwrap_or(Timestamp::MIN)
}

fn after(at: Timestamp) -> Timestamp {
    at.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MAX)
}
