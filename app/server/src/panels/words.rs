//! Names and contexts, as they are read on the wall.

use board::{
    Form, Status, Value,
    form::{Context, Text, Trace, TraceShape},
};
use desk::{AgentId, Course, Desk, Durations, Level, Moment, Ticket};
use jiff::civil::Weekday;

pub(super) fn status(level: Level) -> Status {
    match level {
        Level::Ok => Status::Ok,
        Level::Warn => Status::Warn,
        Level::Critical => Status::Critical,
    }
}

/// Words in the place of what cannot be shown.
pub(super) fn prose(text: impl Into<String>) -> Form {
    Form::Text(Text { text: text.into(), written_at: None })
}

/// "usual 116".
pub(super) fn before(words: &str, value: Value) -> Context {
    Context { before: words.to_owned(), value: Some(value), after: String::new() }
}

/// "12 over usual".
pub(super) fn after(value: Value, words: impl Into<String>) -> Context {
    Context { before: String::new(), value: Some(value), after: words.into() }
}

/// "all taken".
pub(super) fn plain(words: &str) -> Context {
    Context { before: words.to_owned(), value: None, after: String::new() }
}

/// "12 over usual", "4 under usual", "as usual".
pub(super) fn against_usual(count: u32, usual: i64) -> Context {
    let difference = i64::from(count) - usual;
    match difference {
        0 => plain("as usual"),
        1.. => after(Value::Count(difference), "over usual"),
        _ => after(Value::Count(-difference), "under usual"),
    }
}

/// "12 more than last Monday".
pub(super) fn against_last_week(count: u32, week_ago: u32, moment: &Moment) -> Context {
    let day = weekday(moment.local().weekday());
    let difference = i64::from(count) - i64::from(week_ago);
    match difference {
        0 => plain(&format!("as many as last {day}")),
        1.. => after(Value::Count(difference), format!("more than last {day}")),
        _ => after(Value::Count(-difference), format!("fewer than last {day}")),
    }
}

/// A median as the main number; nothing without samples.
pub(super) fn median(durations: &Durations) -> Value {
    durations.median.map_or(Value::NoData, seconds)
}

/// A length that was computed, in whole seconds.
pub(super) fn seconds(seconds: f64) -> Value {
    Value::Duration(seconds.round().max(0.0) as u64)
}

/// "90% in 1h 20m".
pub(super) fn ninetieth(durations: &Durations) -> Option<Context> {
    Some(before("90% in", seconds(durations.ninetieth?)))
}

/// "3 replies": so few that they carry no colour.
pub(super) fn samples(count: usize, one: &str, many: &str) -> Context {
    after(Value::Count(i64::try_from(count).unwrap_or(i64::MAX)), if count == 1 { one } else { many })
}

/// What the share of kept promises is called over so many days, where it shall be taken over `wanted` ones, and in short.
pub(super) fn met_over(days: u16, wanted: u16) -> (String, String) {
    let unit = if days == 1 { "day" } else { "days" };
    // A share of three days is not called one of seven.
    let so_far = if days < wanted { " so far" } else { "" };
    (format!("SLA met, {days} {unit}{so_far}"), format!("SLA met {days}d"))
}

/// A course with a dashed level that has a name.
pub(super) fn trace(course: Course, target: Option<(f64, &str)>) -> Box<Trace> {
    Box::new(Trace {
        points: course.points.into_iter().map(f64::from).collect(),
        shape: TraceShape::Line,
        slots: None,
        target: target.map(|(level, _)| level),
        target_label: target.map(|(_, label)| label.to_owned()),
        from: Some(course.from),
    })
}

/// Who waits: the client, or what is known of the ticket where it has none.
pub(super) fn client(desk: &Desk, ticket: &Ticket, private: bool) -> String {
    let client = ticket.client.as_ref().and_then(|id| desk.client(id)).map(|client| client.name.as_str());
    match client {
        _ if private => number(ticket),
        Some(name) => name.to_owned(),
        None => subject(ticket, private),
    }
}

/// What a ticket of a client is about, where somebody said so; beside the client, never in its place.
pub(super) fn about(desk: &Desk, ticket: &Ticket, private: bool) -> Option<String> {
    let client = ticket.client.as_ref().and_then(|id| desk.client(id));
    (!private && client.is_some() && !ticket.subject.is_empty()).then(|| ticket.subject.clone())
}

/// The owner's name.
pub(super) fn owner(desk: &Desk, ticket: &Ticket) -> Option<String> {
    let id = ticket.assignee.as_ref()?;
    desk.agent(id).map(|agent| agent.name.clone())
}

/// What a ticket is about: its first tag, otherwise its subject.
pub(super) fn topic(ticket: &Ticket, private: bool) -> String {
    match ticket.tags.first() {
        _ if private => number(ticket),
        Some(tag) => tag.clone(),
        None => subject(ticket, private),
    }
}

/// The subject, or what stands for one that is missing or private.
fn subject(ticket: &Ticket, private: bool) -> String {
    if private || ticket.subject.is_empty() { number(ticket) } else { ticket.subject.clone() }
}

pub(super) fn number(ticket: &Ticket) -> String {
    format!("#{}", ticket.id.0)
}

/// An agent's given name, or the whole name where two share the given one.
pub(super) fn given_name(desk: &Desk, id: &AgentId) -> Option<String> {
    let name = &desk.agent(id)?.name;
    let given = first_word(name);
    let shared = desk.agents().any(|other| other.id != *id && first_word(&other.name) == given);
    Some(if shared { name.as_str() } else { given }.to_owned())
}

fn first_word(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

/// The city of an IANA zone: "New York".
pub(super) fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
