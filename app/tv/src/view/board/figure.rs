//! Main numbers and their context in words.

use board::{
    Value,
    form::Context,
    format::{self, Worded, WordedContext},
};
use slint::SharedString;
use tv_components::{Figure, TileData};

use super::{Moment, rows};

/// The size of a main number with little room, and that of units.
const NARROW: f32 = 133.0;
const UNIT: f32 = 64.0;

/// A value as the main thing of a tile.
pub(super) struct Number {
    pub(super) figure: Figure,
    /// The digits of a number that changes in place.
    pub(super) digits: Vec<SharedString>,
    /// Whether it is words instead of a number.
    pub(super) words: bool,
}

pub(super) fn number(value: &Value, moment: Moment<'_>) -> Number {
    let Moment { now, zone, lost, .. } = moment;
    if let (Value::Until(until), true) = (value, lost) {
        // What does not come may have been answered long ago, so nothing counts down.
        let due = format::due(*until, now, zone);
        let short = due.strip_prefix("due ").unwrap_or_default().into();
        let figure = Figure { number: due.into(), short, ..Figure::default() };
        return Number { figure, digits: Vec::new(), words: true };
    }
    let Worded { number, unit, second } = format::worded(value, now, zone);
    let running = is_clock(&number);
    let digits = if running { number.chars().map(|digit| digit.to_string().into()).collect() } else { Vec::new() };
    let short = match value {
        // Times of day and names have no shorter form; a time of another day is set smaller.
        Value::At(_) if !running => format::worded(value, now, zone),
        Value::At(_) | Value::Text(_) => Worded { number: String::new(), unit: None, second: None },
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
        running,
    };
    Number { figure, digits, words: matches!(value, Value::Text(_)) }
}

/// Where "3d late" has no room as a main number, "3d" is, and its context says that it is late.
pub(super) fn late_apart(figure: &mut Figure, room: f32) -> Option<Context> {
    let wanted = rows::width(&figure.short, NARROW) + 7.0 + rows::width(&figure.short_unit, UNIT);
    let unit: SharedString = figure.short_unit.strip_suffix(" late").filter(|_| wanted > room)?.into();
    let number = figure.short.clone();
    *figure = Figure { short: number.clone(), short_unit: unit.clone(), number, unit, ..Figure::default() };
    Some(Context { before: "late".to_owned(), value: None, after: String::new() })
}

/// Two figures, a colon, two figures.
fn is_clock(number: &str) -> bool {
    number.len() == 5
        && number.char_indices().all(|(index, digit)| if index == 2 { digit == ':' } else { digit.is_ascii_digit() })
}

/// Puts `context` under or beside the number.
pub(super) fn context(data: &mut TileData, context: Option<&Context>, moment: Moment<'_>) {
    let Some(context) = context else { return };
    let Moment { now, zone, lost, .. } = moment;
    let words = worded(context, moment);
    let brief = if lost { words.clone() } else { format::brief_context(context, now, zone) };
    data.context = words.to_string().into();
    data.brief = brief.to_string().into();
    (data.context_first, data.context_second) = two_lines(words);
    (data.brief_first, data.brief_second) = two_lines(brief);
    if let Some(Value::Text(name)) = &context.value {
        data.context_name = name.as_str().into();
    }
}

/// A context in words; while no data comes, in words that stay true.
pub(super) fn worded(context: &Context, Moment { now, zone, lost, .. }: Moment<'_>) -> WordedContext {
    if lost { format::frozen_context(context, now, zone) } else { format::context(context, now, zone) }
}

fn two_lines(words: WordedContext) -> (SharedString, SharedString) {
    let WordedContext { before, value, after } = words;
    let (first, second) = if before.is_empty() { (value, after) } else { (before, format!("{value} {after}")) };
    (first.trim().into(), second.trim().into())
}
