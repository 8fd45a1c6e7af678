//! Main numbers and their context in words.

use board::{
    Value,
    form::Context,
    format::{self, Worded},
};
use slint::SharedString;

use super::Moment;
use crate::view::generated::{Figure, TileData};

/// `value` as a main number, and its digits where they change in place.
pub(super) fn figure(value: &Value, moment: Moment<'_>) -> (Figure, Vec<SharedString>) {
    let Moment { now, zone, lost, .. } = moment;
    if let (Value::Until(until), true) = (value, lost) {
        // What does not come may have been answered long ago, so nothing counts down.
        let (number, words) = (format::due(*until, now, zone).into(), true);
        return (Figure { number, words, ..Figure::default() }, Vec::new());
    }
    let Worded { number, unit, second } = format::worded(value, now, zone);
    let running = is_clock(&number);
    let digits = if running { number.chars().map(|digit| digit.to_string().into()).collect() } else { Vec::new() };
    let short = match value {
        // A time of day has no shorter form.
        Value::At(_) => Worded { number: String::new(), unit: None, second: None },
        Value::Until(_) if running => format::row(value, now, zone),
        _ => format::shortened(value, now, zone),
    };
    let (second, second_unit) = second.map(|part| (part.number, part.unit)).unwrap_or_default();
    let figure = Figure {
        number: if running { SharedString::default() } else { number.into() },
        unit: unit.unwrap_or_default().into(),
        second: second.into(),
        second_unit: second_unit.unwrap_or_default().into(),
        short: short.number.into(),
        short_unit: short.unit.unwrap_or_default().into(),
        words: matches!(value, Value::Text(_)),
        running,
    };
    (figure, digits)
}

/// Two figures, a colon, two figures.
fn is_clock(number: &str) -> bool {
    number.len() == 5
        && number.char_indices().all(|(index, digit)| if index == 2 { digit == ':' } else { digit.is_ascii_digit() })
}

/// Puts `context` under or beside the number.
pub(super) fn context(data: &mut TileData, context: Option<&Context>, moment: Moment<'_>) {
    let Some(context) = context else { return };
    let words = if moment.lost {
        format::frozen_context(context, moment.now, moment.zone)
    } else {
        format::context(context, moment.now, moment.zone)
    };
    data.context = words.to_string().into();
    let (first, second) = if words.before.is_empty() {
        (words.value, words.after)
    } else {
        (words.before, format!("{} {}", words.value, words.after))
    };
    data.context_first = first.trim().into();
    data.context_second = second.trim().into();
}
