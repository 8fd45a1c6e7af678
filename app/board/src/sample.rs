//! Boards with known content: what a wall looks like on a Monday afternoon, and the same under stress.
//!
//! Pictures and their tests draw these at the instant [`now`]. Every name in them is invented.

mod forms;
mod overview;
mod queue;
mod stress;
mod team;
mod today;

use jiff::{SignedDuration, Timestamp};

pub use forms::{forms, more_forms};
pub use overview::{message, offline, overview, war_room};
pub use queue::queue;
pub use stress::Stress;
pub use team::team;
pub use today::today;

use crate::{
    Area, Board, BoardId, Form, Layout, Look, Panel, PanelId, Placement, Revision, Status, Strip, Theme, Value,
    form::Context,
};

/// Where the sample desk is.
const ZONE: &str = "Europe/London";

/// The instant for which the samples are made: Monday 16 November 2026, 14:32 in London.
pub fn now() -> Timestamp {
    Timestamp::constant(1_794_839_520, 0)
}

/// Every sample board by name: the plain ones, then each of them under each kind of stress (`queue-names`).
pub fn all() -> Vec<(String, Board)> {
    let plain = [
        ("overview", overview()),
        ("queue", queue()),
        ("team", team()),
        ("today", today()),
        ("forms", forms()),
        ("more-forms", more_forms()),
        ("offline", offline()),
        ("message", message()),
        ("war-room", war_room()),
    ];
    let stressed = plain.iter().flat_map(|(name, board)| {
        Stress::ALL.map(|stress| (format!("{name}-{}", stress.name()), stress.apply(board.clone())))
    });
    plain.iter().map(|(name, board)| ((*name).to_owned(), board.clone())).chain(stressed).collect()
}

/// The sample called `name`, see [`all`].
pub fn named(name: &str) -> Option<Board> {
    all().into_iter().find_map(|(known, board)| (known == name).then_some(board))
}

/// A board with the given panels; the layout is filled in by the caller.
fn board(id: &str, title: &str, layout: Layout, panels: Vec<Panel>) -> Board {
    Board {
        id: BoardId(id.into()),
        title: title.into(),
        revision: Revision(1),
        theme: Theme::Midnight,
        look: Look::Classic,
        time_zone: ZONE.into(),
        demo: false,
        simulated: None,
        layout,
        panels,
        ticker: Vec::new(),
        overlay: None,
    }
}

/// A calm panel, read eight seconds ago.
fn panel(id: &str, title: &str, form: Form) -> Panel {
    Panel {
        id: PanelId(id.into()),
        title: title.into(),
        short_title: None,
        form,
        status: Status::Ok,
        revision: Revision(1),
        updated_at: before(8),
        beside_desk: false,
    }
}

/// A layout of 12 × 8 cells; areas are column, row, columns, rows.
fn grid(strip: &[&str], placements: &[(&str, [u8; 4])]) -> Layout {
    let panel_id = |id: &&str| PanelId((*id).into());
    Layout {
        columns: 12,
        rows: 8,
        strip: (!strip.is_empty()).then(|| Strip { row: 0, rows: 4, panels: strip.iter().map(panel_id).collect() }),
        placements: placements
            .iter()
            .map(|(id, [column, row, columns, rows])| Placement {
                panel: panel_id(id),
                area: Area { column: *column, row: *row, columns: *columns, rows: *rows },
            })
            .collect(),
    }
}

/// "usual 116".
fn context(before: &str, value: Value) -> Option<Context> {
    Some(Context { before: before.into(), value: Some(value), after: String::new() })
}

/// So many seconds before [`now`].
fn before(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

/// So many seconds after [`now`].
fn after(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

#[cfg(test)]
mod tests;
