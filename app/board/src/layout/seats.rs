//! The panels that can be shown, with their cells: what is left of a layout once nothing overlaps.

use std::collections::HashSet;

use crate::{Area, Board, Form, Panel, PanelId};

/// A panel and its cells on the landscape grid.
#[derive(Clone, Copy, Debug)]
pub struct Seat<'a> {
    /// Which panel.
    pub panel: &'a Panel,
    /// Its cells; of a panel in the strip, whose panels divide it equally, the columns are only about its share.
    pub area: Area,
    /// Whether it belongs to the KPI strip.
    pub strip: bool,
}

impl Seat<'_> {
    /// Cells covered.
    pub(super) fn cells(&self) -> u32 {
        u32::from(self.area.columns) * u32::from(self.area.rows)
    }
}

/// The strip from left to right, then the placements in their order.
///
/// Areas are cut to the grid. The first to claim a cell keeps it; later claims, panels without data and
/// second places of a panel are left out.
pub fn of(board: &Board) -> Vec<Seat<'_>> {
    let layout = &board.layout;
    let mut seen = HashSet::new();
    let mut seats: Vec<Seat<'_>> = Vec::new();
    let find = |id: &PanelId| board.panels.iter().find(|panel| panel.id == *id);
    if let Some(strip) = &layout.strip
        && let Some(whole) = cut(Area { column: 0, row: strip.row, columns: layout.columns, rows: strip.rows }, layout)
    {
        let panels = strip.panels.iter().filter_map(find).filter(|panel| seen.insert(&panel.id));
        // The share of a strip tile in cells only matters against other tiles, when portrait picks the widest.
        let columns = (usize::from(whole.columns) / strip.panels.len().max(1)) as u8;
        seats.extend(panels.map(|panel| Seat { panel, area: Area { columns, ..whole }, strip: true }));
    }
    let strip_rows = seats.first().map(|seat| Area { columns: layout.columns, ..seat.area });
    for placement in &layout.placements {
        let Some(panel) = find(&placement.panel) else { continue };
        let Some(area) = cut(placement.area, layout) else { continue };
        let taken = seats.iter().filter(|seat| !seat.strip).any(|seat| overlap(&seat.area, &area))
            || strip_rows.is_some_and(|strip| overlap(&strip, &area));
        if !taken && seen.insert(&panel.id) {
            seats.push(Seat { panel, area, strip: false });
        }
    }
    seats
}

/// Gives lists that stand side by side on an ultrawide screen the same width, so that each gains its extra column.
pub(super) fn level_lists(mut seats: Vec<Seat<'_>>) -> Vec<Seat<'_>> {
    for left in 0..seats.len() {
        let neighbour = seats.iter().position(|seat| {
            let (one, other) = (seats[left].area, seat.area);
            let beside = other.column == one.column + one.columns && other.row == one.row && other.rows == one.rows;
            beside && !seat.strip && !seats[left].strip && levels(seats[left].panel) && levels(seat.panel)
        });
        if let Some(right) = neighbour {
            let (one, other) = (seats[left].area, seats[right].area);
            let both = one.columns + other.columns;
            seats[left].area.columns = both.div_ceil(2);
            seats[right].area.columns = both / 2;
            seats[right].area.column = one.column + both.div_ceil(2);
        }
    }
    seats
}

/// Whether a panel gains a column where there is room.
fn levels(panel: &Panel) -> bool {
    matches!(panel.form, Form::Queue(_) | Form::Table(_))
}

/// The part of `area` on the grid, if any.
fn cut(area: Area, layout: &crate::Layout) -> Option<Area> {
    let columns = area.columns.min(layout.columns.saturating_sub(area.column));
    let rows = area.rows.min(layout.rows.saturating_sub(area.row));
    (columns > 0 && rows > 0).then_some(Area { columns, rows, ..area })
}

/// Whether two areas share a cell. Areas were cut to the grid, so their ends fit into a `u8`.
pub(super) fn overlap(one: &Area, other: &Area) -> bool {
    let apart = |start: u8, length: u8, other_start: u8, other_length: u8| {
        u16::from(start) + u16::from(length) <= u16::from(other_start)
            || u16::from(other_start) + u16::from(other_length) <= u16::from(start)
    };
    !(apart(one.column, one.columns, other.column, other.columns) || apart(one.row, one.rows, other.row, other.rows))
}
