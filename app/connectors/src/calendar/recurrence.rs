//! When a rule has something begin, as the clock on the wall shows it.

use calcard::{
    common::{PartialDateTime, timezone::Tz},
    icalendar::{
        ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarFrequency, ICalendarProperty,
        ICalendarRecurrenceRule, ICalendarValue,
    },
};
use chrono::{Datelike, Timelike};
use jiff::civil::{Date, DateTime, Time, date};

use super::{
    Reason, Unreadable,
    event::{When, offset, wall},
};

/// Rules that are followed at most. One that nothing ever fulfils takes some ten milliseconds.
const MAX_RULES: usize = 64;

/// Occurrences that are followed at most, counted from where each rule begins.
const MAX_OCCURRENCES: usize = 100_000;

/// Times of a day at which one rule may have something begin.
const MAX_TIMES: usize = 24;

/// A rule that begins earlier is none of a rota, and dear to follow.
const EARLIEST: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// How much is followed of one feed.
#[derive(Debug)]
pub(super) struct Budget {
    rules: usize,
    occurrences: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { rules: MAX_RULES, occurrences: MAX_OCCURRENCES }
    }
}

/// Why a rule is not followed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// This one is none.
    Event(Reason),
    /// The feed asks too much.
    Feed(Unreadable),
}

/// Every beginning from `start` up to and including `last`, in the zone of `start`.
///
/// The rule is followed on a clock that never changes; what each time means where clocks do is then the zone's to say.
pub(super) fn beginnings(
    rule: &ICalendarRecurrenceRule,
    start: &When,
    last: DateTime,
    budget: &mut Budget,
) -> Result<Vec<DateTime>, Stop> {
    if start.wall < EARLIEST || !is_of_a_rota(rule) {
        return Err(Stop::Event(Reason::Rule));
    }
    budget.rules = budget.rules.checked_sub(1).ok_or(Stop::Feed(TOO_MANY_RULES))?;
    let last = match &rule.until {
        Some(until) => last.min(end_of(until, start).ok_or(Stop::Event(Reason::Rule))?),
        None => last,
    };
    if last < start.wall {
        return Ok(Vec::new());
    }
    let rule = ICalendarRecurrenceRule { until: Some(told(last)), ..rule.clone() };
    let expanded = series(start.wall, rule).expand_dates(Tz::Floating, budget.occurrences);
    if !expanded.errors.is_empty() {
        return Err(Stop::Event(Reason::Rule));
    }
    budget.occurrences = budget.occurrences.saturating_sub(expanded.events.len());
    if budget.occurrences == 0 {
        return Err(Stop::Feed(TOO_MANY_OCCURRENCES));
    }
    expanded
        .events
        .iter()
        .map(|event| civil(&event.start.naive_local()))
        .collect::<Option<_>>()
        .ok_or(Stop::Event(Reason::Rule))
}

const TOO_MANY_RULES: Unreadable = Unreadable::TooMuch { what: "recurring events", limit: MAX_RULES };
const TOO_MANY_OCCURRENCES: Unreadable = Unreadable::TooMuch { what: "occurrences", limit: MAX_OCCURRENCES };

/// Whether a rule recurs by days or more, a few times a day at most, in the calendar that everybody has.
fn is_of_a_rota(rule: &ICalendarRecurrenceRule) -> bool {
    use ICalendarFrequency::{Daily, Monthly, Weekly, Yearly};
    let times = [&rule.byhour, &rule.byminute, &rule.bysecond].map(|list| list.len().max(1)).iter().product::<usize>();
    matches!(rule.freq, Daily | Weekly | Monthly | Yearly) && times <= MAX_TIMES && rule.rscale.is_none()
}

/// The last wall-clock time that UNTIL admits: a day to its end, an instant as the zone of the series shows it.
fn end_of(until: &PartialDateTime, start: &When) -> Option<DateTime> {
    let told = wall(until)?;
    match offset(until) {
        _ if until.hour.is_none() => Some(told.date().to_datetime(Time::constant(23, 59, 59, 0))),
        Some(offset) => Some(start.zone.to_datetime(offset.to_timestamp(told).ok()?)),
        None => Some(told),
    }
}

/// A calendar of this series alone.
fn series(start: DateTime, rule: ICalendarRecurrenceRule) -> ICalendar {
    let entry = |property, value| ICalendarEntry::new(property).with_values(vec![value]);
    let event = ICalendarComponent {
        component_type: ICalendarComponentType::VEvent,
        entries: vec![
            entry(ICalendarProperty::Dtstart, ICalendarValue::PartialDateTime(Box::new(told(start)))),
            entry(ICalendarProperty::Rrule, ICalendarValue::RecurrenceRule(Box::new(rule))),
        ],
        component_ids: Vec::new(),
    };
    ICalendar { components: vec![event] }
}

/// A wall-clock time in calcard's form. [`When`] sees to it that years have four digits.
fn told(at: DateTime) -> PartialDateTime {
    PartialDateTime {
        year: Some(at.year().unsigned_abs()),
        month: Some(at.month().unsigned_abs()),
        day: Some(at.day().unsigned_abs()),
        hour: Some(at.hour().unsigned_abs()),
        minute: Some(at.minute().unsigned_abs()),
        second: Some(at.second().unsigned_abs()),
        ..PartialDateTime::default()
    }
}

fn civil(at: &chrono::NaiveDateTime) -> Option<DateTime> {
    let small = |number: u32| i8::try_from(number).ok();
    let date = Date::new(at.year().try_into().ok()?, small(at.month())?, small(at.day())?).ok()?;
    Some(date.to_datetime(Time::new(small(at.hour())?, small(at.minute())?, small(at.second())?, 0).ok()?))
}
