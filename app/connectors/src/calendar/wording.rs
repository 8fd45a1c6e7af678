//! Who is meant: the name and the role, as programs for rotas write them into an event.
//!
//! | SUMMARY | name | role |
//! |---|---|---|
//! | `On Call - Amara Okafor - Primary` | Amara Okafor | Primary |
//! | `Amara Okafor - Primary`, `Amara Okafor (Primary)` | Amara Okafor | Primary |
//! | `Primary: Amara Okafor` | Amara Okafor | Primary |
//! | `Amara Okafor` | Amara Okafor | the first of CATEGORIES |
//!
//! A single attendee with a name (CN) is who is meant, and what else the summary holds is the role.

use calcard::icalendar::{ICalendarComponent, ICalendarEntry, ICalendarParameterName, ICalendarProperty};

/// Characters of a name or role that are kept. A tile has room for fewer.
const LONGEST: usize = 60;

/// What stands between the parts of a summary.
const BETWEEN: [&str; 4] = [" - ", " – ", " — ", " | "];

/// The name and the role of an event.
pub(super) fn who(event: &ICalendarComponent) -> (Option<String>, Option<String>) {
    let summary = text(event, &ICalendarProperty::Summary).unwrap_or_default();
    let (mut name, mut role) = parts(&summary);
    if let Some(attendee) = attendee(event) {
        if role.is_none() {
            role = name.filter(|name| *name != attendee && !summary.contains(&attendee));
        }
        name = Some(attendee);
    }
    (name, role.or_else(|| text(event, &ICalendarProperty::Categories)))
}

fn parts(summary: &str) -> (Option<String>, Option<String>) {
    let mut parts = vec![summary];
    for between in BETWEEN {
        parts = parts.iter().flat_map(|part| part.split(between)).collect();
    }
    if parts.len() > 1 && says_only_on_call(parts[0]) {
        parts.remove(0);
    }
    match &parts[..] {
        [one] => whole(one),
        [name, role @ ..] => (clean(name), clean(&role.join(", "))),
        [] => (None, None),
    }
}

/// `Primary: Amara Okafor`, `Amara Okafor (Primary)`, `Amara Okafor`.
fn whole(text: &str) -> (Option<String>, Option<String>) {
    if let Some((role, name)) = text.split_once(": ") {
        let role = if says_only_on_call(role) { None } else { clean(role) };
        return (clean(name), role);
    }
    if let Some((name, role)) = text.trim_end().strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        return (clean(name), clean(role));
    }
    (clean(text), None)
}

fn says_only_on_call(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    letters == "oncall"
}

/// The name of the only attendee, where it is one and no address.
fn attendee(event: &ICalendarComponent) -> Option<String> {
    let mut attendees = event.properties(&ICalendarProperty::Attendee);
    let (Some(one), None) = (attendees.next(), attendees.next()) else { return None };
    named(one)
}

fn named(attendee: &ICalendarEntry) -> Option<String> {
    let name = clean(attendee.parameter(&ICalendarParameterName::Cn)?.as_text()?)?;
    (!name.contains('@')).then_some(name)
}

fn text(event: &ICalendarComponent, property: &ICalendarProperty) -> Option<String> {
    clean(event.property(property)?.values.first()?.as_text()?)
}

/// On one line, without what cannot be seen, and not for ever.
fn clean(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let is_seen = |c: &char| !matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let line: String = line.chars().filter(is_seen).take(LONGEST).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
