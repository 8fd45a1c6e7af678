//! Which panels stand on which board, and what they say where there is nothing to show.

use super::*;
use crate::on_call::Rota;

#[test]
fn every_preset_fills_the_grid_with_panels_that_exist() {
    let desk = desk_of(vec![ticket(1, 10)]);
    let panels = Builder::new(settings()).refresh(&desk, now());
    let little = Capabilities { sla: false, presence: false, replies: Replies::Known, ratings: false };
    let rota = Rota::of_demo(now(), &settings().time_zone);
    let with_on_call = [&panels[..], &[Builder::new(settings()).on_call(&rota, now())]].concat();
    let cases = [(None, false), (Some(little), false), (None, true), (Some(little), true)];
    for (preset, (can, on_call)) in PRESETS.iter().flat_map(|preset| cases.map(|case| (preset, case))) {
        let panels = if on_call { &with_on_call } else { &panels };
        let board = preset.board("Service desk", &settings(), panels, can);
        assert_eq!(board.panels.len(), preset.panels(can, on_call).count(), "{}", preset.id);
        assert_eq!(board.panels.iter().any(|panel| panel.id.0 == "on-call"), on_call && preset.id == "team");
        assert!(board.layout.validate(&board.panels).is_ok(), "{}", preset.id);
        assert!(board.panels.len() <= 9, "{}", preset.id);
        let mut cells = [[0; 12]; 8];
        let strip = board.layout.strip.iter().map(|strip| (0, strip.row, 12, strip.rows));
        let tiles = board.layout.placements.iter().map(|placement| placement.area);
        let tiles = tiles.map(|area| (area.column, area.row, area.columns, area.rows));
        for (column, row, columns, rows) in strip.chain(tiles) {
            for cell in cells[row.into()..(row + rows).into()]
                .iter_mut()
                .flat_map(|line| &mut line[column.into()..(column + columns).into()])
            {
                *cell += 1;
            }
        }
        assert_eq!(cells, [[1; 12]; 8], "{}", preset.id);
    }
    let every: Vec<_> = PRESETS.iter().flat_map(|preset| preset.panels(None, false)).collect();
    assert!(panels.iter().all(|panel| every.contains(&panel.id.0.as_str())), "every panel can be seen somewhere");
}

#[test]
fn an_overview_of_a_desk_that_tells_less_shows_what_there_is_in_its_place() {
    let mut desk = Desk::new();
    let capabilities = Capabilities { sla: false, presence: false, replies: Replies::Known, ratings: false };
    desk.apply(Batch { capabilities, ..batch(vec![ticket(1, 10)]) });
    let panels = Builder::new(settings()).refresh(&desk, now());
    let overview = PRESETS[0].board("Service desk", &settings(), &panels, desk.capabilities());
    let ids: Vec<_> = overview.panels.iter().map(|panel| panel.id.0.as_str()).collect();
    assert!(!ids.iter().any(|id| id.starts_with("sla-") || *id == "agent-status"), "{ids:?}");
    assert!(ids.contains(&"oldest-open") && ids.contains(&"new-today"), "{ids:?}");
    assert_eq!(overview.layout.placements[0].panel.0, "oldest-open");
    assert!(overview.layout.strip.unwrap().panels.contains(&PanelId("awaiting-reply".into())));
}

#[test]
fn a_board_is_titled_by_the_team() {
    let titles: Vec<_> =
        PRESETS.iter().map(|preset| preset.board("Service desk", &settings(), &[], None).title).collect();
    assert_eq!(titles[..2], ["Service desk", "Service desk · Queue"]);
}

#[test]
fn panels_wait_in_words_until_the_desk_was_read() {
    let panels = Builder::new(settings()).refresh(&Desk::new(), now());
    for panel in panels.iter().filter(|panel| panel.id.0 != "clock") {
        let Form::Text(text) = &panel.form else { panic!("{panel:?} shows more than words") };
        assert_eq!((panel.status, text.text.as_str()), (Status::Unavailable, "Waiting for Request Tracker"));
    }
}

#[test]
fn replies_that_are_still_being_read_are_not_said_to_be_missing() {
    let mut desk = Desk::new();
    let capabilities = Capabilities { replies: Replies::Arriving, ..ALL };
    desk.apply(Batch { capabilities, ..batch(vec![ticket(1, 10)]) });
    for id in ["awaiting-reply", "first-reply-time"] {
        let panel = built(&desk, id);
        let Form::Text(text) = &panel.form else { panic!("{panel:?} counts what is not all there") };
        assert_eq!((panel.status, text.text.as_str()), (Status::Unavailable, "Reading Request Tracker"));
    }
}

#[test]
fn what_a_provider_cannot_supply_is_said_and_never_zero() {
    let mut desk = Desk::new();
    let capabilities = Capabilities { sla: false, presence: false, replies: Replies::Absent, ratings: false };
    desk.apply(Batch { capabilities, agents: None, ..batch(vec![ticket(1, 10)]) });
    let panels = Builder::new(settings()).refresh(&desk, now());
    let unavailable: Vec<_> = panels.iter().filter(|panel| panel.status == Status::Unavailable).collect();
    let ids: Vec<_> = unavailable.iter().map(|panel| panel.id.0.as_str()).collect();
    assert_eq!(
        ids,
        ["awaiting-reply", "first-reply-time", "sla-attainment", "sla-at-risk", "sla-breached", "agent-status"]
    );
    for panel in unavailable {
        assert!(matches!(&panel.form, Form::Text(text) if text.text.ends_with(" in Request Tracker")), "{panel:?}");
    }
}
