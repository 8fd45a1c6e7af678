//! The header: one line, which always says what is made up or old.

use board::{Board, sample};
use jiff::SignedDuration;
use tv::view::Screen;

use super::{ALL, right_to_left::RIGHT_TO_LEFT};
use crate::{
    HD, PORTRAIT, ULTRAWIDE, faults,
    reading::{Drawing, Text, read},
    scenes,
};

/// Screens on which a header has little room.
const NARROW: [(u32, u32); 5] = [PORTRAIT, (1080, 1350), (1080, 1080), (720, 1280), (1280, 1024)];

#[test]
fn that_data_is_made_up_or_old_is_told_on_every_shape_of_screen() {
    for size in ALL.into_iter().chain(NARROW) {
        for name in ["overview", "team", "queue-names", "war-room"] {
            let board = Board { demo: true, ..sample::named(name).unwrap() };
            for (screen, age) in [(scenes::live(board.clone()), "ago"), (scenes::lost(board), "reconnecting")] {
                let drawing = read(&screen, size);
                let told = |words: &[&str]| {
                    let said = drawing.texts.iter().find(|text| words.iter().any(|words| text.words.ends_with(words)));
                    assert!(said.is_some_and(|text| !text.is_cut()), "{name} at {size:?} does not say {words:?}");
                };
                told(&[age]);
                told(&["Demo data", "Demo"]);
            }
        }
    }
}

/// The overview as the head of a screen sees it: with one tile, and data that is `old`.
fn headed(title: &str, demo: bool, old: SignedDuration) -> Board {
    let mut board = Board { title: title.to_owned(), demo, ..sample::overview() };
    board.panels.truncate(1);
    board.panels[0].updated_at = scenes::now() - old;
    board
}

fn head(drawing: &Drawing) -> Vec<&Text> {
    drawing.texts.iter().filter(|text| text.bottom < 112.0).collect()
}

#[test]
fn the_header_is_one_line_on_every_shape_of_screen() {
    let ages = [
        SignedDuration::from_secs(9),
        SignedDuration::from_mins(59),
        SignedDuration::from_hours(24 * 6),
        SignedDuration::from_hours(24 * 90),
    ];
    // The others are as wide as these.
    for size in [HD, ULTRAWIDE, (1280, 1024), (1080, 1080), (720, 1280)] {
        for title in ["Service desk", "Larkfield IT · Queue", RIGHT_TO_LEFT[0], "Llanfairpwllgwyngyllgogerychwyrndro"]
        {
            for (demo, age) in [false, true].into_iter().flat_map(|demo| ages.map(|age| (demo, age))) {
                let board = headed(title, demo, age);
                for screen in [scenes::live(board.clone()), scenes::lost(board)] {
                    let drawing = read(&screen, size);
                    let found = faults::of_texts(&drawing);
                    let said: Vec<&str> = head(&drawing).iter().map(|text| text.words.as_str()).collect();
                    assert!(found.is_empty(), "{said:?} at {size:?}: {}", found.join("\n"));
                    assert!(head(&drawing).iter().all(|text| (text.bottom - 85.0).abs() < 0.5), "{said:?} at {size:?}");
                    assert!(said.contains(&"14:32"), "{said:?} at {size:?}: the time");
                    assert!(!demo || said.iter().any(|words| words.starts_with("Demo")), "{said:?} at {size:?}");
                    let cut =
                        head(&drawing).into_iter().filter(|text| text.is_cut() && !title.starts_with(&text.words));
                    assert_eq!(cut.count(), 0, "{said:?} at {size:?}: only the title may be cut");
                }
            }
        }
    }
}

#[test]
fn that_nothing_is_heard_of_software_updates_is_told_on_every_shape_of_screen() {
    for size in ALL.into_iter().chain(NARROW) {
        for title in ["Service desk", RIGHT_TO_LEFT[0], "Llanfairpwllgwyngyllgogerychwyrndro"] {
            for age in [SignedDuration::from_secs(9), SignedDuration::from_mins(59)] {
                let screen = Screen { unchecked_days: Some(1000), ..scenes::live(headed(title, false, age)) };
                let drawing = read(&screen, size);
                let found = faults::of_texts(&drawing);
                assert!(found.is_empty(), "{size:?}: {}", found.join("\n"));
                let told = head(&drawing).into_iter().find(|text| text.words.starts_with("No software updates"));
                assert!(told.is_some_and(|text| !text.is_cut()), "{title:?} at {size:?}");
            }
        }
    }
}

#[test]
fn nothing_in_the_header_moves_while_the_age_counts() {
    let places = |seconds, size| {
        let drawing = read(&scenes::live(headed("Service desk", true, SignedDuration::from_secs(seconds))), size);
        let kept = head(&drawing).into_iter().filter(|text| !text.words.ends_with("ago"));
        kept.map(|text| (text.words.clone(), text.left)).collect::<Vec<_>>()
    };
    for size in ALL.into_iter().chain(NARROW) {
        assert_eq!(places(8, size), places(59, size), "{size:?}");
        assert_eq!(places(60, size), places(3_599, size), "{size:?}");
    }
}
