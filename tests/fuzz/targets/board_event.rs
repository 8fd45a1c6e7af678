//! An event of a board's stream as a TV reads it from a server, shown and worded: the name on the first line, then data.
#![no_main]

use board::{
    Board, Revision, Value, format,
    layout::{self, Frame},
    sample,
    wire::{Event, MAX_EVENT},
};
use jiff::{Timestamp, tz::TimeZone};
use libfuzzer_sys::fuzz_target;

/// One of each shape; the smallest that a TV draws, and one that none has.
const SCREENS: [(u32, u32); 5] = [(1920, 1080), (1080, 1920), (3440, 1440), (200, 200), (1, 0)];

fuzz_target!(|text: &str| {
    let Some((name, data)) = text.split_once('\n') else { return };
    let Ok(Some(event)) = Event::from_fields(name, data) else { return };
    // What was accepted can be sent on, and reads as the same event.
    let sent = event.to_data().expect("an event that was read can be written");
    // (Unless it was near the limit: fields that were left out are written.)
    if sent.len() <= MAX_EVENT {
        assert_eq!(Event::from_fields(event.name(), &sent).expect("what was written can be read"), Some(event.clone()));
    }

    let mut board = sample::overview();
    let revision = board.revision;
    let replaces = matches!(event, Event::Board(_));
    board.apply(event, Revision(7));
    assert!(replaces || board.revision >= revision, "only a whole board turns another one back");
    draw(&board);
});

fn draw(board: &Board) {
    for (width, height) in SCREENS {
        let frame = layout::arrange(board, width, height);
        tiles_are_apart(&frame);
        layout::message(board, &frame);
    }
    let zone = board.zone().unwrap_or(TimeZone::UTC);
    for now in [sample::now(), Timestamp::MIN, Timestamp::MAX] {
        for panel in &board.panels {
            format::updated(Some(panel.updated_at), now);
            for value in panel.form.values() {
                word(value, now, &zone);
            }
        }
    }
}

fn tiles_are_apart(frame: &Frame) {
    let body = frame.body;
    for (index, tile) in frame.tiles.iter().take(64).enumerate() {
        let rect = tile.rect;
        assert!(rect.width >= 1.0 && rect.height >= 1.0, "{rect:?} has no pixel");
        assert!(rect.x >= body.x && rect.y >= body.y, "{rect:?} lies outside {body:?}");
        assert!(rect.right() <= body.right() && rect.bottom() <= body.bottom(), "{rect:?} lies outside {body:?}");
        let overlapped = frame.tiles[..index].iter().find(|other| other.rect.overlaps(&rect));
        assert!(overlapped.is_none(), "{rect:?} overlaps {overlapped:?}");
    }
}

fn word(value: &Value, now: Timestamp, zone: &TimeZone) {
    let worded = format::worded(value, now, zone);
    assert!(matches!(value, Value::Text(_)) || !worded.number.is_empty(), "{value:?} has no words");
    format::row(value, now, zone);
    format::shortened(value, now, zone);
}
