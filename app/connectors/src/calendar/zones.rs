//! Time zones by the names that calendars give them.

use std::{collections::HashMap, str::FromStr};

use calcard::{
    common::timezone::Tz,
    icalendar::{
        ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarFrequency, ICalendarProperty, ICalendarValue,
        ICalendarWeekday,
    },
};
use chrono::Offset as _;
use jiff::{
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use super::event::{offset, wall};

/// The zones of one calendar.
pub(super) struct Zones<'a> {
    calendar: &'a ICalendar,
    here: &'a TimeZone,
    known: HashMap<String, Option<TimeZone>>,
}

impl<'a> Zones<'a> {
    /// What has no zone is told as it is read `here`.
    pub(super) fn new(calendar: &'a ICalendar, here: &'a TimeZone) -> Self {
        Self { calendar, here, known: HashMap::new() }
    }

    /// The zone of whoever reads.
    pub(super) fn here(&self) -> TimeZone {
        self.here.clone()
    }

    /// The zone of a TZID: an IANA name, a name that Windows or another program writes (calcard has the table), or one that
    /// the feed describes itself in a VTIMEZONE.
    pub(super) fn named(&mut self, name: &str) -> Option<TimeZone> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let zone = by_name(name).or_else(|| self.described(name));
        self.known.insert(name.to_owned(), zone.clone());
        zone
    }

    fn described(&self, name: &str) -> Option<TimeZone> {
        let is_named = |zone: &&ICalendarComponent| {
            let id = zone.property(&ICalendarProperty::Tzid);
            id.and_then(|id| id.values.first()?.as_text()) == Some(name)
        };
        let zone = self.calendar.timezones().find(is_named)?;
        zone.timezone().and_then(|(_, zone)| converted(zone)).or_else(|| self.by_its_rules(zone))
    }

    /// A zone by the offsets and rules that hold now, which is what a rota of this year needs.
    fn by_its_rules(&self, zone: &ICalendarComponent) -> Option<TimeZone> {
        let newest = |kind: ICalendarComponentType| {
            let parts = zone.component_ids.iter().filter_map(|id| self.calendar.component_by_id(*id));
            parts.filter(|part| part.component_type == kind).filter_map(Observance::read).max_by_key(|part| part.since)
        };
        match (newest(ICalendarComponentType::Standard)?, newest(ICalendarComponentType::Daylight)) {
            (standard, None) => Some(TimeZone::fixed(standard.offset)),
            (standard, Some(daylight)) => {
                let (winter, summer) = (posix_offset(standard.offset), posix_offset(daylight.offset));
                let rule = format!("<STD>{winter}<DST>{summer},{},{}", daylight.begins?, standard.begins?);
                TimeZone::posix(&rule).ok()
            }
        }
    }
}

/// Standard time, or daylight saving time.
struct Observance {
    since: DateTime,
    offset: Offset,
    /// When it begins each year, as POSIX writes it: `M3.5.0/02:00:00`.
    begins: Option<String>,
}

impl Observance {
    fn read(part: &ICalendarComponent) -> Option<Self> {
        let value = |property| part.property(&property)?.values.first();
        let ICalendarValue::PartialDateTime(since) = value(ICalendarProperty::Dtstart)? else { return None };
        let ICalendarValue::PartialDateTime(to) = value(ICalendarProperty::Tzoffsetto)? else { return None };
        let since = wall(since)?;
        let begins = match value(ICalendarProperty::Rrule) {
            Some(ICalendarValue::RecurrenceRule(rule)) => match (rule.freq, &rule.bymonth[..], &rule.byday[..]) {
                (ICalendarFrequency::Yearly, [month], [day]) => {
                    let week = match day.ordwk? {
                        -1 => 5,
                        week => week,
                    };
                    let day = weekday(day.weekday);
                    Some(format!("M{}.{week}.{day}/{}", month.month(), since.time().strftime("%H:%M:%S")))
                }
                _ => None,
            },
            _ => None,
        };
        Some(Self { since, offset: offset(to)?, begins })
    }
}

fn by_name(name: &str) -> Option<TimeZone> {
    let known = |name: &str| TimeZone::get(name).ok().or_else(|| converted(Tz::from_str(name).ok()?));
    // Some programs put whose database it is before the name: `/freeassociation.sourceforge.net/Europe/Berlin`.
    let ends =
        name.strip_prefix('/').into_iter().flat_map(|name| name.match_indices('/').map(|(at, _)| &name[at + 1..]));
    std::iter::once(name).chain(ends).find_map(known)
}

/// A zone of calcard's as one of jiff's.
fn converted(zone: Tz) -> Option<TimeZone> {
    match zone {
        Tz::Fixed(offset) => Offset::from_seconds(offset.fix().local_minus_utc()).ok().map(TimeZone::fixed),
        Tz::Tz(zone) => TimeZone::get(zone.name()).ok(),
        Tz::Floating => None,
    }
}

/// POSIX counts westwards.
fn posix_offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, seconds) = (if seconds > 0 { '-' } else { '+' }, seconds.unsigned_abs());
    format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn weekday(day: ICalendarWeekday) -> u8 {
    match day {
        ICalendarWeekday::Sunday => 0,
        ICalendarWeekday::Monday => 1,
        ICalendarWeekday::Tuesday => 2,
        ICalendarWeekday::Wednesday => 3,
        ICalendarWeekday::Thursday => 4,
        ICalendarWeekday::Friday => 5,
        ICalendarWeekday::Saturday => 6,
    }
}
