//! Rows of lists: tables, rankings, waits, zones.

use board::{Status, Value, form, format};
use jiff::tz::TimeZone;

use super::{Moment, bars::percent, figure::Figure};

/// One row.
pub(super) struct Row {
    /// What tells it from others, so that a new one can fade in.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) detail: Option<String>,
    /// What a ticket is about; where there is room for it behind the name.
    pub(super) subject: Option<String>,
    pub(super) extra: Option<String>,
    pub(super) status: Status,
    pub(super) bold: bool,
    pub(super) value: Figure,
    pub(super) wait: Option<Wait>,
    pub(super) zone: Option<String>,
}

/// The bar of a running wait.
pub(super) struct Wait {
    /// When it is due, in milliseconds of Unix time.
    pub(super) due: i64,
    /// The length, in seconds, that a full bar stands for.
    pub(super) window: u64,
    pub(super) share: String,
}

impl Row {
    fn plain(key: &str, name: &str, value: Figure) -> Self {
        Self {
            key: key.to_owned(),
            name: name.to_owned(),
            detail: None,
            subject: None,
            extra: None,
            status: Status::Ok,
            bold: false,
            value,
            wait: None,
            zone: None,
        }
    }

    /// The shape of its status where that is none of the ordinary, with the word for who does not see it.
    pub(super) fn mark(&self) -> Option<(&'static str, &'static str)> {
        match self.status {
            Status::Ok => None,
            Status::Warn => Some(("warn", "Watch")),
            Status::Critical => Some(("critical", "Act now")),
            Status::Stale | Status::Unavailable => Some(("stale", "No data")),
        }
    }
}

pub(super) fn table(table: &form::Table, moment: Moment<'_>) -> Vec<Row> {
    let row = |row: &form::TableRow| {
        let (name, subject) = told(&row.name, row.subject.as_deref(), table.by_subject);
        Row {
            detail: row.detail.clone(),
            subject,
            extra: row.extra.clone(),
            status: if moment.frozen { Status::Ok } else { row.status },
            ..Row::plain(&row.key, name, Figure::row(&row.value, moment))
        }
    };
    table.rows.iter().map(row).collect()
}

/// Who waits for the first of some waits.
pub(super) fn first(queue: &form::Queue, wait: &form::Wait) -> String {
    told(&wait.client, wait.subject.as_deref(), queue.by_subject).0.to_owned()
}

/// What leads a row, and what stands behind it: a client and what it is about, or the latter where all are of one client.
fn told<'a>(client: &'a str, subject: Option<&'a str>, by_subject: bool) -> (&'a str, Option<String>) {
    match subject {
        Some(subject) if by_subject => (subject, None),
        _ => (client, subject.map(str::to_owned)),
    }
}

/// Order is rank; whoever leads is bold, ties together.
pub(super) fn leaderboard(leaderboard: &form::Leaderboard, moment: Moment<'_>) -> Vec<Row> {
    let row = |entry: &form::Entry| Row {
        bold: entry.rank == 1,
        ..Row::plain(&entry.name, &entry.name, Figure::row(&entry.value, moment))
    };
    leaderboard.entries.iter().map(row).collect()
}

/// Minutes and a bar while they run, due times once nothing is heard of them.
pub(super) fn waits(queue: &form::Queue, moment: Moment<'_>) -> Vec<Row> {
    let row = |wait: &form::Wait| {
        let left = wait.due_at.duration_since(moment.now).as_secs_f64().max(0.0);
        let share = percent((left / wait.window.max(1) as f64).min(1.0));
        let bar = Wait { due: wait.due_at.as_millisecond(), window: wait.window.max(1), share };
        let (name, subject) = told(&wait.client, wait.subject.as_deref(), queue.by_subject);
        Row {
            subject,
            extra: wait.owner.clone(),
            wait: (!moment.frozen).then_some(bar),
            ..Row::plain(&wait.key, name, Figure::row(&Value::Until(wait.due_at), moment))
        }
    };
    queue.rows.iter().map(row).collect()
}

/// What time it is elsewhere; "no data" where there is no such zone.
pub(super) fn zones(others: &[form::OtherZone], moment: Moment<'_>) -> Vec<Row> {
    let row = |other: &form::OtherZone| {
        let zone = TimeZone::get(&other.zone).ok();
        let time = zone.as_ref().map_or_else(|| "no data".to_owned(), |zone| format::time(moment.now, zone));
        let time = Figure::row(&Value::Text(time), Moment { frozen: false, ..moment });
        Row { zone: zone.map(|_| other.zone.clone()), ..Row::plain(&other.label, &other.label, time) }
    };
    others.iter().take(2).map(row).collect()
}

/// Shares within a gauge.
pub(super) fn parts(gauge: &form::Gauge, moment: Moment<'_>) -> Vec<Row> {
    let row = |part: &form::GaugePart| Row::plain(&part.label, &part.label, Figure::main(&part.value, moment));
    gauge.parts.iter().map(row).collect()
}
