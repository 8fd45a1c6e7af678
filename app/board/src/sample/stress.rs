//! Boards with content that strains a layout.

use jiff::Timestamp;

use super::{DAY, before};
use crate::{
    Board, Form, Overlay, Panel, Status, Value,
    form::{Bar, Context, Stat},
};

/// Forty characters each: with accents, from right to left, without a place to break.
const NAMES: [&str; 4] = [
    "Ångström-Łódź Café Crème Brûlée Straße Ö",
    "مدرسة الميناء الشمالي للعلوم والتقنية ١٢",
    "Llanfairpwllgwyngyllgogerychwyrndrobwlll",
    "בית הספר הצפוני למדעים ולטכנולוגיה בנמל ",
];

/// A kind of content that strains a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stress {
    /// Every title and name has forty characters, accented or right-to-left.
    Names,
    /// Every value is zero.
    Zeros,
    /// Every value is one.
    Ones,
    /// Every value is 999: the largest of three figures.
    Hundreds,
    /// Every value is 9999: the largest that is told in full.
    Thousands,
    /// Every value is the largest that occurs.
    Huge,
    /// Every list is empty, every trace without points.
    Empty,
    /// No value is known.
    NoData,
    /// Every panel has this status; stale ones were read six minutes ago.
    Status(Status),
}

impl Stress {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Names,
        Self::Zeros,
        Self::Ones,
        Self::Hundreds,
        Self::Thousands,
        Self::Huge,
        Self::Empty,
        Self::NoData,
        Self::Status(Status::Warn),
        Self::Status(Status::Critical),
        Self::Status(Status::Stale),
        Self::Status(Status::Unavailable),
    ];

    /// Its name, for files and command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Zeros => "zeros",
            Self::Ones => "ones",
            Self::Hundreds => "hundreds",
            Self::Thousands => "thousands",
            Self::Huge => "huge",
            Self::Empty => "empty",
            Self::NoData => "no-data",
            Self::Status(Status::Ok) => "ok",
            Self::Status(Status::Warn) => "warn",
            Self::Status(Status::Critical) => "critical",
            Self::Status(Status::Stale) => "stale",
            Self::Status(Status::Unavailable) => "unavailable",
        }
    }

    /// Puts `board` under this stress.
    pub fn apply(self, mut board: Board) -> Board {
        match self {
            Self::Names => {
                let mut names = NAMES.iter().cycle();
                each_name(&mut board, &mut |name| *name = names.next().copied().unwrap_or_default().to_owned());
            }
            Self::Zeros => each_amount(&mut board, 0),
            Self::Ones => each_amount(&mut board, 1),
            Self::Hundreds => each_amount(&mut board, 999),
            Self::Thousands => each_amount(&mut board, 9_999),
            Self::Huge => each_amount(&mut board, 123_456),
            Self::Empty => {
                board.panels.iter_mut().for_each(clear);
                board.overlay.iter_mut().for_each(clear_overlay);
            }
            Self::NoData => {
                board.panels.iter_mut().for_each(|panel| {
                    clear(panel);
                    each_value(panel, &mut |value| *value = Value::NoData);
                });
                board.overlay.iter_mut().for_each(clear_overlay);
            }
            Self::Status(status) => {
                for panel in &mut board.panels {
                    panel.status = status;
                    if status == Status::Stale {
                        panel.updated_at = before(360);
                    }
                }
                if let Some(Overlay::WarRoom(room)) = &mut board.overlay {
                    room.rows.iter_mut().for_each(|clock| clock.status = status);
                }
            }
        }
        board
    }
}

/// Every value becomes `amount` of its kind.
fn each_amount(board: &mut Board, amount: i64) {
    let seconds = amount * 60;
    for panel in &mut board.panels {
        each_value(panel, &mut |value| match value {
            Value::Count(count) => *count = amount,
            Value::Ratio(share) => *share = if amount == 0 { 0.0 } else { 1.0 },
            Value::Duration(length) => *length = seconds.unsigned_abs(),
            Value::Since(since) => *since = before(seconds),
            Value::Until(until) => *until = before(seconds),
            Value::Money { minor, .. } => *minor = amount * 100,
            Value::At(_) | Value::Text(_) | Value::NoData | Value::Unknown => {}
        });
        each_number(panel, amount);
    }
    if let Some(Overlay::WarRoom(room)) = &mut board.overlay {
        let count = u32::try_from(amount).unwrap_or(u32::MAX);
        (room.late, room.soon, room.unanswered) = (count, count, count);
        room.rows.iter_mut().for_each(|clock| clock.due_at = long_due(amount));
    }
}

/// When a wait is due whose board has this amount of everything: now, or twelve days ago.
fn long_due(amount: i64) -> Timestamp {
    before(if amount == 0 { 0 } else { 12 * DAY })
}

/// The amounts of a panel that are not typed values.
fn each_number(panel: &mut Panel, amount: i64) {
    let level = |points: &mut Vec<f64>| points.fill(amount as f64);
    let count = u32::try_from(amount).unwrap_or(u32::MAX);
    match &mut panel.form {
        Form::Stat(Stat { trace: Some(trace), .. }) => level(&mut trace.points),
        Form::Bars(bars) => {
            let set = |bar: &mut Bar| bar.value = amount;
            bars.bars.iter_mut().chain(&mut bars.small).for_each(set);
        }
        Form::Trend(trend) => trend.series.iter_mut().for_each(|series| level(&mut series.points)),
        Form::Heatmap(heatmap) => heatmap.rows.iter_mut().for_each(|row| level(&mut row.cells)),
        Form::Roster(roster) => {
            // No desk has more people than that.
            let people = count.min(9_999);
            (roster.available, roster.busy, roster.away, roster.offline) = (people, people, people, people);
            for person in &mut roster.people {
                person.since = person.since.map(|_| before(amount * 60));
                person.open = person.open.map(|_| count);
            }
        }
        Form::Queue(queue) => {
            queue.total = count;
            queue.rows.iter_mut().for_each(|wait| wait.due_at = long_due(amount));
        }
        Form::Tiles(tiles) => tiles.plates.iter_mut().for_each(|plate| plate.down = count),
        _ => {}
    }
}

/// Every typed value of a panel.
fn each_value(panel: &mut Panel, change: &mut dyn FnMut(&mut Value)) {
    let context = |context: &mut Option<Context>, change: &mut dyn FnMut(&mut Value)| {
        if let Some(Context { value: Some(value), .. }) = context {
            change(value);
        }
    };
    match &mut panel.form {
        Form::Stat(stat) => {
            change(&mut stat.value);
            context(&mut stat.context, change);
            context(&mut stat.wide_context, change);
            context(&mut stat.next, change);
        }
        Form::Gauge(gauge) => {
            change(&mut gauge.value);
            context(&mut gauge.context, change);
            gauge.parts.iter_mut().for_each(|part| change(&mut part.value));
        }
        Form::Bars(bars) => {
            bars.headline.iter_mut().for_each(&mut *change);
            context(&mut bars.context, change);
        }
        Form::Trend(trend) => trend.series.iter_mut().for_each(|series| change(&mut series.value)),
        Form::Table(table) => table.rows.iter_mut().for_each(|row| change(&mut row.value)),
        Form::Leaderboard(leaderboard) => leaderboard.entries.iter_mut().for_each(|entry| change(&mut entry.value)),
        _ => {}
    }
}

/// Empties every list of a panel.
fn clear(panel: &mut Panel) {
    match &mut panel.form {
        Form::Stat(stat) => stat.trace.iter_mut().for_each(|trace| trace.points.clear()),
        Form::Gauge(gauge) => gauge.parts.clear(),
        Form::Bars(bars) => {
            bars.bars.clear();
            bars.small.clear();
        }
        Form::Trend(trend) => trend.series.clear(),
        Form::Heatmap(heatmap) => heatmap.rows.clear(),
        Form::Table(table) => table.rows.clear(),
        Form::Leaderboard(leaderboard) => leaderboard.entries.clear(),
        Form::Roster(roster) => {
            (roster.available, roster.busy, roster.away, roster.offline) = (0, 0, 0, 0);
            roster.people.clear();
        }
        Form::Queue(queue) => {
            queue.total = 0;
            queue.rows.clear();
        }
        Form::Tiles(tiles) => tiles.plates.clear(),
        Form::Ticker(ticker) => ticker.lines.clear(),
        Form::Text(text) => text.text.clear(),
        Form::Clock(clock) => clock.others.clear(),
        Form::Unknown { .. } => {}
    }
}

/// Leaves of an overlay what it cannot be without.
fn clear_overlay(overlay: &mut Overlay) {
    match overlay {
        Overlay::Message(message) => (message.detail, message.from, message.until) = (None, None, None),
        Overlay::WarRoom(room) => {
            (room.late, room.soon, room.unanswered) = (0, 0, 0);
            room.rows.clear();
            room.on_call = None;
            room.free.clear();
        }
        Overlay::Unknown => {}
    }
}

/// Every title and name of a board and its overlay.
fn each_name(board: &mut Board, change: &mut dyn FnMut(&mut String)) {
    change(&mut board.title);
    board.ticker.iter_mut().for_each(&mut *change);
    for panel in &mut board.panels {
        change(&mut panel.title);
        panel.short_title = None;
        match &mut panel.form {
            Form::Bars(bars) => bars.bars.iter_mut().chain(&mut bars.small).for_each(|bar| change(&mut bar.label)),
            Form::Trend(trend) => trend.series.iter_mut().for_each(|series| change(&mut series.name)),
            Form::Table(table) => table.rows.iter_mut().for_each(|row| {
                change(&mut row.name);
                row.subject.iter_mut().chain(&mut row.extra).for_each(&mut *change);
            }),
            Form::Leaderboard(leaderboard) => leaderboard.entries.iter_mut().for_each(|entry| change(&mut entry.name)),
            Form::Roster(roster) => roster.people.iter_mut().for_each(|person| change(&mut person.name)),
            Form::Queue(queue) => queue.rows.iter_mut().for_each(|wait| {
                change(&mut wait.client);
                wait.subject.iter_mut().chain(&mut wait.owner).for_each(&mut *change);
            }),
            Form::Tiles(tiles) => tiles.plates.iter_mut().for_each(|plate| change(&mut plate.name)),
            Form::Ticker(ticker) => ticker.lines.iter_mut().for_each(&mut *change),
            Form::Text(text) => text.text = NAMES.repeat(6).join(" "),
            Form::Clock(clock) => clock.others.iter_mut().for_each(|other| change(&mut other.label)),
            Form::Stat(Stat { value: Value::Text(words), .. }) => change(words),
            _ => {}
        }
    }
    match &mut board.overlay {
        Some(Overlay::Message(message)) => {
            change(&mut message.headline);
            message.detail.iter_mut().chain(&mut message.from).for_each(change);
        }
        Some(Overlay::WarRoom(room)) => {
            for row in &mut room.rows {
                change(&mut row.client);
                row.owner.iter_mut().for_each(&mut *change);
            }
            room.on_call.iter_mut().for_each(|person| change(&mut person.name));
            room.free.iter_mut().for_each(change);
        }
        Some(Overlay::Unknown) | None => {}
    }
}
