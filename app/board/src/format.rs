//! How values are worded on the wall, the same on every client.
//!
//! Number and unit stay apart ([`Worded`]), because units are drawn smaller and muted. A value that runs
//! (a wait, a countdown) is worded for an instant `now`; clients word it anew each second.

mod instant;
mod number;
mod span;

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};

pub use instant::{ago, data_from, date, day_and_time, due, from, time, until, updated};
pub use number::{count, money, percent, signed};
pub use span::duration;

use crate::{Value, form};
use span::{elapsed, remaining};

/// What stands where there is nothing to show.
pub const NO_DATA: &str = "–";

/// A number and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Digits, words, a clock time.
    pub number: String,
    /// "m", "%", "k", "m late"; drawn close behind the number.
    pub unit: Option<String>,
}

/// A value in words: one number with its unit, or two of them ("2h 05m").
///
/// [`fmt::Display`] gives the whole in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worded {
    /// Digits, words, a clock time.
    pub number: String,
    /// "m", "%", "k", "m late"; drawn close behind the number.
    pub unit: Option<String>,
    /// The smaller of two units, after a space.
    pub second: Option<Part>,
}

impl Worded {
    /// Words without a unit.
    pub(crate) fn plain(number: impl Into<String>) -> Self {
        Self { number: number.into(), unit: None, second: None }
    }

    /// A number with its unit.
    pub(crate) fn with_unit(number: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { number: number.into(), unit: Some(unit.into()), second: None }
    }
}

impl fmt::Display for Worded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)?;
        f.write_str(self.unit.as_deref().unwrap_or_default())?;
        if let Some(second) = &self.second {
            write!(f, " {}{}", second.number, second.unit.as_deref().unwrap_or_default())?;
        }
        Ok(())
    }
}

/// A value as a main number: counts above 9999 as `12k`, a countdown inside 15 minutes as `07:42`.
pub fn worded(value: &Value, now: Timestamp, zone: &TimeZone) -> Worded {
    match value {
        Value::Count(things) => count(*things, 9_999),
        Value::Ratio(share) => percent(*share),
        Value::Duration(seconds) => duration(*seconds),
        Value::Since(since) => duration(elapsed(*since, now)),
        Value::Until(until) if remaining(*until, now) == 0 => late(*until, now),
        Value::Until(until) => span::countdown(remaining(*until, now)),
        Value::At(at) => Worded::plain(day_and_time(*at, now, zone)),
        Value::Money { minor, currency } => money(*minor, currency),
        Value::Text(words) => Worded::plain(words),
        Value::NoData | Value::Unknown => Worded::plain(NO_DATA),
    }
}

/// A value at the end of a row: ages and waits in one unit, "now" under a minute, countdowns in minutes.
pub fn row(value: &Value, now: Timestamp, zone: &TimeZone) -> Worded {
    match value {
        Value::Since(since) => match elapsed(*since, now) {
            0..60 => Worded::plain("now"),
            seconds => span::coarse(seconds),
        },
        Value::Until(until) => match remaining(*until, now) {
            0 if elapsed(*until, now) < 60 => Worded::plain("late"),
            0 => late(*until, now),
            1..60 => Worded::with_unit("<1", "m"),
            seconds => duration(seconds),
        },
        _ => worded(value, now, zone),
    }
}

/// A value where even [`worded`] is too wide: counts above 999 as `1.2k`, one unit of time, the day of a time.
pub fn shortened(value: &Value, now: Timestamp, zone: &TimeZone) -> Worded {
    match value {
        Value::Count(things) => count(*things, 999),
        Value::Until(until) if remaining(*until, now) == 0 => {
            let Worded { number, unit, .. } = span::coarse(elapsed(*until, now));
            Worded::with_unit(number, unit.unwrap_or_default() + " late")
        }
        Value::At(at) => Worded::plain(instant::day(*at, now, zone).unwrap_or_else(|| time(*at, zone))),
        _ => Worded { second: None, ..worded(value, now, zone) },
    }
}

/// A context in words: "usual 116", "12 over usual", "oldest 42m". Wide tiles draw it in one line, others in two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordedContext {
    /// Words before the value.
    pub before: String,
    /// The value.
    pub value: String,
    /// Words after the value.
    pub after: String,
}

impl fmt::Display for WordedContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [&self.before, &self.value, &self.after].map(|word| word.trim());
        f.write_str(&words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

/// A context while data flows.
pub fn context(context: &form::Context, now: Timestamp, zone: &TimeZone) -> WordedContext {
    let value = match &context.value {
        Some(Value::Duration(seconds)) => span::round(*seconds).to_string(),
        Some(value) => worded(value, now, zone).to_string(),
        None => String::new(),
    };
    WordedContext { before: context.before.clone(), value, after: context.after.clone() }
}

/// The same with a coarser value, where the whole is too wide: "oldest 1d" instead of "oldest 1d 8h".
pub fn brief_context(context: &form::Context, now: Timestamp, zone: &TimeZone) -> WordedContext {
    let value = context.value.as_ref().map(|value| shortened(value, now, zone).to_string());
    WordedContext { before: context.before.clone(), value: value.unwrap_or_default(), after: context.after.clone() }
}

/// A context while no data comes: a wait may be over, so "oldest 42m" becomes "from 13:22", a countdown "due 14:39".
pub fn frozen_context(context: &form::Context, now: Timestamp, zone: &TimeZone) -> WordedContext {
    let (before, at) = match &context.value {
        Some(Value::Since(since)) => ("from", since),
        Some(Value::Until(until)) => ("due", until),
        _ => return self::context(context, now, zone),
    };
    WordedContext { before: before.into(), value: day_and_time(*at, now, zone), after: String::new() }
}

/// "26m late".
fn late(until: Timestamp, now: Timestamp) -> Worded {
    let mut worded = duration(elapsed(until, now));
    let unit = worded.second.as_mut().map_or(&mut worded.unit, |second| &mut second.unit);
    if let Some(unit) = unit {
        unit.push_str(" late");
    }
    worded
}

#[cfg(test)]
mod tests;
