//! Boards in HTML, as whole pages and streams carry it: semantic, and readable as it stands.
//!
//! What runs is worded for the instant of its making, and carries the instant that it runs from or to in an attribute, so
//! that the page's script words it anew as time passes (`assets/board/words.js`). What a wait becomes once nothing is
//! heard of it any more ("due 14:39") is there from the start, and shown by the style sheet when the connection is lost.

mod bars;
mod figure;
mod forms;
mod overlay;
mod plot;
mod rows;

use askama::Template;
use board::{Board, Form, Panel, Status, form::Arrangement, format, layout};
use jiff::{Timestamp, tz::TimeZone};

/// What a board is told with: the instant, in its own time and zone, and whether its data still flows.
#[derive(Clone, Copy)]
struct Moment<'a> {
    now: Timestamp,
    zone: &'a TimeZone,
    frozen: bool,
}

/// A panel in its place.
struct Seated {
    classes: String,
    article: String,
}

#[derive(Template)]
#[template(path = "board/board.html")]
struct BoardHtml<'a> {
    board: &'a Board,
    theme: &'static str,
    columns: u8,
    rows: u8,
    /// Whether main numbers are of the larger size.
    large: bool,
    strip: Option<(String, Vec<Seated>)>,
    seats: Vec<Seated>,
    updated: String,
    clock: String,
    overlay: String,
}

#[derive(Template)]
#[template(path = "board/panel.html")]
struct PanelHtml<'a> {
    panel: &'a Panel,
    /// Classes: the form, the status, whether it is a number or a list.
    classes: String,
    /// When the desk was read for it, for the age of the whole board; nothing where its data are not the desk's.
    fed: Option<i64>,
    aside: Option<String>,
    mark: Option<Mark>,
    content: String,
}

/// How a panel stands, by shape and word.
struct Mark {
    icon: &'static str,
    /// What stands before the word where there is room for it.
    before: &'static str,
    word: String,
}

/// All of a board that changes: what a `board` event carries.
pub(crate) fn board(board: &Board, now: Timestamp) -> Result<String, askama::Error> {
    let zone = zone(board);
    let time = board.time(now);
    let seats = layout::seats(board);
    let columns = board.layout.columns.max(1);
    let seat = |seat: &layout::Seat<'_>| {
        let area = seat.area;
        // As on the wall, whose grid has 12 columns unless it says otherwise.
        let share = u16::from(area.columns) * 12 / u16::from(columns);
        let size = if share > 6 {
            "large"
        } else if share > 4 {
            "medium"
        } else {
            "small"
        };
        let place =
            format!("column-{} width-{} row-{} height-{}", area.column + 1, area.columns, area.row + 1, area.rows);
        let classes = format!("seat {} {size}", if seat.strip { "in-strip" } else { place.as_str() });
        Ok(Seated { classes, article: panel_at(seat.panel, time, &zone)? })
    };
    let (strip, others): (Vec<_>, Vec<_>) = seats.iter().partition(|seat| seat.strip);
    let rows = |first: &layout::Seat<'_>| format!("row-{} height-{}", first.area.row + 1, first.area.rows);
    let strip = match strip.first() {
        Some(first) => {
            let panels = strip.iter().map(&seat).collect::<Result<Vec<_>, askama::Error>>()?;
            Some((format!("{} columns-{}", rows(first), panels.len()), panels))
        }
        None => None,
    };
    BoardHtml {
        theme: super::theme::name(board.theme),
        columns,
        rows: board.layout.rows.max(1),
        large: board.ticker.is_empty() && seats.len() <= 6,
        strip,
        seats: others.iter().map(seat).collect::<Result<_, askama::Error>>()?,
        updated: format::updated(board.newest_data(), time),
        clock: format::time(time, &zone),
        overlay: overlay(board, now)?,
        board,
    }
    .render()
}

/// One panel: what a `panel` event carries.
pub(crate) fn panel(board: &Board, panel: &Panel, now: Timestamp) -> Result<String, askama::Error> {
    panel_at(panel, board.time(now), &zone(board))
}

/// What lies over the board: what an `overlay` event carries.
pub(crate) fn overlay(board: &Board, now: Timestamp) -> Result<String, askama::Error> {
    let zone = zone(board);
    overlay::html(board.overlay.as_ref(), Moment { now: board.time(now), zone: &zone, frozen: false })
}

/// A zone that this version does not know is a mistake of the settings; the times of another zone would be a lie.
fn zone(board: &Board) -> TimeZone {
    board.zone().unwrap_or(TimeZone::UTC)
}

fn panel_at(panel: &Panel, now: Timestamp, zone: &TimeZone) -> Result<String, askama::Error> {
    let frozen = matches!(panel.status, Status::Stale | Status::Unavailable);
    let moment = Moment { now, zone, frozen };
    // On numbers the status fills the floor or the tile; on everything else it stands in the title's row.
    let kind = match &panel.form {
        Form::Stat(_) | Form::Gauge(_) => "of-number",
        _ => "of-list",
    };
    let fed = panel.tells_the_desks_age();
    PanelHtml {
        classes: format!("{} {kind} {}", forms::class(&panel.form), status(&panel.status)),
        fed: fed.then(|| panel.updated_at.as_millisecond()),
        aside: aside(&panel.form, moment),
        mark: mark(panel, moment),
        content: forms::html(panel, moment)?,
        panel,
    }
    .render()
}

/// The class of a status.
fn status(status: &Status) -> &'static str {
    match status {
        Status::Ok => "is-ok",
        Status::Warn => "is-warn",
        Status::Critical => "is-critical",
        Status::Stale => "is-stale",
        Status::Unavailable => "is-unavailable",
    }
}

fn mark(panel: &Panel, moment: Moment<'_>) -> Option<Mark> {
    let (icon, before, word) = match panel.status {
        Status::Ok => return None,
        Status::Warn => ("warn", "", "Watch".to_owned()),
        Status::Critical => ("critical", "", "Act now".to_owned()),
        Status::Stale => ("stale", "from ", format::day_and_time(panel.updated_at, moment.now, moment.zone)),
        Status::Unavailable => ("stale", "", "no data".to_owned()),
    };
    Some(Mark { icon, before, word })
}

/// What stands beside the title.
fn aside(form: &Form, moment: Moment<'_>) -> Option<String> {
    match form {
        Form::Queue(queue) => Some(format::count(queue.total.into(), 9_999).to_string()),
        Form::Roster(roster) if roster.estimated => Some("estimated".to_owned()),
        Form::Bars(bars) if bars.arrangement == Arrangement::Rows => {
            bars.limit.as_ref().map(|limit| format!("{} {}", limit.label, limit.value))
        }
        Form::Bars(bars) if bars.arrangement == Arrangement::Columns && bars.headline.is_none() => {
            bars.context.as_ref().map(|context| format::context(context, moment.now, moment.zone).to_string())
        }
        _ => None,
    }
}
