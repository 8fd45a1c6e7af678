//! A board: its head, its tiles, its footer, what lies over it.

mod bars;
mod figure;
mod forms;
mod models;
mod overlay;
mod people;
mod plot;
mod rows;
mod tile;

use std::rc::Rc;

use board::{Board, Theme, format, layout};
use jiff::{Timestamp, tz::TimeZone};
use slint::{ModelRc, SharedString, VecModel};
use tv_components::{FooterData, HeaderData, Main, TileData};

use self::{models::Models, tile::Place};
use super::{Connection, Screen};

/// Narrower screens, in design pixels, leave out what can be guessed.
const NARROW: f32 = 1_300.0;
/// How long a ticker line stands, in seconds.
const TICKER: i64 = 10;

/// What a board is told with: the instant, its zone, and whether its data still flows.
#[derive(Clone, Copy)]
struct Moment<'a> {
    now: Timestamp,
    zone: &'a TimeZone,
    /// No data comes: nothing is judged, and nothing counts.
    lost: bool,
    theme: Theme,
}

/// The tiles on the screen, kept between drawings so that only what has changed is handed on.
pub(super) struct Wall {
    tiles: Rc<VecModel<TileData>>,
    models: Vec<Models>,
    overlay: overlay::Kept,
    /// The zone that was complained of last.
    unknown_zone: Option<String>,
}

impl Wall {
    pub(super) fn new(main: &Main) -> Self {
        let tiles = Rc::new(VecModel::default());
        main.set_tiles(ModelRc::from(tiles.clone()));
        Self { tiles, models: Vec::new(), overlay: overlay::Kept::default(), unknown_zone: None }
    }

    /// Draws `board` on a screen of `width` × `height` pixels.
    pub(super) fn show(&mut self, main: &Main, board: &Board, screen: &Screen, now: Timestamp, size: (u32, u32)) {
        let zone = self.zone(board);
        let moment = Moment { now, zone: &zone, lost: screen.connection == Connection::Lost, theme: board.theme };
        let frame = layout::arrange(board, size.0, size.1);
        let newest = board.newest_data();
        let (remark, short_remark) = remarks(board, screen);
        let header = header(board, newest, moment, size.0 as f32 / frame.unit < NARROW);
        main.set_header(HeaderData { remark, short_remark, ..header });
        main.set_footer(footer(board, now));
        self.arrange(board, &frame, moment);
        self.overlay.show(main, board, &frame, newest, moment);
    }

    /// The zone of a board. Where this version does not know it, times are UTC, and the clock says so.
    fn zone(&mut self, board: &Board) -> TimeZone {
        let known = board.zone();
        if known.is_ok() {
            self.unknown_zone = None;
        } else if self.unknown_zone.as_ref() != Some(&board.time_zone) {
            tracing::warn!(
                zone = board.time_zone,
                "the board tells time in a zone that is not in this system's database; its times are shown in UTC"
            );
            self.unknown_zone = Some(board.time_zone.clone());
        }
        known.unwrap_or(TimeZone::UTC)
    }

    fn arrange(&mut self, board: &Board, frame: &layout::Frame, moment: Moment<'_>) {
        let mut budget = tile::Budget::of(frame);
        let places = frame.tiles.iter().filter_map(|tile| {
            let panel = board.panels.iter().find(|panel| panel.id == tile.panel)?;
            Some((panel, Place::of(tile, frame.unit)))
        });
        let mut count = 0;
        for (panel, place) in places {
            let kept = self.models.get(count).is_some_and(|models| models.panel == panel.id);
            if !kept {
                self.models.truncate(count);
                self.models.push(Models::new(panel.id.clone()));
            }
            let data = tile::data(panel, &place, &self.models[count], &mut budget, moment);
            models::put(&self.tiles, count, data);
            count += 1;
        }
        self.models.truncate(count);
        models::truncate(&self.tiles, count);
    }
}

fn header(board: &Board, newest: Option<Timestamp>, moment: Moment<'_>, narrow: bool) -> HeaderData {
    let Moment { now, zone, lost, .. } = moment;
    let time = format::time(now, zone);
    let header = HeaderData {
        title: board.title.as_str().into(),
        short_title: board.title.rsplit_once(" · ").map(|(_, last)| last).unwrap_or_default().into(),
        offline: lost,
        clock: if board.zone().is_ok() { time } else { time + " UTC" }.into(),
        ..HeaderData::default()
    };
    if lost {
        let since = newest.map_or_else(|| "no data".to_owned(), |newest| format::from(newest, now, zone));
        return HeaderData {
            age: format::data_from(newest, now, zone).into(),
            brief_age: slint::format!("{since}, reconnecting"),
            briefer_age: slint::format!("{}, reconnecting", since.trim_start_matches("from ")),
            briefest_age: since.into(),
            ..header
        };
    }
    let age = match newest {
        Some(newest) if narrow => format::ago(newest, now),
        _ => format::updated(newest, now),
    };
    HeaderData { widest_age: widest(&age).into(), age: age.into(), ..header }
}

/// `age` with two figures, as it has a moment later.
fn widest(age: &str) -> String {
    let figure = |letter: char| letter.is_ascii_digit();
    if age.matches(figure).count() == 1 { age.replace(figure, "00") } else { age.to_owned() }
}

/// What is said beside the title, and in short. That data is made up goes before anything else; nobody hears of updates
/// from a server that is away, and that it is away takes the room.
fn remarks(board: &Board, screen: &Screen) -> (SharedString, SharedString) {
    match screen.unchecked_days {
        _ if board.demo => (demo(board), "Demo".into()),
        Some(days) if screen.connection == Connection::Live => {
            (slint::format!("No software updates for {days} d"), "No software updates".into())
        }
        _ => Default::default(),
    }
}

/// The mark of made-up data, wherever a board is told.
fn demo(board: &Board) -> SharedString {
    if board.demo { "Demo data".into() } else { SharedString::default() }
}

fn footer(board: &Board, now: Timestamp) -> FooterData {
    match in_turn(&board.ticker, now) {
        Some((line, position)) => FooterData { line: line.into(), position: position.into() },
        None => FooterData::default(),
    }
}

/// The line whose turn it is, and "2 of 5" where there are several.
fn in_turn(lines: &[String], now: Timestamp) -> Option<(&str, String)> {
    let count = i64::try_from(lines.len()).ok().filter(|count| *count > 0)?;
    let index = now.as_second().div_euclid(TICKER).rem_euclid(count);
    let line = lines.get(usize::try_from(index).ok()?)?;
    Some((line, if count > 1 { format!("{} of {count}", index + 1) } else { String::new() }))
}

#[cfg(test)]
mod tests;
