//! The boards of this installation: panels of the desk, arranged as the settings say.

use std::{num::NonZeroU32, time::Duration};

use board::{Board, SimulatedTime};
use desk::Desk;
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    on_call::Rota,
    panels::{self, Builder, PRESETS},
    settings::{self, BoardSettings, Settings},
};

/// How often a helpdesk is expected to be read; how old data may be follows from it.
const REFRESH: Duration = Duration::from_secs(20);

/// Draws every board of the settings.
pub(crate) struct Boards {
    groups: Vec<Group>,
    team: String,
    zone: TimeZone,
    demo: bool,
}

/// Boards about the same tickets that judge values alike: their panels are built once.
struct Group {
    builder: Builder,
    boards: Vec<BoardSettings>,
}

/// The time at which boards are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant {
    /// Of the desk.
    now: Timestamp,
    /// How that runs, where it is not real time.
    pub(crate) simulated: Option<SimulatedTime>,
}

/// Why the boards cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum BoardsError {
    /// The settings name a time zone that is not in the database.
    #[error(transparent)]
    TimeZone(#[from] jiff::Error),
    /// The thresholds of a board contradict each other.
    #[error("settings.json: {0}")]
    Thresholds(String),
}

impl Boards {
    /// Boards about a desk that is read from `provider`.
    pub(crate) fn new(settings: &Settings, provider: &str) -> Result<Self, BoardsError> {
        let zone = TimeZone::get(&settings.time_zone)?;
        let speed = match &settings.desk {
            settings::Desk::Demo(demo) => u16::from(demo.speed),
            settings::Desk::RequestTracker(_) => 1,
        };
        let mut groups: Vec<Group> = Vec::new();
        for board in &settings.boards {
            let wanted = panels::Settings {
                schedule: settings.schedule(&zone),
                scope: board.scope.clone(),
                private: board.private,
                covered: settings.covered(&zone),
                solved_target: board.solved_target.map(NonZeroU32::get),
                other_zones: board.other_zones.clone(),
                thresholds: board.thresholds.over_catalogue().map_err(BoardsError::Thresholds)?,
                refresh: REFRESH * u32::from(speed),
                ..panels::Settings::new(provider, zone.clone())
            };
            match groups.iter_mut().find(|group| *group.builder.settings() == wanted) {
                Some(group) => group.boards.push(board.clone()),
                None => groups.push(Group { builder: Builder::new(wanted), boards: vec![board.clone()] }),
            }
        }
        let demo = matches!(settings.desk, settings::Desk::Demo(_));
        Ok(Self { groups, team: settings.team.clone(), zone, demo })
    }

    /// Lets the desk keep ready what the panels ask for.
    pub(crate) fn watch(&self, desk: &mut Desk) {
        for group in &self.groups {
            desk.watch(group.builder.lens().clone());
        }
    }

    /// Lets the desk forget it again.
    pub(crate) fn unwatch(&self, desk: &mut Desk) {
        for group in &self.groups {
            desk.unwatch(group.builder.lens());
        }
    }

    /// Every panel is stale from now on: the desk is another one, and has not answered yet.
    pub(crate) fn supersede(&mut self) {
        for group in &mut self.groups {
            group.builder.supersede();
        }
    }

    /// Every board as it stands; to be called once a refresh. The simulated desk has a rota of its own.
    pub(crate) fn draw(&mut self, desk: &Desk, instant: Instant, rota: Option<&Rota>) -> Vec<Board> {
        let mut drawn = Vec::new();
        let simulated = self.demo.then(|| Rota::of_demo(instant.now, &self.zone));
        let rota = simulated.as_ref().or(rota);
        for group in &mut self.groups {
            let mut panels = group.builder.refresh(desk, instant.now);
            panels.extend(rota.map(|rota| group.builder.on_call(rota, instant.now)));
            let settings = group.builder.settings();
            drawn.extend(group.boards.iter().filter_map(|chosen| {
                let preset = PRESETS.iter().find(|preset| preset.id == chosen.id.0)?;
                Some(Board {
                    theme: chosen.theme,
                    look: chosen.look,
                    demo: self.demo,
                    simulated: instant.simulated,
                    ticker: chosen.ticker.clone(),
                    ..preset.board(&self.team, settings, &panels, desk.capabilities())
                })
            }));
        }
        drawn
    }
}

impl Instant {
    /// What a desk's time is at a real instant.
    pub(crate) fn of(source: &impl connectors::Source, now: Timestamp) -> Self {
        let simulated =
            source.own_time(now).map(|time| SimulatedTime { at: time.at, shows: time.shows, speed: time.speed });
        Self::simulated(simulated, now)
    }

    /// The time that runs so, at a real instant.
    pub(crate) fn simulated(simulated: Option<SimulatedTime>, now: Timestamp) -> Self {
        Self { now: simulated.map_or(now, |simulated| simulated.time(now)), simulated }
    }

    /// The time of the desk.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }
}
