//! The on-call calendar: an iCalendar feed (RFC 5545) read into shifts. Reading has no I/O and no clock of its own; a
//! [`Subscription`] fetches the feed.
//!
//! Content lines, typed values and recurrence rules are calcard's. What rotas depend on and feeds differ in is ours: which
//! events replace which (`series`), wall-clock times with jiff's zones (`zones`), and the words (`wording`).
//!
//! A feed is foreign: how many events, rules and occurrences it may hold is bounded, so that none can take the server's
//! time or memory. What a feed says that cannot be understood is counted by its reason ([`Calendar::left_out`]), never quoted.

mod event;
mod recurrence;
mod series;
mod subscription;
#[cfg(test)]
mod tests;
mod wording;
mod zones;

use std::{collections::BTreeMap, fmt};

use calcard::{
    Entry, Parser,
    icalendar::{ICalendar, ICalendarComponentType},
};
use desk::Window;
use jiff::{Timestamp, tz::TimeZone};

use event::Event;
use recurrence::Budget;
pub use subscription::{NotRead, Subscription};
use zones::Zones;

/// Events that are read at most. A rota of ten years by the day has fewer.
const MAX_EVENTS: usize = 5_000;

/// Who is on call when, within the window that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// By start.
    shifts: Vec<Shift>,
    left_out: BTreeMap<Reason, usize>,
}

/// One person's duty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// When it begins.
    pub start: Timestamp,
    /// The first instant at which it is over.
    pub end: Timestamp,
    /// As what: "Primary". What sorts first is asked first.
    pub role: Option<String>,
    /// Who.
    pub name: String,
}

/// Why an event yields no shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It names a time zone that is neither known nor described in the feed.
    Zone,
    /// It has no start, or its times contradict each other.
    Times,
    /// It recurs by the hour or faster, many times a day, since before 1970, or by no rule of RFC 5545.
    Rule,
    /// It does not say who.
    Nameless,
}

/// Why a feed yields nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not what it should be.
    #[error("the feed is no iCalendar; check that its address is the one for subscribing, which often ends in .ics")]
    NoCalendar,
    /// It ends in the middle.
    #[error("the feed ends in the middle of an event")]
    CutShort,
    /// More than is read.
    #[error("the feed holds more than {limit} {what}; subscribe to a calendar of the rota alone")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How much is read.
        limit: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zone => "the time zone is not known, and the feed does not describe it",
            Self::Times => "the times are missing or contradict each other",
            Self::Rule => "the recurrence is none of days, weeks, months or years",
            Self::Nameless => "there is no name",
        })
    }
}

impl Calendar {
    /// Reads the shifts of a feed that touch a window. Times without a zone, and whole days, are in `zone`.
    ///
    /// # Errors
    /// It is no calendar, or more than one.
    pub fn read(feed: &str, zone: &TimeZone, window: Window) -> Result<Self, Unreadable> {
        let mut calendar = Self::default();
        let mut budget = Budget::new();
        for parsed in calendars(feed)? {
            let mut zones = Zones::new(&parsed, zone);
            let events = parsed.components.iter().filter(|one| one.component_type == ICalendarComponentType::VEvent);
            let mut read = Vec::new();
            for component in events {
                match Event::read(component, &mut zones) {
                    Ok(event) => read.push(event),
                    Err(reason) => *calendar.left_out.entry(reason).or_default() += 1,
                }
                if read.len() > MAX_EVENTS {
                    return Err(Unreadable::TooMuch { what: "events", limit: MAX_EVENTS });
                }
            }
            series::shifts(read, window, &mut budget, &mut calendar)?;
        }
        calendar.shifts.sort();
        calendar.shifts.dedup();
        Ok(calendar)
    }

    /// Who is on call at an instant, first whoever is asked first.
    pub fn on_call(&self, at: Timestamp) -> Vec<&Shift> {
        let mut now: Vec<_> = self.shifts.iter().filter(|shift| shift.start <= at && at < shift.end).collect();
        // "Primary" before "Secondary", "Level 1" before "Level 2"; of two alike the later start, which is the swap.
        now.sort_by(|a, b| {
            (a.role.is_none(), &a.role, b.start, &a.name).cmp(&(b.role.is_none(), &b.role, a.start, &b.name))
        });
        now
    }

    /// Who is on call next: the first to begin after an instant, with the role if one is given and anybody has it.
    pub fn next(&self, after: Timestamp, role: Option<&str>) -> Option<&Shift> {
        let coming = || self.shifts.iter().filter(move |shift| shift.start > after);
        coming().find(|shift| role.is_some() && shift.role.as_deref() == role).or_else(|| coming().next())
    }

    /// How many events yielded nothing, by reason.
    pub fn left_out(&self) -> &BTreeMap<Reason, usize> {
        &self.left_out
    }

    fn leave_out(&mut self, reason: Reason) {
        *self.left_out.entry(reason).or_default() += 1;
    }
}

/// Every VCALENDAR of a feed; there is one, but RFC 5545 allows more.
fn calendars(feed: &str) -> Result<Vec<ICalendar>, Unreadable> {
    let is_whole = feed.trim_end().to_ascii_uppercase().ends_with("END:VCALENDAR");
    let mut parser = Parser::new(feed);
    let mut calendars = Vec::new();
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) if is_calendar(&calendar) => calendars.push(calendar),
            Entry::UnterminatedComponent(_) => return Err(Unreadable::CutShort),
            Entry::TooManyComponents => return Err(Unreadable::TooMuch { what: "events", limit: MAX_EVENTS }),
            Entry::Eof if calendars.is_empty() => return Err(Unreadable::NoCalendar),
            Entry::Eof if !is_whole => return Err(Unreadable::CutShort),
            Entry::Eof => return Ok(calendars),
            _ => {}
        }
    }
}

fn is_calendar(calendar: &ICalendar) -> bool {
    calendar.components.first().is_some_and(|first| first.component_type == ICalendarComponentType::VCalendar)
}
