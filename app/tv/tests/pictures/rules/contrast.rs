//! What carries meaning stands out from its ground, and every status has a shape and a word.

use board::{
    Board, Status, Theme, layout,
    sample::{self, Stress},
};

use crate::{
    FULL_HD, HD, PORTRAIT, ULTRAWIDE,
    faults::{self, Read},
    reading::read,
    scenes,
};

const THEMES: [Theme; 3] = [Theme::Midnight, Theme::Daylight, Theme::Signal];

#[test]
fn every_status_has_a_shape_and_a_word() {
    for (status, words) in [
        (Status::Warn, &["Watch"][..]),
        (Status::Critical, &["Act now", "Act"]),
        (Status::Stale, &["from 14:26", "stale"]),
        (Status::Unavailable, &["no data"]),
    ] {
        for name in ["overview", "queue", "team", "forms"] {
            let board = sample::Stress::Status(status).apply(sample::named(name).unwrap());
            let frame = layout::arrange(&board, HD.0, HD.1);
            let drawing = read(&scenes::live(board), HD);
            // The header may say the same of the whole board.
            let in_tiles = drawing.texts.iter().filter(|text| text.top * drawing.unit > frame.body.y);
            let said: Vec<_> = in_tiles.filter(|text| words.contains(&text.words.as_str())).collect();
            assert_eq!(said.len(), frame.tiles.len(), "{name}: every tile says {words:?}");
            for word in said {
                let middle = (word.top + word.bottom) / 2.0;
                let shape = drawing.inked(word.left - 58.0, middle - 26.0, word.left - 12.0, middle + 26.0);
                assert!(shape > 0.1, "{name}: no shape beside {:?}", word.words);
            }
        }
    }
}

#[test]
fn every_text_of_a_board_stands_out_from_its_ground() {
    let plain = ["overview", "queue", "team", "today", "forms", "more-forms", "message", "war-room"];
    for name in plain.into_iter().chain(["queue-critical", "today-critical", "overview-warn", "forms-stale"]) {
        for theme in THEMES {
            let board = Board { theme, ..sample::named(name).unwrap() };
            let pale = faults::pale_texts(&read(&scenes::live(board), FULL_HD));
            assert!(pale.is_empty(), "{name}, {theme:?}: {pale:#?}");
        }
    }
}

/// The four kinds of a strip, on a screen that has room for one.
#[test]
fn four_segments_are_told_from_their_neighbours_in_every_theme() {
    for theme in THEMES {
        for board in [sample::more_forms(), Stress::Status(Status::Stale).apply(sample::more_forms())] {
            let board = Board { theme, ..board };
            let drawing = read(&scenes::live(board.clone()), ULTRAWIDE);
            let strip = drawing
                .texts
                .iter()
                .filter(|text| ["New", "Open", "Pending", "On hold"].contains(&text.words.as_str()));
            let tops: Vec<f32> = strip.map(|text| text.top).collect();
            assert!(tops.len() == 4 && tops.iter().all(|top| *top == tops[0]), "no strip is drawn: {tops:?}");
            let pale = Read::new(&drawing, &board, ULTRAWIDE, scenes::now()).pale_boxes();
            assert!(pale.is_empty(), "{theme:?}: {pale:#?}");
        }
    }
}

#[test]
fn what_carries_meaning_stands_out_in_every_status_and_theme() {
    for name in ["overview", "queue", "team", "today", "forms", "more-forms"] {
        for status in [Status::Ok, Status::Warn, Status::Critical] {
            for (theme, size) in THEMES.into_iter().flat_map(|theme| [(theme, FULL_HD), (theme, PORTRAIT)]) {
                let board = Board { theme, ..Stress::Status(status).apply(sample::named(name).unwrap()) };
                let drawing = read(&scenes::live(board.clone()), size);
                let pale = Read::new(&drawing, &board, size, scenes::now()).pale_boxes();
                assert!(pale.is_empty(), "{name}, {status:?}, {theme:?} at {size:?}: {pale:#?}");
            }
        }
    }
}
