//! The rules of the wall (wall-ui), read from our own drawing, for every sample under every stress on every shape of screen.

use board::{Overlay, Status, Theme, layout, sample};

use crate::{
    FULL_HD, HD, PORTRAIT, ULTRAWIDE,
    reading::{Drawing, SMALLEST, read},
    scenes,
};

/// What is wrong with the texts of a drawing.
fn faults(drawing: &Drawing) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, text) in drawing.texts.iter().enumerate() {
        if text.size < SMALLEST - 0.01 {
            faults.push(format!("{:?} is {} px, smaller than {SMALLEST}", text.words, text.size));
        }
        let (width, height) = drawing.size;
        if text.left < -0.5
            || text.right.min(text.wanted_right) > width + 0.5
            || text.top < 0.0
            || text.bottom > height + 0.5
        {
            faults.push(format!("{:?} leaves the screen", text.words));
        }
        if text.spills && !text.wraps {
            faults.push(format!("{:?} runs beyond its room", text.words));
        }
        // The blank beside a figure may be cut in its cell, the figure may not.
        if text.is_number() && text.wanted_right > text.right + 1.5 + 0.03 * text.size {
            faults.push(format!("the number {:?} is cut", text.words));
        }
        let covered = drawing.texts[index + 1..].iter().filter(|other| text.overlaps(other));
        faults
            .extend(covered.map(|other| format!("{:?} and {:?} overlap: {text:?} {other:?}", text.words, other.words)));
    }
    faults
}

fn check(samples: impl Iterator<Item = (String, board::Board)>, sizes: &[(u32, u32)]) {
    let mut all = Vec::new();
    for (name, mut board) in samples {
        // What lies over a board overlaps it: that is its purpose. The war room stands alone.
        if matches!(board.overlay, Some(Overlay::Message(_) | Overlay::WarRoom(_))) {
            board.overlay = None;
        }
        for size in sizes {
            let found = faults(&read(&scenes::live(board.clone()), *size));
            all.extend(found.into_iter().map(|fault| format!("{name} at {size:?}: {fault}")));
        }
    }
    assert!(all.is_empty(), "{} faults:\n{}", all.len(), all.join("\n"));
}

/// The samples whose name ends with `stress`.
fn under(stress: &'static str) -> impl Iterator<Item = (String, board::Board)> {
    let wanted = ["overview", "queue", "team", "forms", "more-forms"].map(|name| format!("{name}{stress}"));
    sample::all().into_iter().filter(move |(name, _)| wanted.contains(name))
}

#[test]
fn nothing_is_cut_or_covered_on_any_shape_of_screen() {
    check(under(""), &[FULL_HD, HD, PORTRAIT, ULTRAWIDE]);
}

#[test]
fn on_sixteen_small_tiles_nothing_is_cut_or_covered() {
    check(std::iter::once(("crowded".to_owned(), scenes::crowded())), &[HD, ULTRAWIDE]);
}

#[test]
fn the_longest_names_cover_nothing() {
    check(under("-names"), &[FULL_HD, PORTRAIT, ULTRAWIDE]);
}

#[test]
fn nothing_is_cut_or_covered_where_all_is_zero_huge_empty_or_unknown() {
    for stress in ["-zeros", "-huge", "-empty", "-no-data"] {
        check(under(stress), &[HD, PORTRAIT]);
    }
}

#[test]
fn nothing_is_cut_or_covered_where_all_stands_in_one_status() {
    for stress in ["-warn", "-critical", "-stale", "-unavailable"] {
        check(under(stress), &[HD, PORTRAIT]);
    }
}

#[test]
fn every_status_has_a_shape_and_a_word() {
    for (status, words) in [
        (Status::Warn, &["Watch"][..]),
        (Status::Critical, &["Act now"]),
        (Status::Stale, &["from 14:26", "14:26"]),
        (Status::Unavailable, &["no data"]),
    ] {
        for name in ["overview", "queue", "team", "forms"] {
            let board = sample::Stress::Status(status).apply(sample::named(name).unwrap());
            let tiles = layout::arrange(&board, HD.0, HD.1).tiles.len();
            let drawing = read(&scenes::live(board), HD);
            let said: Vec<_> = drawing.texts.iter().filter(|text| words.contains(&text.words.as_str())).collect();
            assert_eq!(said.len(), tiles, "{name}: every tile says {words:?}");
            for word in said {
                let middle = (word.top + word.bottom) / 2.0;
                let shape = drawing.inked(word.left - 58.0, middle - 26.0, word.left - 12.0, middle + 26.0);
                assert!(shape > 0.1, "{name}: no shape beside {:?}", word.words);
            }
        }
    }
}

#[test]
fn every_text_stands_out_from_its_ground() {
    for theme in [Theme::Midnight, Theme::Daylight, Theme::Signal] {
        let names =
            ["overview", "queue", "team", "forms", "more-forms", "queue-critical", "overview-warn", "forms-stale"];
        for name in names {
            let board = board::Board { theme, ..sample::named(name).unwrap() };
            let drawing = read(&scenes::live(board), FULL_HD);
            for text in drawing.texts.iter().filter(|text| !text.wraps) {
                let contrast = drawing.contrast(text);
                assert!(contrast >= 7.0, "{name}, {theme:?}: {:?} reaches {contrast:.1}:1 only", text.words);
            }
        }
    }
}

#[test]
fn the_other_screens_keep_to_the_same_rules() {
    let screens = [
        scenes::start(),
        scenes::no_network(),
        scenes::pairing(),
        scenes::compare(),
        scenes::locked(),
        scenes::removed(),
        scenes::problem(),
        scenes::updating(),
        scenes::lost(sample::offline()),
    ];
    for screen in &screens {
        for size in [FULL_HD, HD, PORTRAIT, ULTRAWIDE] {
            let found = faults(&read(screen, size));
            assert!(found.is_empty(), "{size:?}: {}", found.join("\n"));
        }
    }
}
