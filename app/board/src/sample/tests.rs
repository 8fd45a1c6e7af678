#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use super::*;
use crate::format;

#[test]
fn the_samples_are_set_on_a_monday_afternoon_in_london() {
    let zone = overview().zone().unwrap();
    assert_eq!(format::date(now(), &zone), "Mon 16 November");
    assert_eq!(format::time(now(), &zone), "14:32");
}

#[test]
fn every_sample_has_a_valid_layout_and_survives_the_wire() {
    for (name, board) in all() {
        board.layout.validate(&board.panels).unwrap_or_else(|error| panic!("{name}: {error}"));
        let sent = serde_json::to_string(&board).unwrap();
        assert_eq!(serde_json::from_str::<Board>(&sent).unwrap(), board, "{name}");
    }
}

#[test]
fn together_the_samples_show_every_form_and_status() {
    let panels: Vec<_> = all().into_iter().flat_map(|(_, board)| board.panels).collect();
    for form in Form::NAMES {
        assert!(panels.iter().any(|panel| panel.form.name() == *form), "no sample shows the form {form}");
    }
    assert!(panels.iter().any(|panel| matches!(panel.form, Form::Unknown { .. })));
    for status in [Status::Ok, Status::Warn, Status::Critical, Status::Stale, Status::Unavailable] {
        assert!(panels.iter().any(|panel| panel.status == status), "no sample is {status:?}");
    }
}

#[test]
fn stressed_names_have_forty_characters() {
    let board = Stress::Names.apply(overview());
    for panel in &board.panels {
        assert_eq!(panel.title.chars().count(), 40, "{}", panel.title);
    }
}

#[test]
fn stress_reaches_what_lies_over_a_board() {
    for stress in Stress::ALL {
        let stressed = stress.apply(war_room());
        assert_ne!(stressed.overlay, war_room().overlay, "{stress:?}");
    }
    for stress in [Stress::Names, Stress::Empty, Stress::NoData] {
        assert_ne!(stress.apply(message()).overlay, message().overlay, "{stress:?}");
    }
}
