//! The boards of this installation: panels of the desk, arranged as the settings say.

use std::{collections::BTreeSet, num::NonZeroU32};

use board::{Board, SimulatedTime};
use desk::{Desk, REFRESH};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    on_call::Rota,
    panels::{self, Builder},
    scopes::Clients,
    settings::{self, BoardSettings, Settings},
};

/// Draws every board of the settings.
pub(crate) struct Boards {
    groups: Vec<Group>,
    superseded: bool,
    team: String,
    zone: TimeZone,
    demo: bool,
}

/// Boards about the same tickets that judge values alike: their panels are built once.
struct Group {
    /// For whom they are drawn, where that is for some clients only.
    clients: Option<Clients>,
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
                sla_days: board.sla_window.days(),
                other_zones: board.other_zones.clone(),
                thresholds: board.thresholds.over_catalogue().map_err(BoardsError::Thresholds)?,
                refresh: REFRESH * u32::from(speed),
                ..panels::Settings::new(provider, zone.clone())
            };
            match groups.iter_mut().find(|group| *group.builder.settings() == wanted) {
                Some(group) => group.boards.push(board.clone()),
                None => {
                    groups.push(Group { clients: None, builder: Builder::new(wanted), boards: vec![board.clone()] })
                }
            }
        }
        Ok(Self {
            groups,
            superseded: false,
            team: settings.team.clone(),
            zone,
            demo: matches!(settings.desk, settings::Desk::Demo(_)),
        })
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
        self.superseded = true;
        for group in &mut self.groups {
            group.builder.supersede();
        }
    }

    /// Draws every board for each of these sets of clients as well, and for no other set.
    pub(crate) fn limit_to(&mut self, wanted: &BTreeSet<Clients>, desk: &mut Desk) {
        let drawn = self.groups.iter().filter_map(|group| group.clients.clone()).collect::<BTreeSet<_>>();
        if drawn == *wanted {
            return;
        }
        let (stay, gone) = std::mem::take(&mut self.groups)
            .into_iter()
            .partition(|group| group.clients.as_ref().is_none_or(|clients| wanted.contains(clients)));
        self.groups = stay;
        let gone: Vec<Group> = gone;
        for group in gone {
            desk.unwatch(group.builder.lens());
        }
        for clients in wanted.difference(&drawn) {
            let everybodys = self.groups.iter().filter(|group| group.clients.is_none());
            let limited = everybodys.map(|group| group.limited_to(clients, self.superseded)).collect::<Vec<_>>();
            self.groups.extend(limited);
        }
        // A lens that is gone may have been another group's, too.
        self.watch(desk);
    }

    /// Every board as it stands, and for whom where that is not everybody. The simulated desk has a rota of its own.
    pub(crate) fn draw(&mut self, desk: &Desk, instant: Instant, rota: Option<&Rota>) -> Vec<(Option<Clients>, Board)> {
        let mut drawn = Vec::new();
        let simulated = self.demo.then(|| Rota::of_demo(instant.now, &self.zone));
        let rota = simulated.as_ref().or(rota);
        for group in &mut self.groups {
            let mut panels = group.builder.refresh(desk, instant.now);
            panels.extend(rota.map(|rota| group.builder.on_call(rota, instant.now)));
            let settings = group.builder.settings();
            drawn.extend(group.boards.iter().filter_map(|chosen| {
                let board = Board {
                    id: chosen.id.clone(),
                    title: chosen.title(&self.team),
                    theme: chosen.theme,
                    look: chosen.look,
                    demo: self.demo,
                    simulated: instant.simulated,
                    ticker: chosen.ticker.clone(),
                    ..chosen.preset()?.board(&self.team, settings, &panels, desk.capabilities())
                };
                Some(match &group.clients {
                    None => (None, board),
                    Some(clients) => (Some(clients.clone()), for_clients(board)),
                })
            }));
        }
        drawn
    }
}

impl Group {
    /// The same boards about the tickets of these clients alone.
    fn limited_to(&self, clients: &Clients, superseded: bool) -> Self {
        let mut settings = self.builder.settings().clone();
        settings.scope.clients = Some(match &settings.scope.clients {
            None => clients.clone(),
            Some(already) => already.intersection(clients).cloned().collect(),
        });
        let mut builder = Builder::new(settings);
        if superseded {
            builder.supersede();
        }
        Self { clients: Some(clients.clone()), builder, boards: self.boards.clone() }
    }
}

/// The board without what is not about clients' tickets (panel catalogue, section 1.5).
fn for_clients(mut board: Board) -> Board {
    board.panels.retain(|panel| panels::is_about_clients(&panel.id));
    board.layout.placements.retain(|placement| panels::is_about_clients(&placement.panel));
    if let Some(strip) = &mut board.layout.strip {
        strip.panels.retain(panels::is_about_clients);
    }
    board.overlay = None;
    board
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

#[cfg(test)]
mod tests;
