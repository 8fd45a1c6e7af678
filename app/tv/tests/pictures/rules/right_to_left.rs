//! Names from right to left: they end in a whole ellipsis, at their own end.

use std::time::Duration;

use board::{Board, sample};
use serde_json::Value as Json;
use tv::{snapshot::Display, view::Motion};

use super::ALL;
use crate::{HD, PORTRAIT, faults, hostile::WORDS, reading::read, scenes};

/// Names from right to left: with spaces and without, with figures, marks and letters of another direction.
pub(super) const RIGHT_TO_LEFT: [&str; 4] = [
    "مدرسة الميناء الشمالي للعلوم والتقنية ١٢",
    "בית הספר הצפוני למדעים ולטכנולוגיה בנמל ",
    "12 מַחְלְקוֹת Larkfield IT (צפון) ועוד שלוש",
    "المستشفىالجامعيللأطفالوالأمهاتفيالمدينةالقديمة",
];

/// The board with all words of people and of its server in Hebrew and Arabic, from the `first` name on.
fn from_right_to_left(board: &Board, first: usize) -> Board {
    fn write(value: &mut Json, words: &mut dyn Iterator<Item = &'static str>) {
        match value {
            Json::Array(items) => items.iter_mut().for_each(|item| write(item, words)),
            Json::Object(fields) => fields.iter_mut().for_each(|(name, value)| match value {
                // Code, not words.
                Json::String(_) if name == "currency" => {}
                Json::String(said) if WORDS.contains(&name.as_str()) || name == "target_label" => {
                    *said = words.next().unwrap().to_owned();
                }
                Json::Array(said) if ["ticker", "lines", "free"].contains(&name.as_str()) => {
                    said.iter_mut().for_each(|line| *line = words.next().unwrap().into());
                }
                value => write(value, words),
            }),
            _ => {}
        }
    }
    let mut words = RIGHT_TO_LEFT.into_iter().cycle().skip(first);
    let mut json = serde_json::to_value(board).unwrap();
    write(&mut json, &mut words);
    serde_json::from_str(&json.to_string()).unwrap()
}

#[test]
fn words_from_right_to_left_end_in_a_whole_ellipsis_where_they_have_no_room() {
    let names = ["overview", "queue", "team", "forms", "more-forms", "message", "war-room"];
    let mut shortened = 0;
    for name in names {
        let board = from_right_to_left(&sample::named(name).unwrap(), 0);
        let live = ALL.map(|size| (scenes::live(board.clone()), size));
        let lost = [HD, PORTRAIT].map(|size| (scenes::lost(board.clone()), size));
        for (screen, size) in live.into_iter().chain(lost) {
            let drawing = read(&screen, size);
            let found = faults::cut_where_they_begin(&drawing);
            assert!(found.is_empty(), "{name} at {size:?}: {}", found.join("\n"));
            shortened += drawing.texts.iter().filter(|text| text.shortened).count();
        }
    }
    assert!(shortened > 300, "{shortened} names were shortened");
}

/// Slint cannot measure while it draws: all that is shortened must be known by then.
#[test]
fn words_from_right_to_left_may_change_at_any_time() {
    for size in [HD, PORTRAIT, (320, 180), (200, 1_600)] {
        let mut display = Display::new(size.0, size.1, Motion::Full).unwrap();
        for name in ["overview", "queue", "team", "forms", "more-forms", "message", "war-room"] {
            for first in 0..2 {
                let board = from_right_to_left(&sample::named(name).unwrap(), first);
                for screen in [scenes::live(board.clone()), scenes::lost(board)] {
                    display.show(&screen, scenes::now());
                    display.draw();
                    display.advance(Duration::from_millis(120));
                    display.draw();
                }
            }
        }
    }
}
