//! Rows of lists: tables, rankings, waits, plates, zones.

use board::{Status, form, format};
use tv_components::{ADVANCES, Row};

use super::{Moment, tile::shown};

/// What the server calls a ticket that came in, before what it is about.
const NEW: &str = "New";

/// A row of words, without shape or bar.
pub(super) fn plain(key: &str, name: &str, value: String) -> Row {
    Row { key: key.into(), name: name.into(), value: value.into(), share: -1.0, ..Row::default() }
}

pub(super) fn table(table: &form::Table, moment: Moment<'_>) -> Vec<Row> {
    let row = |row: &form::TableRow| {
        let (name, subject) = told(&row.name, row.subject.as_deref(), table.by_subject);
        Row {
            announces: name == NEW && row.detail.is_some(),
            detail: row.detail.as_deref().unwrap_or_default().into(),
            subject: subject.into(),
            extra: row.extra.as_deref().unwrap_or_default().into(),
            status: if moment.lost { shown(Status::Ok) } else { shown(row.status) },
            // Beside what happened, when it happened is secondary.
            value_muted: row.detail.is_some(),
            ..plain(&row.key, name, format::row(&row.value, moment.now, moment.zone).to_string())
        }
    };
    table.rows.iter().map(row).collect()
}

/// What leads a row and what stands behind it: a client and what it is about, or the latter where all are of one client.
pub(super) fn told<'a>(client: &'a str, subject: Option<&'a str>, by_subject: bool) -> (&'a str, &'a str) {
    match subject {
        Some(subject) if by_subject => (subject, ""),
        _ => (client, subject.unwrap_or_default()),
    }
}

/// Order is rank; whoever leads is bold, ties together.
pub(super) fn leaderboard(leaderboard: &form::Leaderboard, moment: Moment<'_>) -> Vec<Row> {
    let row = |entry: &form::Entry| Row {
        bold: entry.rank == 1,
        ..plain(&entry.name, &entry.name, format::row(&entry.value, moment.now, moment.zone).to_string())
    };
    leaderboard.entries.iter().map(row).collect()
}

/// Minutes and a bar while they run, due times once nothing is heard of them.
pub(super) fn waits(queue: &form::Queue, moment: Moment<'_>) -> Vec<Row> {
    let row = |wait: &form::Wait| {
        let until = board::Value::Until(wait.due_at);
        let left = wait.due_at.duration_since(moment.now).as_secs_f32().max(0.0);
        let value = if moment.lost {
            format::due(wait.due_at, moment.now, moment.zone)
        } else {
            format::row(&until, moment.now, moment.zone).to_string()
        };
        let (name, subject) = told(&wait.client, wait.subject.as_deref(), queue.by_subject);
        Row {
            subject: subject.into(),
            extra: wait.owner.as_deref().unwrap_or_default().into(),
            // In steps of half a pixel of the bar, so that it is drawn again only when it moves.
            share: if left == 0.0 {
                -1.0
            } else {
                (left / wait.window.max(1) as f32 * 300.0).round().min(300.0) / 300.0
            },
            ..plain(&wait.key, name, value)
        }
    };
    queue.rows.iter().map(row).collect()
}

pub(super) fn plates(tiles: &form::Tiles, moment: Moment<'_>) -> Vec<Row> {
    let row = |plate: &form::Plate| Row {
        status: if moment.lost { shown(Status::Stale) } else { shown(plate.status) },
        ..plain(&plate.name, &plate.name, String::new())
    };
    tiles.plates.iter().map(row).collect()
}

pub(super) fn parts(gauge: &form::Gauge, moment: Moment<'_>) -> Vec<Row> {
    let row = |part: &form::GaugePart| {
        plain(&part.label, &part.label, format::worded(&part.value, moment.now, moment.zone).to_string())
    };
    gauge.parts.iter().map(row).collect()
}

/// All that a row says, without what stands between the words.
pub(super) fn words(row: &Row) -> slint::SharedString {
    slint::format!("{}{}{}", row.name, row.detail, row.value)
}

/// Name and detail of the row that begins with the most words, by which a column behind them is measured.
pub(super) fn lead(rows: &[Row]) -> (slint::SharedString, slint::SharedString) {
    let wide = |row: &&Row| width(&row.name, 64.0) + width(&row.detail, 51.0);
    let widest = rows.iter().max_by(|one, other| wide(one).total_cmp(&wide(other)));
    widest.map(|row| (row.name.clone(), row.detail.clone())).unwrap_or_default()
}

/// The widest of some words. Figures are all equally wide, so they stand as zeros: a column does not change with every
/// minute.
pub(super) fn widest<'a>(words: impl Iterator<Item = &'a slint::SharedString>) -> slint::SharedString {
    let widest = words.max_by_key(|words| words.chars().map(advance).sum::<u32>()).cloned().unwrap_or_default();
    widest.replace(|letter: char| letter.is_ascii_digit(), "0").into()
}

/// How many lines `words` take at `size` where a line has so much room; `None` where a single word has more.
pub(super) fn lines(words: &str, size: f32, room: f32) -> Option<usize> {
    let (mut lines, mut used) = (0, f32::INFINITY);
    for word in words.split_whitespace() {
        let wide = width(word, size);
        if wide > room {
            return None;
        }
        used += width(" ", size) + wide;
        if used > room {
            (lines, used) = (lines + 1, wide);
        }
    }
    Some(lines)
}

/// How wide `words` are at `size`, kerning aside.
pub(super) fn width(words: &str, size: f32) -> f32 {
    words.chars().map(advance).sum::<u32>() as f32 / 1_000.0 * size
}

/// Kerning aside. A letter beyond ASCII counts as an `n`.
fn advance(letter: char) -> u32 {
    let figure = if letter.is_ascii_digit() { '0' } else { letter };
    u32::from(ADVANCES.get(figure as usize).copied().unwrap_or(ADVANCES[usize::from(b'n')]))
}
