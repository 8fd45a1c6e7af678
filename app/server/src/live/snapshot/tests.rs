use board::{BoardId, Form, Layout, Look, Status, Theme, Value, form::Stat};
use jiff::Timestamp;

use super::*;
use crate::clock::SystemClock;

fn panel(name: &str, count: i64) -> Panel {
    Panel {
        id: PanelId(name.to_owned()),
        title: name.to_owned(),
        short_title: None,
        form: Form::Stat(Stat {
            value: Value::Count(count),
            context: None,
            wide_context: None,
            trace: None,
            term: None,
            next: None,
        }),
        status: Status::Ok,
        revision: Revision(0),
        updated_at: Timestamp::UNIX_EPOCH,
        beside_desk: false,
    }
}

fn board(a: i64, b: i64) -> Board {
    Board {
        id: BoardId("overview".to_owned()),
        title: "Support".to_owned(),
        revision: Revision(0),
        theme: Theme::Midnight,
        look: Look::Classic,
        time_zone: "Etc/UTC".to_owned(),
        demo: true,
        simulated: None,
        layout: Layout { columns: 12, rows: 8, strip: None, placements: Vec::new() },
        panels: vec![panel("a", a), panel("b", b)],
        ticker: Vec::new(),
        overlay: None,
    }
}

fn name_and_id(newer: &Newer) -> String {
    let text = String::from_utf8(newer.event.plain().to_vec()).unwrap();
    text.lines().take(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_new_reader_gets_the_board_and_then_only_what_changed() {
    let first = Snapshot::first(0xabc, board(1, 2)).unwrap();
    let whole = first.newer_than(None, Dialect::Json, &SystemClock).unwrap().unwrap();
    assert_eq!(name_and_id(&whole), "event: board id: abc.1");
    assert!(first.newer_than(Some(whole.revision), Dialect::Json, &SystemClock).unwrap().is_none());

    let (second, made) = Snapshot::after(&first, board(1, 3)).unwrap().unwrap();
    assert_eq!(made.events, 1);
    let changed = second.newer_than(Some(Revision(1)), Dialect::Json, &SystemClock).unwrap().unwrap();
    assert_eq!(name_and_id(&changed), "event: panel id: abc.2");
    assert!(second.newer_than(Some(changed.revision), Dialect::Json, &SystemClock).unwrap().is_none());
}

#[test]
fn a_slow_reader_gets_the_newest_of_each_panel_and_nothing_in_between() {
    let mut snapshot = Snapshot::first(1, board(0, 0)).unwrap();
    for count in 1..=50 {
        snapshot = Snapshot::after(&snapshot, board(count, count)).unwrap().unwrap().0;
    }
    let (mut seen, mut events) = (Revision(1), Vec::new());
    while let Some(newer) = snapshot.newer_than(Some(seen), Dialect::Json, &SystemClock).unwrap() {
        seen = newer.revision;
        events.push(String::from_utf8(newer.event.plain().to_vec()).unwrap());
    }
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.contains("{\"count\":50}")), "{events:?}");
    assert_eq!(seen, snapshot.board().revision);
}

#[test]
fn what_has_no_event_of_its_own_brings_the_whole_board() {
    let first = Snapshot::first(1, board(0, 0)).unwrap();
    let retitled = Board { title: "Night shift".to_owned(), ..board(0, 0) };
    let (second, _) = Snapshot::after(&first, retitled).unwrap().unwrap();
    assert!(
        name_and_id(&second.newer_than(Some(Revision(1)), Dialect::Json, &SystemClock).unwrap().unwrap())
            .starts_with("event: board")
    );
}

#[test]
fn a_reader_from_the_future_gets_the_whole_board() {
    let first = Snapshot::first(1, board(0, 0)).unwrap();
    assert!(
        name_and_id(&first.newer_than(Some(Revision(9)), Dialect::Json, &SystemClock).unwrap().unwrap())
            .starts_with("event: board")
    );
}

#[test]
fn freshness_alone_is_sent_in_steps() {
    let first = Snapshot::first(1, board(0, 0)).unwrap();
    let later = |seconds| {
        let mut next = board(0, 0);
        for panel in &mut next.panels {
            panel.updated_at += SignedDuration::from_secs(seconds);
        }
        next
    };
    assert!(Snapshot::after(&first, later(19)).unwrap().is_none());
    assert_eq!(Snapshot::after(&first, later(20)).unwrap().unwrap().1.events, 2);
}

#[test]
fn the_tag_changes_with_the_bytes() {
    let first = Snapshot::first(1, board(0, 0)).unwrap();
    let (second, _) = Snapshot::after(&first, board(0, 1)).unwrap().unwrap();
    assert_ne!(first.tag(Coding::Plain), second.tag(Coding::Plain));
    assert_ne!(first.tag(Coding::Plain), first.tag(Coding::Gzip));
    assert_ne!(first.state().unwrap().plain(), second.state().unwrap().plain());
}
