#![allow(clippy::unwrap_used, reason = "a test may panic")]

use board::{Form, Status, any, form, sample};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

#[test]
fn every_sample_board_is_written_with_the_words_of_the_wall() {
    for (name, board) in sample::all() {
        let html = super::board(&board, sample::now()).unwrap();
        for panel in layout::seats(&board).iter().map(|seat| seat.panel) {
            assert!(html.contains(&format!("id=\"panel-{}\"", panel.id.0)), "{name}: {}", panel.id.0);
        }
    }
    let html = super::board(&sample::overview(), sample::now()).unwrap();
    for words in
        ["SLA at risk", "Act now", "Harbour Dental", "Watch", ">18</span><span class=\"unit\">m<", "updated 8 s ago"]
    {
        assert!(html.contains(words), "{words}: {html}");
    }
}

#[test]
fn what_the_desk_says_is_text_and_never_markup() {
    let hostile = "<img src=x onerror=alert(1)>\"'&";
    let mut board = sample::queue();
    board.title = hostile.to_owned();
    board.ticker = vec![hostile.to_owned()];
    for panel in &mut board.panels {
        panel.title = hostile.to_owned();
        panel.short_title = Some(hostile.to_owned());
        if let Form::Table(table) = &mut panel.form {
            for row in &mut table.rows {
                (row.key, row.name) = (hostile.to_owned(), hostile.to_owned());
                (row.detail, row.extra) = (Some(hostile.to_owned()), Some(hostile.to_owned()));
            }
        }
    }
    let html = super::board(&board, sample::now()).unwrap();
    assert!(!html.contains("<img") && html.contains("&#60;img"), "{html}");
}

#[test]
fn a_wait_carries_its_instant_and_what_it_becomes_when_nothing_is_heard() {
    let due_at = sample::now() + SignedDuration::from_secs(7 * 60 + 42);
    let wait = form::Wait { key: "1".into(), client: "Harbour".into(), owner: None, due_at, window: 3600 };
    let mut board = sample::queue();
    board.panels[0].form = Form::Queue(form::Queue { total: 1, rows: vec![wait] });
    let html = super::panel(&board, &board.panels[0], sample::now()).unwrap();
    assert!(html.contains(&format!("data-until=\"{}\"", due_at.as_millisecond())), "{html}");
    assert!(html.contains(">07:42<") && html.contains("due 14:39"), "{html}");

    board.panels[0].status = Status::Stale;
    let html = super::panel(&board, &board.panels[0], sample::now()).unwrap();
    assert!(!html.contains("data-until") && html.contains("due 14:39"), "nothing counts down: {html}");
}

proptest! {
    #[test]
    fn any_board_whatsoever_is_written(board in any::board()) {
        super::board(&board, sample::now()).unwrap();
        for panel in &board.panels {
            super::panel(&board, panel, sample::now()).unwrap();
        }
    }
}
