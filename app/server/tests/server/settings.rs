//! Changes of `settings.json` under a running server.

use std::{fs, time::Duration};

use board::{Board, Panel, Status};
use jiff::Timestamp;
use server::settings::{BoardSettings, Connected, Desk};

use crate::{
    stage::{Stage, open_tickets, within},
    streams::Events,
};

fn backlog(board: &Board) -> &Panel {
    board.panels.iter().find(|panel| panel.id.0 == "open-tickets").unwrap()
}

fn connected() -> Desk {
    let address = Some("https://rt.example.com/".parse().unwrap());
    Desk::RequestTracker(Connected { address, at: Some(Timestamp::now()), ..Connected::default() })
}

#[tokio::test]
async fn a_helpdesk_that_is_connected_is_read_without_a_restart() {
    let stage = Stage::start().await;
    stage.board_when(|board| open_tickets(board) == Some(3) && board.demo).await;
    stage.tracker.set_open(9);
    stage.tracker.break_down();

    stage.change_settings(|settings| server::Settings { desk: connected(), ..settings });
    let kept = stage.board_when(|board| backlog(board).status == Status::Stale).await;
    assert_eq!(open_tickets(&kept), Some(3), "the last good state stays until the new desk answers");
    assert!(kept.demo, "and is not taken for the new desk's");

    stage.tracker.mend();
    let read = stage.board_when(|board| open_tickets(board) == Some(9)).await;
    assert!(!read.demo && backlog(&read).status != Status::Stale);
}

#[tokio::test]
async fn another_credential_for_the_same_desk_is_used_at_once_and_nothing_turns_grey() {
    let stage = Stage::start().await;
    stage.tracker.set_open(4);
    stage.change_settings(|settings| server::Settings { desk: connected(), ..settings });
    stage.board_when(|board| open_tickets(board) == Some(4)).await;

    stage.tracker.break_down();
    let mut events = Events::open(&stage.client(), &stage, None).await;
    stage.change_settings(|settings| server::Settings { desk: connected(), ..settings });
    tokio::time::sleep(Duration::from_millis(2500)).await;
    stage.tracker.set_open(6);
    stage.tracker.mend();
    loop {
        let panel = match events.event().await.1 {
            board::wire::Event::Board(board) => backlog(&board).clone(),
            board::wire::Event::Panel(panel) if panel.id.0 == "open-tickets" => *panel,
            _ => continue,
        };
        assert_ne!(panel.status, Status::Stale);
        if crate::stage::count(&panel) == Some(6) {
            return;
        }
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_meanwhile_changes_nothing_until_it_is_mended() {
    let stage = Stage::start().await;
    let before = stage.board_when(|board| open_tickets(board) == Some(3)).await;
    let path = stage.data("settings.json");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    stage.desk.set_open(5);
    let board = stage.board_when(|board| open_tickets(board) == Some(5)).await;
    assert_eq!(board.title, before.title);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole[..whole.len() / 2]);

    fs::write(&path, whole.replace("\"Support\"", "\"Night shift\"")).unwrap();
    stage.board_when(|board| board.title == "Night shift" && open_tickets(board) == Some(5)).await;
}

#[tokio::test]
async fn a_board_that_is_taken_away_ends_its_streams_and_a_new_one_is_there() {
    let stage = Stage::start().await;
    stage.change_settings(|mut settings| {
        settings.boards.retain(|board| board.id.0 != "sla");
        settings
    });
    within(async {
        while stage.get("/api/v1/boards/sla/state").await.status() != 404 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;

    let mut events = Events::open(&stage.client(), &stage, None).await;
    stage.change_settings(|mut settings| {
        settings.boards.rotate_left(1);
        settings.boards.retain(|board| board.id.0 != "overview");
        settings.boards.push(BoardSettings { id: board::BoardId("sla".to_owned()), ..settings.boards[0].clone() });
        settings
    });
    while events.next().await.is_some() {}
    assert_eq!(stage.get("/api/v1/boards/overview/state").await.status(), 404);
    assert_eq!(stage.get("/api/v1/boards/sla/state").await.status(), 200);
}

#[tokio::test]
async fn scope_privacy_target_and_zones_are_the_boards_own() {
    let stage = Stage::start().await;
    stage.board_when(|board| open_tickets(board) == Some(3)).await;
    let of = |board: &Board, id: &str| {
        let panel = board.panels.iter().find(|panel| panel.id.0 == id);
        panel.map(|panel| format!("{:?}", panel.form)).unwrap_or_default()
    };
    stage.change_settings(|mut settings| {
        let team = settings.boards.iter_mut().find(|board| board.id.0 == "team").unwrap();
        team.solved_target = 40.try_into().ok();
        team.private = true;
        team.other_zones = serde_json::from_str(r#"[{"label": "New York", "zone": "America/New_York"}]"#).unwrap();
        settings.boards[0].scope = serde_json::from_str(r#"{"with_tags": ["vip"]}"#).unwrap();
        settings
    });
    stage.board_when(|board| open_tickets(board) == Some(0)).await;
    let team = stage.get("/api/v1/boards/team/state").await.json::<Board>().await.unwrap();
    assert!(of(&team, "solved-today").contains("40"), "{team:?}");
    assert!(of(&team, "clock").contains("New York"), "{team:?}");
}

#[tokio::test]
async fn thresholds_are_the_boards_own() {
    let stage = Stage::start().await;
    let status_of = |board: &Board| board.panels.iter().find(|panel| panel.id.0 == "unassigned").unwrap().status;
    // Thirty minutes old, and by the catalogue that is not over thirty.
    let board = stage.board_when(|board| open_tickets(board) == Some(3)).await;
    assert_ne!(status_of(&board), Status::Critical);
    stage.change_settings(|mut settings| {
        settings.boards[0].thresholds = serde_json::from_str(r#"{"unassigned": {"warn": 1, "critical": 3}}"#).unwrap();
        settings
    });
    stage.board_when(|board| status_of(board) == Status::Critical).await;
    let path = "/api/v1/boards/queue/state";
    let other = stage.get(path).await.json::<Board>().await.unwrap();
    assert_ne!(status_of(&other), Status::Critical, "the other boards judge as before");
}
