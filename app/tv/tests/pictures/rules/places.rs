//! Where the tiles of a board stand.

use board::{Board, Panel, layout};

use crate::reading::{Drawing, Text};

/// A tile in design pixels: left, top, right, bottom.
pub(super) type Place = [f32; 4];

/// The panels of `board` where they stand.
pub(super) fn places(board: &Board, size: (u32, u32)) -> impl Iterator<Item = (&Panel, Place)> {
    let frame = layout::arrange(board, size.0, size.1);
    let unit = frame.unit;
    frame.tiles.into_iter().filter_map(move |tile| {
        let panel = board.panels.iter().find(|panel| panel.id == tile.panel)?;
        let rect = tile.rect;
        Some((panel, [rect.x, rect.y, rect.right(), rect.bottom()].map(|length| length / unit)))
    })
}

/// The texts of a tile.
pub(super) fn within(drawing: &Drawing, [left, top, right, bottom]: Place) -> Vec<&Text> {
    let inside = |text: &&Text| left <= text.left && text.left < right && top <= text.top && text.top < bottom;
    drawing.texts.iter().filter(inside).collect()
}
