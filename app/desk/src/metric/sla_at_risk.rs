//! Panel 19: clocks that will breach soon.

use jiff::{SignedDuration, Timestamp};

use crate::{ClockMetric, Moment, Ticket, View, Window, index::Line, schedule::seconds_between, view::saturating};

/// Running clocks that are due within the hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaAtRisk<'a> {
    /// How many there are.
    pub total: u32,
    /// The nearest, nearest first.
    pub nearest: Vec<RunningClock<'a>>,
    /// Seconds until the nearest is due.
    pub left: Option<u64>,
}

/// A clock that runs towards its due time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningClock<'a> {
    /// Whose clock it is.
    pub ticket: &'a Ticket,
    /// What it measures.
    pub metric: ClockMetric,
    /// When it is due.
    pub due_at: Timestamp,
}

impl SlaAtRisk<'_> {
    /// Seconds before the due time at which a clock counts as at risk.
    pub const WINDOW: u64 = 3600;
}

/// Finds unpaused clocks due within the next 60 minutes, and lists at most `rows` of them.
///
/// Providers give due times that already honour the clock's own calendar, so the time left is plain time.
pub fn sla_at_risk<'a>(view: &View<'a>, moment: &Moment, rows: usize) -> SlaAtRisk<'a> {
    let now = moment.now();
    let soon = SignedDuration::from_secs(SlaAtRisk::WINDOW.cast_signed());
    let start = now.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MAX);
    let end = start.saturating_add(soon).unwrap_or(Timestamp::MAX);
    let entries = view.line(Line::Running).within(Window { start, end });
    let mut clocks: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let ticket = view.desk().at(entry.slot)?;
            let clock = ticket.clocks.get(entry.value as usize)?;
            Some(RunningClock { ticket, metric: clock.metric, due_at: clock.due_at })
        })
        .collect();
    clocks.sort_by(|a, b| (a.due_at, &a.ticket.id, a.metric).cmp(&(b.due_at, &b.ticket.id, b.metric)));
    clocks.truncate(rows);
    SlaAtRisk {
        total: saturating(entries.len()),
        nearest: clocks,
        left: entries.first().map(|entry| seconds_between(now, entry.at)),
    }
}
