//! Portrait screens: two columns of tiles, and the most important list across the foot.

use super::{Canvas, GAP, Region, Track, seats::Seat};
use crate::{Form, Panel, form::Arrangement};

/// Height of a tile in the two columns.
const STAT: f64 = 364.0;
/// A tile's title with its padding, and one row of bars under it.
const TITLE: f64 = 96.0;
const ROW: f64 = 88.0;
/// A difference with its context over two amounts with their names.
const OPPOSED: f64 = 490.0;
/// Bars that a portrait screen makes room for.
const BARS: usize = 5;
/// A portrait screen shows no more tiles than this.
const TILES: usize = 7;

/// Arranges the seats in their order, with the list last.
pub(super) fn arrange<'a>(mut seats: Vec<Seat<'a>>, canvas: &Canvas) -> Vec<(&'a Panel, bool, Region)> {
    let list = take_list(&mut seats);
    let room = TILES - usize::from(list.is_some());
    while seats.len() > room {
        // Activity goes first: other tables before anything else, the least important of them first.
        let table = seats.iter().rposition(|seat| matches!(seat.panel.form, Form::Table(_)));
        seats.remove(table.unwrap_or(seats.len() - 1));
    }
    let rows = rows(seats);
    let body = canvas.body;
    let (heights, last) = heights(&rows, list.is_some(), body.height);
    let halves = Track::new(body.x, body.width, 2);
    let mut placed = Vec::new();
    let mut y = body.y;
    for (row, tile) in rows.into_iter().zip(heights) {
        for (index, seat) in row.iter().enumerate() {
            let (x, width) = halves.span(index, 3 - row.len());
            placed.push((seat.panel, seat.strip, Region { x, y, width, height: tile }));
        }
        y += tile + GAP;
    }
    placed.extend(list.map(|seat| (seat.panel, seat.strip, Region { y, height: last, ..body })));
    placed
}

/// Heights of the rows, and of the list at the foot.
fn heights(rows: &[Vec<Seat<'_>>], with_list: bool, whole: f64) -> (Vec<f64>, f64) {
    let count = rows.len() as f64;
    let wanted: Vec<f64> = rows.iter().map(|row| row.iter().map(least).fold(STAT, f64::max)).collect();
    let wanted_together = wanted.iter().sum::<f64>();
    if with_list {
        // The list is never lower than a number above it.
        let left = |together: f64| whole - together - count * GAP;
        if left(wanted_together) >= STAT {
            return (wanted, left(wanted_together));
        }
        if left(count * STAT) >= STAT {
            return (vec![STAT; rows.len()], left(count * STAT));
        }
        let equal = left(0.0) / (count + 1.0);
        return (vec![equal; rows.len()], equal);
    }
    (levelled(&wanted, whole - (count - 1.0).max(0.0) * GAP), 0.0)
}

/// Shares `whole` equally, but for rows that want more than an equal share; these come short where not all can have it.
fn levelled(wanted: &[f64], whole: f64) -> Vec<f64> {
    let mut level = whole / wanted.len().max(1) as f64;
    loop {
        let above = wanted.iter().filter(|height| **height > level);
        let (count, taken) = above.fold((0, 0.0), |(count, taken), height| (count + 1, taken + height));
        let others = wanted.len() - count;
        let rest = if others > 0 { (whole - taken) / others as f64 } else { 0.0 };
        if count == 0 || rest == level {
            return wanted.iter().map(|height| height.max(level)).collect();
        }
        if rest < STAT {
            return vec![whole / wanted.len() as f64; wanted.len()];
        }
        level = rest;
    }
}

/// What a tile needs so that nothing that it tells is missing.
fn least(seat: &Seat<'_>) -> f64 {
    match &seat.panel.form {
        Form::Bars(bars) if matches!(bars.arrangement, Arrangement::Rows | Arrangement::Strip) => {
            TITLE + ROW * bars.bars.len().min(BARS) as f64
        }
        Form::Bars(bars) if bars.arrangement == Arrangement::Opposed => OPPOSED,
        _ => STAT,
    }
}

/// Takes the list that covers most of the landscape board.
fn take_list<'a>(seats: &mut Vec<Seat<'a>>) -> Option<Seat<'a>> {
    let most = seats.iter().filter(|seat| is_list(seat)).map(Seat::cells).max()?;
    let index = seats.iter().position(|seat| is_list(seat) && seat.cells() == most)?;
    Some(seats.remove(index))
}

fn is_list(seat: &Seat<'_>) -> bool {
    let list = matches!(
        seat.panel.form,
        Form::Queue(_) | Form::Table(_) | Form::Roster(_) | Form::Leaderboard(_) | Form::Tiles(_)
    );
    list && !seat.strip
}

/// Pairs in order. Of an odd number, the tile that is widest on the landscape board takes a row of its own.
fn rows(seats: Vec<Seat<'_>>) -> Vec<Vec<Seat<'_>>> {
    let most = seats.iter().map(Seat::cells).max();
    let alone = if seats.len() % 2 == 1 { seats.iter().position(|seat| Some(seat.cells()) == most) } else { None };
    let (mut rows, mut pair, mut waiting) = (Vec::new(), Vec::new(), None);
    for (index, seat) in seats.into_iter().enumerate() {
        if Some(index) == alone {
            waiting = Some(seat);
        } else {
            pair.push(seat);
        }
        if pair.len() == 2 {
            rows.push(std::mem::take(&mut pair));
        }
        if pair.is_empty() {
            rows.extend(waiting.take().map(|seat| vec![seat]));
        }
    }
    rows
}
