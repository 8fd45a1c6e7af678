//! Times of other days, and times that have passed.

use board::{Form, Overlay, Value, sample};
use jiff::SignedDuration;

use super::ALL;
use crate::{
    faults::Read,
    reading::{Text, read, read_at},
    scenes,
};

#[test]
fn a_duty_that_ends_on_another_day_says_on_which() {
    let mut board = sample::team();
    let on_call = board.panels.iter_mut().find(|panel| panel.id.0 == "on-call").unwrap();
    let Form::Stat(stat) = &mut on_call.form else { panic!("{on_call:?}") };
    let ends = scenes::now() + SignedDuration::from_hours(24 * 3 + 4);
    stat.context.as_mut().unwrap().value = Some(Value::At(ends));
    let mut urgent = sample::war_room();
    let Some(Overlay::WarRoom(room)) = &mut urgent.overlay else { panic!("{:?}", urgent.overlay) };
    room.on_call.as_mut().unwrap().until = ends;
    let mut said = sample::message();
    let Some(Overlay::Message(message)) = &mut said.overlay else { panic!("{:?}", said.overlay) };
    message.until = Some(ends);
    for board in [board, urgent, said] {
        for size in ALL {
            let drawing = read(&scenes::live(board.clone()), size);
            let until =
                |text: &&Text| ["until Thu 18:32", "until Thu"].contains(&text.words.as_str()) && !text.is_cut();
            let texts: Vec<_> = drawing.texts.iter().map(|text| &text.words).collect();
            assert!(drawing.texts.iter().any(|text| until(&text)), "{:?} at {size:?}: {texts:?}", board.title);
        }
    }
}

#[test]
fn a_wait_has_its_word_however_long_it_lasts() {
    let overview = scenes::presets().find(|scene| scene.name == "first-minute-overview").unwrap();
    for minutes in [9, 13, 42, 23 * 60] {
        let now = overview.now + SignedDuration::from_mins(minutes);
        for size in ALL {
            let drawing = read_at(&scenes::live(overview.board.clone()), now, size);
            let found = Read::new(&drawing, &overview.board, size, now).numbers();
            assert!(found.is_empty(), "after {minutes} minutes at {size:?}: {}", found.join("\n"));
        }
    }
}
