//! Clock times, dates and ages of data.

use jiff::{Timestamp, tz::TimeZone};

use super::span::elapsed;

/// A wall-clock time: "14:32".
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// A date: "Mon 16 November".
pub fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %B").to_string()
}

/// A due time that does not count: "due 14:39", on another day "due Tue 09:00".
pub fn due(until: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    format!("due {}", day_and_time(until, now, zone))
}

/// When old data was read, or a wait began: "from 14:26", on another day "from Fri 17:10".
pub fn from(since: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    format!("from {}", day_and_time(since, now, zone))
}

/// How long something lasts: "until 18:00", on another day "until Tue 09:00".
pub fn until(end: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    format!("until {}", day_and_time(end, now, zone))
}

/// The header of a board that is fed: "updated 8 s ago"; "no data" where it never had any.
pub fn updated(at: Option<Timestamp>, now: Timestamp) -> String {
    at.map_or_else(|| "no data".to_owned(), |at| format!("updated {}", ago(at, now)))
}

/// The same where there is little room: "8 s ago".
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    match elapsed(at, now) {
        seconds @ 0..60 => format!("{seconds} s ago"),
        seconds @ 60..3_600 => format!("{} min ago", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h ago", seconds / 3_600),
        seconds => format!("{} d ago", seconds / 86_400),
    }
}

/// The header of a board that has lost its server: "data from 14:04, reconnecting".
pub fn data_from(at: Option<Timestamp>, now: Timestamp, zone: &TimeZone) -> String {
    let since = at.map_or_else(|| "no data".to_owned(), |at| format!("data from {}", day_and_time(at, now, zone)));
    format!("{since}, reconnecting")
}

/// A time, with its weekday unless it is today, with its date unless it is within a week: "14:32", "Tue 09:00",
/// "23 Nov 09:00".
pub fn day_and_time(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let time = time(at, zone);
    day(at, now, zone).map_or_else(|| time.clone(), |day| format!("{day} {time}"))
}

/// The day of a time as far as it has to be said: "Tue", beyond a week "23 Nov".
pub(super) fn day(at: Timestamp, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let pattern = match at.date().duration_since(now.date()).as_hours() / 24 {
        0 => return None,
        -6..=6 => "%a",
        _ => "%-d %b",
    };
    Some(at.strftime(pattern).to_string())
}
