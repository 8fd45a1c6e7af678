//! What moves, for how long, and what is drawn again.

use std::time::Duration;

use board::{Board, Form, Status, Value, form, layout, sample};
use jiff::SignedDuration;
use tv::{snapshot::Display, view::Motion};

use crate::{FULL_HD, scenes};

fn open_tickets(mut board: Board, count: i64) -> Board {
    let panel = board.panels.iter_mut().find(|panel| panel.id.0 == "open-tickets").unwrap();
    if let Form::Stat(stat) = &mut panel.form {
        *stat = form::Stat { value: Value::Count(count), ..stat.clone() };
    }
    board
}

fn display(motion: Motion) -> Display {
    let mut display = Display::new(FULL_HD.0, FULL_HD.1, motion).unwrap();
    display.show(&scenes::live(sample::overview()), scenes::now());
    settle(&display);
    display
}

fn settle(display: &Display) {
    for _ in 0..60 {
        display.draw();
        display.advance(Duration::from_millis(100));
    }
    display.draw();
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let mut display = display(Motion::Full);
    assert!(!display.is_animated(), "every movement ends");
    display.show(&scenes::live(sample::overview()), scenes::now());
    assert!(display.draw().is_none_or(|region| region.bounding_box_size().width == 0), "the same screen draws nothing");
}

#[test]
fn a_changed_panel_draws_its_own_rectangle_alone() {
    let mut display = display(Motion::Reduced);
    display.show(&scenes::live(open_tickets(sample::overview(), 129)), scenes::now());
    let region = display.draw().unwrap();
    let (origin, size) = (region.bounding_box_origin(), region.bounding_box_size());
    // Slint takes the box of a text somewhat wider than its letters.
    assert!(origin.x >= 48 && origin.y >= 112, "{origin:?}");
    assert!(size.width <= 400 && size.height <= 448, "{size:?}");
}

#[test]
fn while_a_number_fades_nothing_outside_its_tile_is_drawn() {
    let mut display = display(Motion::Full);
    let frame = layout::arrange(&sample::overview(), FULL_HD.0, FULL_HD.1);
    let tile = frame.tiles.iter().find(|tile| tile.panel.0 == "open-tickets").unwrap().rect;
    display.show(&scenes::live(open_tickets(sample::overview(), 131)), scenes::now());
    let mut frames = 0;
    while let Some(region) = display.draw() {
        frames += 1;
        for (origin, size) in region.iter() {
            let (left, top) = (origin.x as f32, origin.y as f32);
            let (right, bottom) = (left + size.width as f32, top + size.height as f32);
            let inside = left >= tile.x && right <= tile.right() && top >= tile.y && bottom <= tile.bottom();
            assert!(inside, "frame {frames} draws {origin:?} {size:?}, the tile is {tile:?}");
        }
        display.advance(Duration::from_millis(16));
    }
    assert!((10..=20).contains(&frames), "a fade of 240 ms took {frames} frames");
}

#[test]
fn a_second_of_the_clock_draws_little() {
    let mut display = display(Motion::Full);
    // Not the second in which minutes change as well.
    for second in [1, 2] {
        settle(&display);
        display.show(&scenes::live(sample::overview()), scenes::now() + SignedDuration::from_secs(second));
    }
    let region = display.draw().unwrap();
    let area: u64 = region.iter().map(|(_, size)| u64::from(size.width) * u64::from(size.height)).sum();
    assert!(area < 1920 * 1080 / 10, "a countdown and the age of the data are {area} pixels: {region:?}");
}

#[test]
fn a_changed_number_cross_fades_and_then_rests() {
    let mut display = display(Motion::Full);
    display.show(&scenes::live(open_tickets(sample::overview(), 999)), scenes::now());
    display.draw();
    display.advance(Duration::from_millis(120));
    let halfway = display.picture();
    assert!(display.is_animated());
    settle(&display);
    assert!(!display.is_animated());
    assert_ne!(display.picture(), halfway);
}

#[test]
fn with_reduced_motion_everything_changes_at_once() {
    let mut display = display(Motion::Reduced);
    let mut board = open_tickets(sample::overview(), 999);
    board.panels[0].status = Status::Critical;
    display.show(&scenes::live(board), scenes::now());
    display.advance(Duration::from_millis(1));
    let at_once = display.picture();
    settle(&display);
    assert_eq!(display.picture(), at_once);
}

#[test]
fn movement_can_be_taken_from_a_picture_that_is_shown_and_given_back() {
    let mut display = display(Motion::Full);
    for (count, reduced) in [(131, true), (132, false), (133, true)] {
        display.ui().reduce_motion(reduced);
        display.show(&scenes::live(open_tickets(sample::overview(), count)), scenes::now());
        display.draw();
        assert_eq!(display.is_animated(), !reduced, "{count}");
        settle(&display);
    }
    let mut made_without = Display::new(FULL_HD.0, FULL_HD.1, Motion::Reduced).unwrap();
    made_without.ui().reduce_motion(false);
    made_without.show(&scenes::live(sample::overview()), scenes::now());
    settle(&made_without);
    made_without.show(&scenes::live(open_tickets(sample::overview(), 129)), scenes::now());
    made_without.draw();
    assert!(!made_without.is_animated());
}

#[test]
fn an_alarm_rises_pulses_twice_and_stays_still() {
    let mut display = display(Motion::Full);
    let mut board = sample::overview();
    board.panels[0].status = Status::Critical;
    display.show(&scenes::live(board), scenes::now());
    display.draw();
    display.advance(Duration::from_millis(2_000));
    display.draw();
    assert!(display.is_animated(), "the frame still pulses");
    display.advance(Duration::from_millis(400));
    display.draw();
    display.advance(Duration::from_millis(100));
    assert!(!display.is_animated(), "two pulses, no more");
}
