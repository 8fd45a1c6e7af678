//! Clients, and owners, in a column of their own.

use std::collections::BTreeSet;

use board::Form;

use super::{
    ALL,
    places::{places, within},
    under,
};
use crate::{
    HD, PORTRAIT, ULTRAWIDE,
    reading::read_at,
    scenes::{self, Scene},
};

#[test]
fn the_clients_of_a_list_stand_under_one_another() {
    let mut columns = 0;
    for Scene { name, board, now } in scenes::presets().chain(under("")) {
        if board.overlay.is_some() {
            continue;
        }
        for size in ALL {
            let drawing = read_at(&scenes::live(board.clone()), now, size);
            for (panel, place) in places(&board, size) {
                let Form::Table(table) = &panel.form else { continue };
                let extras: BTreeSet<&str> = table.rows.iter().filter_map(|row| row.extra.as_deref()).collect();
                let mut shown = within(&drawing, place);
                shown.retain(|text| extras.contains(text.words.as_str()) && text.left > place[0] + 64.0);
                let Some(first) = shown.first() else { continue };
                columns += 1;
                let lefts: Vec<_> = shown.iter().map(|text| (text.left, text.size, &text.words)).collect();
                let apart = shown.iter().any(|text| (text.left - first.left).abs() > 0.6 || text.size != first.size);
                assert!(!apart, "{name} at {size:?}: {lefts:?}");
            }
        }
    }
    assert!(columns > 10, "{columns} columns");
}

#[test]
fn the_clients_of_the_demo_are_whole_beside_what_happened() {
    // Beside a whole subject, which other desks have in the place of a topic, there is not always room for one.
    for Scene { name, board, now } in scenes::presets().filter(|scene| scene.board.demo) {
        for size in [ULTRAWIDE, PORTRAIT, HD] {
            let drawing = read_at(&scenes::live(board.clone()), now, size);
            for row in board.panels.iter().filter_map(|panel| match &panel.form {
                Form::Table(table) => Some(&table.rows),
                _ => None,
            }) {
                let clients = row.iter().filter(|row| row.detail.is_some()).filter_map(|row| row.extra.as_ref());
                for client in clients {
                    let cut = drawing.texts.iter().any(|text| text.words == *client && text.is_cut());
                    assert!(!cut, "{name} at {size:?}: {client:?} is cut");
                }
            }
        }
    }
}
