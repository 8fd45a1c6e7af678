//! Bars that are lit.

use board::{
    Board, Form, Status, Theme,
    form::{Arrangement, Bar, Bars},
    sample, theme,
};

use super::{
    ALL,
    places::{Place, places, within},
};
use crate::{
    faults,
    reading::{Drawing, Text, read, read_at},
    scenes::{self, Scene},
};

/// `board` with bars that are lit in turn, and `status` over them.
fn lit(mut board: Board, status: Status) -> Board {
    for panel in &mut board.panels {
        let Form::Bars(bars) = &mut panel.form else { continue };
        panel.status = status;
        for bars in [&mut bars.bars, &mut bars.small] {
            for (bar, status) in bars.iter_mut().zip([Status::Critical, Status::Warn, Status::Ok].into_iter().cycle()) {
                bar.status = status;
            }
        }
    }
    board
}

/// How high what has the colour of `bar` is beside or over its label.
fn mark(drawing: &Drawing, bar: &Bar, labels: &[&Text], label: &Text, theme: Theme, place: Place) -> f32 {
    let tokens = theme::tokens(theme);
    let colour = if bar.status == Status::Critical { tokens.critical } else { tokens.warn };
    let row = labels.iter().filter(|other| (other.top - label.top).abs() < 1.0 && other.left > label.left);
    let next = row.map(|other| other.left).min_by(f32::total_cmp);
    let middle = (label.top + label.bottom) / 2.0;
    let beside = next.is_none() && labels.iter().all(|other| (other.left - label.left).abs() < 1.0);
    let top = if beside { middle - 30.0 } else { place[1] + 92.0 };
    let end = next.map_or(place[2] - 24.0, |left| left - 12.0);
    drawing.height_of(colour, [label.left - 24.0, top, end, middle + 30.0])
}

#[test]
fn every_bar_that_is_lit_has_the_shape_of_its_status() {
    let samples = ["queue", "team", "today", "more-forms"].map(|name| Scene::of(name, sample::named(name).unwrap()));
    let (mut faults, mut marked) = (Vec::new(), 0);
    for Scene { name, board, now } in scenes::presets().chain(samples) {
        let board = lit(board, if name.starts_with("calm") { Status::Warn } else { Status::Critical });
        for size in ALL {
            let drawing = read_at(&scenes::live(board.clone()), now, size);
            for (panel, place) in places(&board, size) {
                let Form::Bars(Bars { bars, small, arrangement, .. }) = &panel.form else { continue };
                if *arrangement == Arrangement::Opposed {
                    continue;
                }
                let texts = within(&drawing, place);
                let named = |bars: &[Bar]| -> Vec<&Text> {
                    let named = |text: &&&Text| bars.iter().any(|bar| bar.label == text.words);
                    texts.iter().filter(named).copied().collect()
                };
                let shown = if named(bars).len() < small.len() { small } else { bars };
                let labels = named(shown);
                for bar in shown.iter().filter(|bar| bar.status != Status::Ok) {
                    let Some(label) = labels.iter().find(|text| text.words == bar.label) else { continue };
                    let height = mark(&drawing, bar, &labels, label, board.theme, place);
                    marked += 1;
                    if height < 40.0 {
                        faults.push(format!("{name} at {size:?}: {:?} of {:?}, {height} px", bar.label, panel.title));
                    }
                }
            }
            let found = faults::of_texts(&drawing);
            faults.extend(found.into_iter().map(|fault| format!("{name} at {size:?}: {fault}")));
        }
    }
    assert!(marked > 100, "{marked} bars were lit");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_lit_bar_that_has_no_row_is_told_by_the_row_that_counts_it() {
    let tokens = theme::tokens(Theme::Midnight);
    for status in [Status::Ok, Status::Warn, Status::Critical] {
        let mut board = scenes::presets().find(|scene| scene.name == "calm-morning-team").unwrap().board;
        let panel = board.panels.iter_mut().find(|panel| panel.id.0 == "group-load").unwrap();
        let Form::Bars(bars) = &mut panel.form else { panic!("{panel:?}") };
        bars.bars = bars.bars.iter().cycle().take(9).cloned().collect();
        bars.bars[8].status = status;
        for size in ALL {
            let drawing = read(&scenes::live(board.clone()), size);
            let (_, place) = places(&board, size).find(|(panel, _)| panel.id.0 == "group-load").unwrap();
            let counts = |text: &&&Text| text.words.starts_with("and ") && text.words.ends_with(" more");
            let texts = within(&drawing, place);
            let more = texts.iter().find(counts).unwrap_or_else(|| panic!("all nine have a row at {size:?}"));
            let middle = (more.top + more.bottom) / 2.0;
            let seen = |colour| drawing.height_of(colour, [more.left, middle - 30.0, place[2] - 24.0, middle + 30.0]);
            let shape = if status == Status::Critical { tokens.critical } else { tokens.warn };
            assert_eq!(seen(shape) >= 40.0, status != Status::Ok, "{status:?} at {size:?}");
            let found = faults::of_texts(&drawing);
            assert!(found.is_empty(), "{status:?} at {size:?}: {}", found.join("\n"));
        }
    }
}
