//! One VEVENT, with its times as they are told.

use calcard::{
    common::PartialDateTime,
    icalendar::{
        ICalendarComponent, ICalendarEntry, ICalendarParameterName, ICalendarPeriod, ICalendarProperty,
        ICalendarRecurrenceRule, ICalendarStatus, ICalendarValue,
    },
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};

use super::{Reason, wording, zones::Zones};

/// A point in time as a calendar tells it: wall-clock time somewhere, or a whole day.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct When {
    pub(super) wall: DateTime,
    pub(super) zone: TimeZone,
    pub(super) is_day: bool,
}

/// How long a shift is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    /// On the clock on the wall. RFC 5545 would have recurring events with a DTEND last exactly as long each time; then a
    /// weekly rota would have an hour with nobody or two people whenever clocks change, which is not what it is meant to say,
    /// and not what calendars show.
    wall: SignedDuration,
    /// And then so much longer, however clocks change.
    exact: SignedDuration,
}

/// An extra occurrence, and its own length if it has one.
pub(super) type Extra = (When, Option<Length>);

/// One VEVENT.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) uid: String,
    pub(super) sequence: i64,
    /// Which occurrence of its series it replaces, and whether those after that too.
    pub(super) replaces: Option<(When, bool)>,
    pub(super) start: When,
    pub(super) length: Length,
    pub(super) rule: Option<ICalendarRecurrenceRule>,
    pub(super) extra: Vec<Extra>,
    pub(super) except: Vec<When>,
    pub(super) cancelled: bool,
    pub(super) name: Option<String>,
    pub(super) role: Option<String>,
}

impl When {
    /// The instant: the earlier one where a wall-clock time comes twice, the one as long after the gap where it does not
    /// exist (RFC 5545, section 3.3.5).
    pub(super) fn instant(&self) -> Option<Timestamp> {
        self.zone.to_ambiguous_timestamp(self.wall).compatible().ok()
    }

    /// The same zone at another time.
    pub(super) fn at(&self, wall: DateTime) -> Self {
        Self { wall, zone: self.zone.clone(), is_day: self.is_day }
    }

    /// Whether an occurrence at `start` is the one that is meant. A day stands for whatever begins on it.
    pub(super) fn means(&self, start: &Self) -> bool {
        match self.is_day && !start.is_day {
            true => self.wall.date() == start.wall.date(),
            false => self.instant() == start.instant(),
        }
    }
}

impl Length {
    const DAY: Self = Self::on_the_wall(SignedDuration::from_hours(24));
    const NOTHING: Self = Self::on_the_wall(SignedDuration::ZERO);

    const fn on_the_wall(wall: SignedDuration) -> Self {
        Self { wall, exact: SignedDuration::ZERO }
    }

    /// When what begins at `start` is over.
    pub(super) fn after(&self, start: &When) -> Option<Timestamp> {
        start.at(start.wall.checked_add(self.wall).ok()?).instant()?.checked_add(self.exact).ok()
    }
}

impl Event {
    pub(super) fn read(component: &ICalendarComponent, zones: &mut Zones<'_>) -> Result<Self, Reason> {
        let replaces = match component.property(&ICalendarProperty::RecurrenceId) {
            Some(entry) => {
                let following = entry.has_parameter(&ICalendarParameterName::Range);
                Some((first(entry, zones)?, following))
            }
            None => None,
        };
        let start = match component.property(&ICalendarProperty::Dtstart) {
            Some(entry) => first(entry, zones)?,
            // A cancelled occurrence need not repeat when it was.
            None => replaces.as_ref().map(|(when, _)| when.clone()).ok_or(Reason::Times)?,
        };
        let (mut extra, mut except) = (Vec::new(), Vec::new());
        for entry in component.properties(&ICalendarProperty::Rdate) {
            for value in &entry.values {
                extra.push(occurrence(entry, value, zones)?);
            }
        }
        for entry in component.properties(&ICalendarProperty::Exdate) {
            for value in &entry.values {
                except.push(when(entry, value, zones)?);
            }
        }
        let (name, role) = wording::who(component);
        Ok(Self {
            uid: component.uid().unwrap_or_default().to_owned(),
            sequence: integer(component, &ICalendarProperty::Sequence),
            length: length(component, &start, zones)?,
            rule: rule(component)?,
            cancelled: component.status() == Some(&ICalendarStatus::Cancelled),
            replaces,
            start,
            extra,
            except,
            name,
            role,
        })
    }
}

fn length(component: &ICalendarComponent, start: &When, zones: &mut Zones<'_>) -> Result<Length, Reason> {
    if let Some(entry) = component.property(&ICalendarProperty::Dtend) {
        return until(start, &first(entry, zones)?);
    }
    if let Some(entry) = component.property(&ICalendarProperty::Duration) {
        return match entry.values.first() {
            Some(ICalendarValue::Duration(told)) => duration(told),
            _ => Err(Reason::Times),
        };
    }
    Ok(if start.is_day { Length::DAY } else { Length::NOTHING })
}

/// From one time to another; on the wall where both hang on the same one.
fn until(start: &When, end: &When) -> Result<Length, Reason> {
    if start.zone == end.zone {
        return Ok(Length::on_the_wall(end.wall.duration_since(start.wall)));
    }
    let (from, to) = start.instant().zip(end.instant()).ok_or(Reason::Times)?;
    Ok(Length { wall: SignedDuration::ZERO, exact: to.duration_since(from) })
}

/// Days and weeks are on the wall, hours are hours (RFC 5545, section 3.3.6).
fn duration(told: &calcard::icalendar::ICalendarDuration) -> Result<Length, Reason> {
    if told.neg {
        return Err(Reason::Times);
    }
    let days = i64::from(told.weeks) * 7 + i64::from(told.days);
    let seconds = i64::from(told.hours) * 3600 + i64::from(told.minutes) * 60 + i64::from(told.seconds);
    Ok(Length { wall: SignedDuration::from_hours(days * 24), exact: SignedDuration::from_secs(seconds) })
}

fn rule(component: &ICalendarComponent) -> Result<Option<ICalendarRecurrenceRule>, Reason> {
    let mut rules = component.properties(&ICalendarProperty::Rrule).flat_map(|entry| &entry.values);
    match (rules.next(), rules.next()) {
        (None, _) => Ok(None),
        (Some(ICalendarValue::RecurrenceRule(rule)), None) => Ok(Some(*rule.clone())),
        // RFC 5545 says that there should be one, and readers differ in what two would mean.
        _ => Err(Reason::Rule),
    }
}

fn integer(component: &ICalendarComponent, property: &ICalendarProperty) -> i64 {
    component.property(property).and_then(|entry| entry.values.first()?.as_integer()).unwrap_or_default()
}

fn first(entry: &ICalendarEntry, zones: &mut Zones<'_>) -> Result<When, Reason> {
    when(entry, entry.values.first().ok_or(Reason::Times)?, zones)
}

fn when(entry: &ICalendarEntry, value: &ICalendarValue, zones: &mut Zones<'_>) -> Result<When, Reason> {
    match value {
        ICalendarValue::PartialDateTime(told) => point(entry, told, zones),
        _ => Err(Reason::Times),
    }
}

fn occurrence(entry: &ICalendarEntry, value: &ICalendarValue, zones: &mut Zones<'_>) -> Result<Extra, Reason> {
    match value {
        ICalendarValue::Period(ICalendarPeriod::Range { start, end }) => {
            let (start, end) = (point(entry, start, zones)?, point(entry, end, zones)?);
            let length = until(&start, &end)?;
            Ok((start, Some(length)))
        }
        ICalendarValue::Period(ICalendarPeriod::Duration { start, duration: told }) => {
            Ok((point(entry, start, zones)?, Some(duration(told)?)))
        }
        value => Ok((when(entry, value, zones)?, None)),
    }
}

fn point(entry: &ICalendarEntry, told: &PartialDateTime, zones: &mut Zones<'_>) -> Result<When, Reason> {
    // So that every sum with a shift's length stays on the calendar.
    let wall = wall(told).filter(|wall| (1900..=9000).contains(&wall.year())).ok_or(Reason::Times)?;
    let is_day = told.hour.is_none();
    let zone = match (offset(told), entry.tz_id()) {
        (Some(offset), _) => TimeZone::fixed(offset),
        (None, Some(name)) if !is_day => zones.named(name).ok_or(Reason::Zone)?,
        // Floating: whoever reads it says where.
        (None, _) => zones.here(),
    };
    Ok(When { wall, zone, is_day })
}

/// What the clock on the wall shows; midnight for a day.
pub(super) fn wall(told: &PartialDateTime) -> Option<DateTime> {
    let number = |part: Option<u8>| part.unwrap_or_default().try_into().ok();
    let date = Date::new(told.year?.try_into().ok()?, told.month?.try_into().ok()?, told.day?.try_into().ok()?).ok()?;
    // A leap second is the one before it, as RFC 5545 has it.
    let time = Time::new(number(told.hour)?, number(told.minute)?, number(told.second)?.min(59), 0).ok()?;
    Some(date.to_datetime(time))
}

/// The offset from UTC, where one is told.
pub(super) fn offset(told: &PartialDateTime) -> Option<Offset> {
    let seconds = i32::from(told.tz_hour?) * 3600 + i32::from(told.tz_minute.unwrap_or_default()) * 60;
    Offset::from_seconds(if told.tz_minus { -seconds } else { seconds }).ok()
}
