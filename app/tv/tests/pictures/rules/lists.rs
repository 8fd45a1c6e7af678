//! Rows of lists: what leads them, and how high they are.

use std::collections::BTreeSet;

use board::{Board, Form, Status, Value, form::TableRow, layout, sample};
use jiff::SignedDuration;

use super::ALL;
use crate::{faults, reading::read, scenes};

/// Forty characters, as people write them.
const SUBJECT: &str = "Printer offline in the large meeting roo";
/// What can be read of a subject at least, in design pixels.
const READABLE: f32 = 110.0;
/// The least from one row to the next (wall-ui rule 5).
const ROW: f32 = 88.0;
/// The panel that tells what happened.
const FEED: &str = "live-feed";

/// `board` on which a ticket came in so many seconds ago.
fn with_new_ticket(mut board: Board, seconds: i64, status: Status) -> Board {
    let feed = board.panels.iter_mut().find(|panel| panel.id.0 == FEED).unwrap();
    let Form::Table(table) = &mut feed.form else { panic!("{feed:?}") };
    table.rows = vec![TableRow {
        key: "1".into(),
        name: "New".into(),
        detail: Some(SUBJECT.into()),
        subject: None,
        extra: None,
        value: Value::Since(sample::now() - SignedDuration::from_secs(seconds)),
        status,
    }];
    board
}

#[test]
fn a_new_ticket_is_called_new_and_says_what_it_is_about() {
    let boards = ["calm-morning-overview", "calm-morning-today"]
        .map(|name| scenes::presets().find(|scene| scene.name == name).unwrap().board);
    let mut seen = BTreeSet::new();
    for (age, status) in [0, 60, 42 * 60].into_iter().flat_map(|age| [(age, Status::Ok), (age, Status::Warn)]) {
        for (board, size) in boards.iter().flat_map(|board| ALL.map(|size| (board, size))) {
            let board = with_new_ticket(board.clone(), age, status);
            // An upright screen has no room for everything.
            if !layout::arrange(&board, size.0, size.1).tiles.iter().any(|tile| tile.panel.0 == FEED) {
                continue;
            }
            seen.insert(size);
            let drawing = read(&scenes::live(board), size);
            let said = |words: &str| drawing.texts.iter().find(|text| text.words == words && text.size > 51.0);
            let subject = drawing.texts.iter().find(|text| text.words == SUBJECT);
            let case = format!("{age} s, {status:?} at {size:?}: {:?} {subject:?}", said("New"));
            assert!(said("New").is_some_and(|text| !text.is_cut()), "{case}");
            assert!(subject.is_some_and(|text| text.right - text.left >= READABLE), "{case}");
            let found = faults::of_texts(&drawing);
            assert!(found.is_empty(), "{case}: {}", found.join("\n"));
        }
    }
    assert_eq!(seen, BTreeSet::from(ALL));
}

#[test]
fn rows_keep_their_height_whatever_the_status_of_their_tile() {
    for status in [Status::Ok, Status::Warn, Status::Critical, Status::Stale] {
        let board = sample::Stress::Status(status).apply(sample::overview());
        for size in ALL {
            let drawing = read(&scenes::live(board.clone()), size);
            let totals = ["Free", "Busy", "Away", "Off"];
            let mut rows: Vec<f32> = drawing
                .texts
                .iter()
                .filter(|text| totals.contains(&text.words.as_str()))
                .map(|text| text.bottom)
                .collect();
            rows.sort_by(f32::total_cmp);
            let close = rows.windows(2).find(|rows| rows[1] - rows[0] < ROW - 0.5);
            assert!(close.is_none(), "{status:?} at {size:?}: rows at {close:?}");
        }
    }
}

#[test]
fn a_total_stands_in_the_row_of_its_name_whatever_the_amount() {
    for (stress, amount) in [(sample::Stress::Hundreds, "999"), (sample::Stress::Ones, "1")] {
        let board = stress.apply(sample::overview());
        let drawing = read(&scenes::live(board), crate::FULL_HD);
        for name in ["Free", "Busy", "Away", "Off"] {
            let text = drawing.texts.iter().find(|text| text.words == name).unwrap();
            let beside = drawing.texts.iter().any(|other| {
                other.words == amount && other.left > text.left && (other.bottom - text.bottom).abs() < 6.0
            });
            assert!(beside, "{amount} does not stand beside {name}: {text:?}");
        }
    }
}
