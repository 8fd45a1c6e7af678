#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{Panel, Status, any, sample, wire::Bye};

/// The first panel of the overview with another status, as of `revision`.
fn changed(revision: u64) -> Panel {
    Panel { status: Status::Critical, revision: Revision(revision), ..sample::overview().panels[0].clone() }
}

#[test]
fn a_panel_event_replaces_that_panel_alone() {
    let mut board = sample::overview();
    let change = board.apply(Event::Panel(Box::new(changed(2))), Revision(2));
    assert_eq!(change, Change::Panel(PanelId("open-tickets".into())));
    let mut expected = sample::overview();
    expected.panels[0] = changed(2);
    expected.revision = Revision(2);
    assert_eq!(board, expected);
}

#[test]
fn older_and_known_events_change_nothing() {
    let mut board = sample::overview();
    board.apply(Event::Panel(Box::new(changed(5))), Revision(5));
    let before = board.clone();
    let older = Panel { revision: Revision(4), ..sample::overview().panels[0].clone() };
    assert_eq!(board.apply(Event::Panel(Box::new(older)), Revision(4)), Change::Nothing);
    assert_eq!(board.apply(Event::Panel(Box::new(changed(5))), Revision(5)), Change::Nothing);
    assert_eq!(board.apply(Event::Overlay(sample::message().overlay), Revision(4)), Change::Nothing);
    assert_eq!(board.apply(Event::Layout(sample::queue().layout), Revision(4)), Change::Nothing);
    assert_eq!(board.apply(Event::Bye(Bye { after_ms: 10 }), Revision(5)), Change::Nothing);
    assert_eq!(board, before);
}

#[test]
fn a_panel_that_the_board_does_not_have_is_ignored() {
    let mut board = sample::overview();
    let foreign = Panel { id: PanelId("radar".into()), ..changed(2) };
    assert_eq!(board.apply(Event::Panel(Box::new(foreign)), Revision(2)), Change::Nothing);
    assert_eq!(board.panels, sample::overview().panels);
}

#[test]
fn a_whole_board_of_a_restarted_server_replaces_a_later_revision() {
    let mut board = sample::overview();
    board.apply(Event::Panel(Box::new(changed(900))), Revision(900));
    assert_eq!(board.apply(Event::Board(Box::new(sample::queue())), Revision(1)), Change::Board);
    assert_eq!(board, sample::queue());
}

/// What a server changes about a board.
#[derive(Clone, Debug)]
enum Edit {
    Panel(Box<Panel>),
    Layout(crate::Layout),
    Overlay(Option<crate::Overlay>),
    Title(String),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => any::panel().prop_map(|panel| Edit::Panel(Box::new(panel))),
        1 => any::layout().prop_map(Edit::Layout),
        1 => any::overlay().prop_map(Edit::Overlay),
        1 => "[a-z]{1,8}".prop_map(Edit::Title),
    ]
}

/// Changes the server's board and gives the event that says so.
fn make(board: &mut Board, edit: Edit) -> Option<Event> {
    let revision = Revision(board.revision.0 + 1);
    let event = match edit {
        Edit::Panel(panel) => {
            let known = board.panels.iter_mut().find(|known| known.id == panel.id)?;
            *known = Panel { revision, ..*panel };
            Event::Panel(Box::new(known.clone()))
        }
        Edit::Layout(layout) => {
            board.layout = layout;
            Event::Layout(board.layout.clone())
        }
        Edit::Overlay(overlay) => {
            board.overlay = overlay;
            Event::Overlay(board.overlay.clone())
        }
        Edit::Title(title) => {
            board.title = title;
            board.revision = revision;
            Event::Board(Box::new(board.clone()))
        }
    };
    board.revision = revision;
    Some(event)
}

/// A board whose five panels have the ids that [`any::panel`] gives.
fn start() -> impl Strategy<Value = Board> {
    any::board().prop_map(|mut board| {
        board.revision = Revision(1);
        board.panels = sample::overview().panels.into_iter().take(5).collect();
        for (index, panel) in board.panels.iter_mut().enumerate() {
            panel.id = PanelId(format!("panel-{index}"));
        }
        board
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_snapshot_and_its_events_give_the_final_snapshot(
        start in start(),
        edits in vec(edit(), 1..12),
        joined in proptest::arbitrary::any::<prop::sample::Index>(),
        lost in proptest::arbitrary::any::<prop::sample::Index>(),
    ) {
        let (mut server, mut events) = (start.clone(), Vec::new());
        let mut snapshots = vec![start.clone()];
        for edit in edits {
            if let Some(event) = make(&mut server, edit) {
                events.push((server.revision, event));
                snapshots.push(server.clone());
            }
        }

        // One client reads everything from the start.
        let mut faithful = start;
        for (revision, event) in events.clone() {
            faithful.apply(event, revision);
        }
        prop_assert_eq!(&faithful, &server);

        // Another one joined later, lost its connection, and is sent again what it already has.
        let first = joined.index(snapshots.len());
        let again = lost.index(first + 1);
        let mut late = snapshots.swap_remove(first);
        for (revision, event) in events.split_off(again) {
            // A whole board is never sent to somebody who has a later one of the same server run.
            if !(matches!(event, Event::Board(_)) && revision < late.revision) {
                late.apply(event, revision);
            }
        }
        prop_assert_eq!(&late, &server);
    }
}
