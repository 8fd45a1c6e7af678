//! Every ready-made board of the demo desk on two days, as a screen gets it: `tests/boards/DAY-BOARD.json`. What the wall
//! makes of them is held against its rules by the TV's own tests, which know no server.
//!
//! `UPDATE_BOARDS=1 cargo test --workspace --lib boards::tests` writes them anew; read what changed before you commit it.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use connectors::{Source as _, demo::Demo};
use serde_json::{Value, json};

use super::*;
use crate::{Config, Folder, panels::PRESETS, settings::SlaWindow};

/// A day of the demo desk, and when somebody looks at it.
struct Day {
    name: &'static str,
    seed: u64,
    scenario: &'static str,
    since: &'static str,
    now: &'static str,
}

const DAYS: [Day; 2] = [
    Day {
        name: "calm-morning",
        seed: 1,
        scenario: "calm_day",
        since: "2026-11-02T08:00:00Z",
        now: "2026-11-16T10:12:00Z",
    },
    // Twenty-one clocks at risk, five breached.
    Day {
        name: "bad-afternoon",
        seed: 5,
        scenario: "busy_day",
        since: "2026-11-12T08:00:00Z",
        now: "2026-11-16T15:10:00Z",
    },
];

fn settings(day: &Day) -> Settings {
    let boards: Vec<Value> = PRESETS.iter().map(|preset| json!({ "id": preset.id })).collect();
    serde_json::from_value(json!({
        "instance": "00000000-0000-4000-8000-000000000000",
        "desk": { "provider": "demo", "seed": day.seed, "scenario": day.scenario, "since": day.since },
        "time_zone": "Europe/London",
        "team": "Service desk",
        "boards": boards,
    }))
    .unwrap()
}

/// The boards at an instant, by a server that was started a minute before.
async fn drawn(settings: &Settings, now: Timestamp) -> Vec<Board> {
    let zone = TimeZone::get(&settings.time_zone).unwrap();
    let settings::Desk::Demo(demo) = settings.desk else { panic!("{:?} is not simulated", settings.desk) };
    let mut source = Demo::new(demo.simulation(zone));
    let mut boards = Boards::new(settings, source.provider()).unwrap();
    let mut desk = Desk::new();
    boards.watch(&mut desk);
    let mut last = Vec::new();
    for second in [-60, -40, -20, 0] {
        let now = now + jiff::SignedDuration::from_secs(second);
        desk.apply(source.poll(now).await.unwrap());
        last = boards.draw(&desk, Instant::of(&source, now), None);
    }
    last.into_iter().map(|(_, board)| board).collect()
}

#[tokio::test]
async fn the_boards_that_the_wall_is_held_against_are_those_of_this_server() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/boards");
    let mut different = Vec::new();
    for day in DAYS {
        for board in drawn(&settings(&day), day.now.parse().unwrap()).await {
            let path = folder.join(format!("{}-{}.json", day.name, board.id.0));
            let text = serde_json::to_string_pretty(&board).unwrap() + "\n";
            if env::var_os("UPDATE_BOARDS").is_some() {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&path, &text).unwrap();
            }
            if fs::read_to_string(&path).ok() != Some(text) {
                different.push(path.display().to_string());
            }
        }
    }
    assert!(different.is_empty(), "UPDATE_BOARDS=1 writes them anew: {different:#?}");
}

#[test]
fn boards_that_look_back_differently_are_built_apart() {
    let data = tempfile::tempdir().unwrap();
    let folder = Folder::open(data.path()).unwrap();
    let config = Config::read(&BTreeMap::new(), None).unwrap();
    let mut settings = Settings::open(&folder, &config, Timestamp::UNIX_EPOCH).unwrap();
    settings.boards[1].sla_window = SlaWindow::SevenDays;
    settings.boards[2].sla_window = SlaWindow::ThirtyDays;
    let boards = Boards::new(&settings, "Demo").unwrap();
    let days = boards.groups.iter().map(|group| (group.builder.settings().sla_days, group.boards.len()));
    assert_eq!(days.collect::<Vec<_>>(), [(1, settings.boards.len() - 2), (7, 1), (30, 1)]);
}
