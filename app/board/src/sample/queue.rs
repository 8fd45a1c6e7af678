//! The queue: how much waits, since when, and for whom.

use super::{DAY, HOUR, MINUTE, before, board, context, grid, overview, panel};
use crate::{
    Board, Form, Panel, Status, Value,
    form::{Arrangement, Bar, Bars, Table, TableRow},
};

/// What waits, how long, and how urgent it is.
pub fn queue() -> Board {
    let layout = grid(
        &[],
        &[
            ("open-tickets", [0, 0, 6, 4]),
            ("unassigned", [6, 0, 3, 4]),
            ("awaiting-reply", [9, 0, 3, 4]),
            ("backlog-age", [0, 4, 3, 4]),
            ("priority-mix", [3, 4, 4, 4]),
            ("oldest-open", [7, 4, 5, 4]),
        ],
    );
    let unassigned = overview::stat(
        Value::Count(17),
        context("oldest", Value::Since(before(HOUR + 4 * MINUTE))),
        &[6.0, 7.0, 9.0, 8.0, 11.0, 12.0, 14.0, 13.0, 16.0, 17.0],
    );
    let waiting = overview::stat(
        Value::Count(9),
        context("longest", Value::Since(before(38 * MINUTE))),
        &[3.0, 4.0, 4.0, 6.0, 5.0, 7.0, 8.0, 6.0, 7.0, 9.0],
    );
    let panels = vec![
        panel("open-tickets", "Open tickets", Form::Stat(overview::open(Some(116.0)))),
        Panel { status: Status::Critical, ..panel("unassigned", "Unassigned", Form::Stat(unassigned)) },
        panel("awaiting-reply", "Waiting on us", Form::Stat(waiting)),
        Panel { short_title: Some("By age".into()), ..panel("backlog-age", "Open by age", Form::Bars(by_age())) },
        panel("priority-mix", "By priority", Form::Bars(by_priority())),
        panel("oldest-open", "Oldest open", Form::Table(oldest())),
    ];
    board("queue", "Service desk · Queue", layout, panels)
}

/// Plain bars.
pub(super) fn bars(arrangement: Arrangement, amounts: &[(&str, i64)]) -> Bars {
    Bars { arrangement, bars: columns(amounts), limit: None, headline: None, context: None, small: Vec::new() }
}

fn columns(amounts: &[(&str, i64)]) -> Vec<Bar> {
    let bar =
        |(label, value): &(&str, i64)| Bar { label: (*label).into(), value: *value, part: None, status: Status::Ok };
    amounts.iter().map(bar).collect()
}

/// Six bands, and three for a small tile.
pub(super) fn by_age() -> Bars {
    let six = [("<1h", 14), ("<8h", 52), ("<1d", 37), ("<3d", 11), ("<7d", 8), ("7d+", 6)];
    Bars { small: columns(&[("<1d", 103), ("<7d", 19), ("7d+", 6)]), ..bars(Arrangement::Columns, &six) }
}

fn by_priority() -> Bars {
    bars(Arrangement::Rows, &[("Urgent", 0), ("High", 8), ("Normal", 93), ("Low", 27)])
}

fn oldest() -> Table {
    let row = |client: &str, subject: &str, owner: &str, days: i64, status| TableRow {
        key: client.to_lowercase().replace(' ', "-"),
        name: client.into(),
        detail: None,
        subject: Some(subject.into()),
        extra: Some(owner.into()),
        value: Value::Since(before(days * DAY + 3 * HOUR)),
        status,
    };
    Table {
        rows: vec![
            row("Larkfield School", "Projector in the hall stays dark", "Noor H", 9, Status::Critical),
            row("Castle Vets", "Label printer offline", "Mei L", 6, Status::Warn),
            row("Ferry Books", "Cannot sign in to the till", "Priya S", 4, Status::Warn),
            row("Northgate Legal", "New starter on Monday", "Tomás R", 2, Status::Ok),
        ],
        by_subject: false,
    }
}
