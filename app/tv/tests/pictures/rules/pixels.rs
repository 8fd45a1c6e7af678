//! What is as fine as the pixels of a screen: edges, stripes and dots.

use board::{
    Board, Form, Status, Theme,
    sample::{self, Stress},
    theme,
};

use super::{ALL, places::places};
use crate::{FULL_HD, HD, PORTRAIT, reading::read, scenes};

/// Sizes of which a design pixel is not a whole one.
const FRACTIONAL: [(u32, u32); 5] = [HD, (1366, 768), (1600, 900), (720, 1280), (2560, 1440)];

#[test]
fn every_tile_has_an_edge_on_every_screen_and_in_every_theme() {
    for theme in [Theme::Midnight, Theme::Daylight, Theme::Signal] {
        for size in FRACTIONAL.into_iter().chain([FULL_HD]) {
            let board = Board { theme, ..Stress::Status(Status::Ok).apply(sample::overview()) };
            let drawing = read(&scenes::live(board.clone()), size);
            for (panel, [left, top, right, bottom]) in places(&board, size) {
                let sides = [[left, (top + bottom) / 2.0], [right, (top + bottom) / 2.0]];
                let ends = [[(left + right) / 2.0, top], [(left + right) / 2.0, bottom]];
                for [x, y] in sides.into_iter().chain(ends) {
                    let edge = drawing.colours([x - 4.0, y - 4.0, x + 4.0, y + 4.0]);
                    let has_edge = edge.contains(&theme::tokens(theme).edge);
                    assert!(has_edge, "{:?} in {theme:?} at {size:?} has no edge at {x}, {y}", panel.title);
                }
            }
        }
    }
}

#[test]
fn plates_have_an_edge_in_signal_on_every_screen() {
    for size in FRACTIONAL.into_iter().chain([FULL_HD]) {
        let board = Board { theme: Theme::Signal, ..sample::forms() };
        let drawing = read(&scenes::live(board.clone()), size);
        let (_, [left, top, ..]) =
            places(&board, size).find(|(panel, _)| matches!(panel.form, Form::Tiles(_))).unwrap();
        // The first plate is critical, and filled; the one under it is not.
        let (x, y) = (left + 32.0, top + 96.0 + 100.0 + 44.0);
        let edge = drawing.colours([x - 4.0, y - 4.0, x + 4.0, y + 4.0]);
        assert!(edge.contains(&theme::tokens(Theme::Signal).edge), "at {size:?}");
    }
}

#[test]
fn stripes_go_down_to_the_floor() {
    let tokens = theme::tokens(Theme::Signal);
    let board = Board { theme: Theme::Signal, ..sample::overview() };
    for size in [FULL_HD, PORTRAIT, HD] {
        let drawing = read(&scenes::live(board.clone()), size);
        for (panel, [left, top, right, bottom]) in places(&board, size) {
            if panel.status != Status::Warn || !matches!(panel.form, Form::Stat(_)) {
                continue;
            }
            let mut y = top + 18.0;
            while y + 34.0 <= bottom - 98.0 {
                for x in [left + 5.0, right - 10.0] {
                    let striped = drawing.colours([x, y, x + 5.0, y + 34.0]).contains(&tokens.on_fill);
                    assert!(
                        striped,
                        "{:?} at {size:?}: plain from {y}, and the floor is at {}",
                        panel.title,
                        bottom - 96.0
                    );
                }
                y += 4.0;
            }
        }
    }
}

#[test]
fn the_dot_at_the_end_of_a_line_is_round_on_every_screen() {
    let tokens = theme::tokens(Theme::Midnight);
    let mut dots = 0;
    for size in ALL.into_iter().chain(FRACTIONAL) {
        let drawing = read(&scenes::live(sample::queue()), size);
        let is_dot = |side: f32| (side - 20.0).abs() < 2.0;
        for dot in &drawing.boxes {
            let (width, height) = (dot.right - dot.left, dot.bottom - dot.top);
            if dot.colour != tokens.accent || !is_dot(width) || !is_dot(height) {
                continue;
            }
            dots += 1;
            // The line comes from the left.
            let pixels = 2.0 / drawing.unit;
            for y in [dot.top, dot.bottom - pixels] {
                let corner = drawing.colours([dot.right - pixels, y, dot.right, y + pixels]);
                assert!(!corner.contains(&tokens.accent), "{dot:?} at {size:?} is not round");
            }
            let side = width * drawing.unit;
            assert!((side - side.round()).abs() < 0.01 && side.round() % 2.0 < 0.01, "{side} pixels at {size:?}");
        }
    }
    assert!(dots > 10, "{dots} dots");
}
