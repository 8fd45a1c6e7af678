//! Every ready-made board of the demo desk on two days, and of the same desk as a Request Tracker tells it, as a screen gets
//! it: `tests/boards/DAY-BOARD.json`. What the wall makes of them is held against its rules by the TV's own tests, which know
//! no server.
//!
//! `UPDATE_BOARDS=1 cargo test --workspace --lib boards::tests` writes them anew; read what changed before you commit it.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use connectors::Source as _;
use demo::Demo;
use desk::{Batch, Capabilities, Priority, Replies, Ticket};
use serde_json::{Value, json};

use super::*;
use crate::{Config, Folder, panels::PRESETS, settings::SlaWindow};

/// A day of the demo desk, who tells it, and when somebody looks at it.
struct Day {
    name: &'static str,
    provider: Provider,
    seed: u64,
    scenario: &'static str,
    since: &'static str,
    now: &'static str,
}

/// Which helpdesk tells a day.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Provider {
    Demo,
    RequestTracker,
    /// That was just set up, and has the first tickets only.
    NewRequestTracker,
}

impl Provider {
    /// Which of the ready-made boards are not those of another day.
    fn shows(self, preset: &str) -> bool {
        self != Self::NewRequestTracker || ["overview", "queue"].contains(&preset)
    }
}

const DAYS: [Day; 4] = [
    Day {
        name: "calm-morning",
        provider: Provider::Demo,
        seed: 1,
        scenario: "calm_day",
        since: "2026-11-02T08:00:00Z",
        now: "2026-11-16T10:12:00Z",
    },
    // Twenty-one clocks at risk, five breached.
    Day {
        name: "bad-afternoon",
        provider: Provider::Demo,
        seed: 5,
        scenario: "busy_day",
        since: "2026-11-12T08:00:00Z",
        now: "2026-11-16T15:10:00Z",
    },
    Day {
        name: "first-minute",
        provider: Provider::NewRequestTracker,
        seed: 1,
        scenario: "calm_day",
        since: "2026-11-02T08:00:00Z",
        now: "2026-11-16T10:12:00Z",
    },
    Day {
        name: "real-afternoon",
        provider: Provider::RequestTracker,
        seed: 5,
        scenario: "busy_day",
        since: "2026-11-12T08:00:00Z",
        now: "2026-11-16T15:10:00Z",
    },
];

/// What came in first, and how many seconds ago.
const FIRST: [(&str, i64); 6] = [
    ("Printer offline in the large meeting room on the second floor", 54),
    ("New starter on Monday: laptop, badge and phone", 41),
    ("VPN drops every few minutes since this morning", 33),
    ("Password", 25),
    ("Invoice 20413 cannot be opened", 16),
    ("Nobody at the Harbour office can log in any more", 4),
];

fn settings(day: &Day) -> Settings {
    let shown = PRESETS.iter().filter(|preset| day.provider.shows(preset.id));
    let boards: Vec<Value> = shown.map(|preset| json!({ "id": preset.id })).collect();
    let desk = match day.provider {
        Provider::Demo => {
            json!({ "provider": "demo", "seed": day.seed, "scenario": day.scenario, "since": day.since })
        }
        Provider::RequestTracker | Provider::NewRequestTracker => json!({ "provider": "request_tracker" }),
    };
    serde_json::from_value(json!({
        "instance": "00000000-0000-4000-8000-000000000000",
        "desk": desk,
        "time_zone": "Europe/London",
        "team": "Service desk",
        "boards": boards,
    }))
    .unwrap()
}

/// The boards of a day, by a server that was started a minute before.
async fn drawn(day: &Day) -> Vec<Board> {
    let (settings, now): (_, Timestamp) = (settings(day), day.now.parse().unwrap());
    let demo: settings::Demo =
        serde_json::from_value(json!({ "seed": day.seed, "scenario": day.scenario, "since": day.since })).unwrap();
    let mut source = Demo::new(demo.simulation(TimeZone::get(&settings.time_zone).unwrap()));
    let provider = match day.provider {
        Provider::Demo => source.provider(),
        Provider::RequestTracker | Provider::NewRequestTracker => "Request Tracker",
    };
    let mut boards = Boards::new(&settings, provider).unwrap();
    let mut desk = Desk::new();
    boards.watch(&mut desk);
    let mut last = Vec::new();
    for second in [-60, -40, -20, 0] {
        let at = now + jiff::SignedDuration::from_secs(second);
        let batch = source.poll(at).await.unwrap();
        desk.apply(match day.provider {
            Provider::Demo => batch,
            Provider::RequestTracker => request_tracker(batch),
            Provider::NewRequestTracker => first_minute(request_tracker(batch), now),
        });
        last = boards.draw(&desk, Instant::of(&source, at), None);
    }
    last.into_iter().map(|(_, board)| board).collect()
}

/// What a Request Tracker tells of it: no promises, no presence, nothing that stands for a subject.
fn request_tracker(mut batch: Batch) -> Batch {
    batch.capabilities = Capabilities { sla: false, presence: false, ratings: false, ..batch.capabilities };
    batch.activity.clear();
    for ticket in &mut batch.tickets {
        ticket.tags.clear();
        ticket.clocks.clear();
        ticket.rating = None;
    }
    for agent in batch.agents.iter_mut().flatten() {
        (agent.state, agent.state_since, agent.on_shift) = (None, None, None);
    }
    batch
}

/// The first tickets of all, from people of no organisation; the last one is urgent.
fn first_minute(batch: Batch, now: Timestamp) -> Batch {
    let ticket = |(id, (subject, seconds)): (usize, (&str, i64))| {
        let created_at = now - jiff::SignedDuration::from_secs(seconds);
        let priority = if id + 1 == FIRST.len() { Priority::Urgent } else { Priority::Normal };
        let waiting = Some(created_at);
        Ticket { priority, last_requester_at: waiting, ..Ticket::new((id + 1).to_string(), subject, created_at) }
    };
    let tickets = FIRST.into_iter().enumerate().map(ticket);
    let read_at = batch.read_at;
    Batch {
        tickets: tickets.filter(|ticket| ticket.created_at <= read_at).collect(),
        removed: Vec::new(),
        clients: Vec::new(),
        complete_since: None,
        capabilities: Capabilities { replies: Replies::Known, ..batch.capabilities },
        ..batch
    }
}

#[tokio::test]
async fn the_boards_that_the_wall_is_held_against_are_those_of_this_server() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/boards");
    let mut different = Vec::new();
    for day in DAYS {
        for board in drawn(&day).await {
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
