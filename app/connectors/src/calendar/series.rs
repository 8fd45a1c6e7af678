//! Events into shifts: what belongs to a series, and what replaces which of its occurrences.

use std::collections::BTreeMap;

use desk::Window;
use jiff::{SignedDuration, civil::DateTime};

use super::{
    Calendar, Reason, Shift, Unreadable,
    event::{Event, When},
    recurrence::{Budget, Stop, beginnings},
};

/// Adds the shifts of all events that touch a window.
pub(super) fn shifts(
    events: Vec<Event>,
    window: Window,
    budget: &mut Budget,
    calendar: &mut Calendar,
) -> Result<(), Unreadable> {
    let mut by_uid: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for event in events {
        by_uid.entry(event.uid.clone()).or_default().push(event);
    }
    for events in by_uid.into_values() {
        let (replacements, originals): (Vec<_>, Vec<_>) = events.into_iter().partition(|one| one.replaces.is_some());
        let mut replacements = newest(replacements);
        for original in &originals {
            follow(original, &mut replacements, window, budget, calendar)?;
        }
        // Of a series that the feed does not hold, or no longer: an exported week, for one.
        for replacement in replacements {
            add(&replacement, &replacement.start, window, calendar);
        }
    }
    Ok(())
}

/// Of several that replace the same occurrence, the one that was changed last; in the order of what they replace.
fn newest(mut replacements: Vec<Event>) -> Vec<Event> {
    let replaced = |event: &Event| event.replaces.as_ref().and_then(|(when, _)| when.instant());
    replacements.sort_by_key(|event| (replaced(event), std::cmp::Reverse(event.sequence)));
    replacements.dedup_by_key(|event| replaced(event));
    replacements
}

/// One event with all its occurrences. What replaces one of them is taken out of `replacements`.
fn follow(
    original: &Event,
    replacements: &mut Vec<Event>,
    window: Window,
    budget: &mut Budget,
    calendar: &mut Calendar,
) -> Result<(), Unreadable> {
    let mut starts = match &original.rule {
        None => vec![original.start.wall],
        Some(rule) => match beginnings(rule, &original.start, last_of(window, &original.start), budget) {
            Ok(starts) => starts,
            Err(Stop::Event(reason)) => {
                calendar.leave_out(reason);
                return Ok(());
            }
            Err(Stop::Feed(unreadable)) => return Err(unreadable),
        },
    };
    starts.sort_unstable();
    let mut current = Current { event: original.clone(), moved: SignedDuration::ZERO };
    for wall in starts {
        let start = original.start.at(wall);
        if original.except.iter().any(|except| except.means(&start)) {
            continue;
        }
        match take(replacements, &start) {
            Some(replacement) => {
                add(&replacement, &replacement.start, window, calendar);
                if replacement.replaces.as_ref().is_some_and(|(_, following)| *following) {
                    current = Current { moved: replacement.start.wall.duration_since(wall), event: replacement };
                }
            }
            None => current.add(wall, window, calendar),
        }
    }
    for (start, length) in &original.extra {
        if original.except.iter().any(|except| except.means(start)) {
            continue;
        }
        match take(replacements, start) {
            Some(replacement) => add(&replacement, &replacement.start, window, calendar),
            None => {
                let length = length.unwrap_or(original.length);
                add(&Event { length, ..original.clone() }, start, window, calendar);
            }
        }
    }
    Ok(())
}

/// Which event speaks for the occurrences from here on, and by how much it moved them.
struct Current {
    event: Event,
    moved: SignedDuration,
}

impl Current {
    fn add(&self, wall: DateTime, window: Window, calendar: &mut Calendar) {
        match wall.checked_add(self.moved) {
            Ok(wall) => add(&self.event, &self.event.start.at(wall), window, calendar),
            Err(_) => calendar.leave_out(Reason::Times),
        }
    }
}

fn take(replacements: &mut Vec<Event>, start: &When) -> Option<Event> {
    let is_meant = |event: &Event| event.replaces.as_ref().is_some_and(|(when, _)| when.means(start));
    replacements.iter().position(is_meant).map(|index| replacements.remove(index))
}

/// Adds one occurrence, if it is one: not cancelled, not over at once, and within the window.
fn add(event: &Event, start: &When, window: Window, calendar: &mut Calendar) {
    if event.cancelled {
        return;
    }
    let Some((start, end)) = start.instant().zip(event.length.after(start)) else {
        return calendar.leave_out(Reason::Times);
    };
    if end < start {
        return calendar.leave_out(Reason::Times);
    }
    if start == end || end <= window.start || start >= window.end {
        return;
    }
    match &event.name {
        Some(name) => calendar.shifts.push(Shift { start, end, role: event.role.clone(), name: name.clone() }),
        None => calendar.leave_out(Reason::Nameless),
    }
}

/// Where the window ends on the wall on which a series hangs.
fn last_of(window: Window, start: &When) -> DateTime {
    start.zone.to_datetime(window.end)
}
