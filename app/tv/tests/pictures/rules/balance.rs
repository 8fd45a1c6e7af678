//! Created against solved: two opposed amounts, and their difference.

use board::{Status, sample::Stress};

use super::ALL;
use crate::{
    faults,
    reading::{Text, read_at},
    scenes::{self, Scene},
};

fn today() -> Scene {
    scenes::presets().find(|scene| scene.name == "bad-afternoon-today").unwrap()
}

#[test]
fn opposed_amounts_have_their_names_however_their_tile_stands() {
    for status in [Status::Ok, Status::Warn, Status::Critical, Status::Stale, Status::Unavailable] {
        for amount in [None, Some(Stress::Thousands)] {
            let scene = amount.map_or_else(today, |amount| today().under(amount));
            let board = Stress::Status(status).apply(scene.board);
            for size in ALL.into_iter().chain([(1080, 1350)]) {
                let drawing = read_at(&scenes::live(board.clone()), scene.now, size);
                let said = |words: &str| drawing.texts.iter().any(|text| text.words == words && !text.is_cut());
                let texts: Vec<_> = drawing.texts.iter().map(|text| &text.words).collect();
                assert!(said("Created") && said("Solved"), "{status:?}, {amount:?} at {size:?}: {texts:?}");
                let found = faults::of_texts(&drawing);
                assert!(found.is_empty(), "{status:?}, {amount:?} at {size:?}: {}", found.join("\n"));
            }
        }
    }
}

#[test]
fn the_difference_stands_in_the_middle_over_where_the_bars_meet() {
    for size in ALL {
        let scene = today();
        let drawing = read_at(&scenes::live(scene.board.clone()), scene.now, size);
        let find = |words: &str| -> &Text { drawing.texts.iter().find(|text| text.words == words).unwrap() };
        let (number, created, solved) = (find("+56"), find("207"), find("151"));
        let middle = (number.left + number.wanted_right) / 2.0;
        let meeting = (created.left + solved.wanted_right) / 2.0;
        assert!(number.size < 60.0 || (middle - meeting).abs() < 14.0, "{middle}, not {meeting}, at {size:?}");
    }
}
