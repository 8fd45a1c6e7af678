//! The demo desk: a believable helpdesk without any account.
//!
//! Nothing here is a made-up number: agents of an invented company work through simulated tickets, and every panel
//! follows from those by the same code as live data. The desk is a pure function of ([`Settings`], instant): two
//! servers with the same settings show the same board at the same moment, and a restart goes on as if nothing had
//! happened. The telephone and network devices are not part of it.

mod agenda;
mod arrivals;
mod calendar;
mod case;
mod cast;
mod clocks;
mod director;
mod handling;
mod on_call;
mod random;
mod rates;
mod rota;
mod seat;
mod simulation;
mod timeline;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use connectors::{Mapping, OwnTime, PollError, Source, Warning};
use desk::{Agent, Batch, Capabilities, Client, Group, GroupId, Replies};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use on_call::feed as on_call_feed;
pub use rates::Scenario;
pub use timeline::{Pace, Speed};

use calendar::{Era, HOUR, WEEK};
use case::Case;
use simulation::{Notice, Simulation};

/// What the demo desk is like. Equal settings give equal desks.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Any number: another seed is another desk with the same character.
    pub seed: u64,
    /// What kind of day it is.
    pub scenario: Scenario,
    /// How simulated time runs.
    pub pace: Pace,
    /// Where the desk is: its office hours are local.
    pub zone: TimeZone,
}

impl Default for Settings {
    /// A normal day in UTC, in real time.
    fn default() -> Self {
        Self { seed: 1, scenario: Scenario::Normal, pace: Pace::RealTime, zone: TimeZone::UTC }
    }
}

/// The demo desk.
pub struct Demo {
    settings: Settings,
    /// The simulations of this era and, for its first weeks, the one before; in order of time.
    eras: Vec<(Era, Simulation)>,
    /// The simulated instant of the last poll.
    polled: Option<i64>,
}

/// How long after the end of an era its last tickets are kept.
const LINGERS: i64 = 10 * WEEK;

/// How much of the activity feed the first poll yields.
const FIRST_ACTIVITY: i64 = 24 * HOUR;

/// Farther than this ahead it is quicker to start again than to go through all that is between.
const FARTHEST_AHEAD: i64 = 60 * WEEK;

impl Demo {
    /// A demo desk that has not been polled yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, eras: Vec::new(), polled: None }
    }

    /// The simulated instant that a real one shows, in whole seconds. Everything about the board, including its
    /// clocks, is computed for it.
    pub fn simulated(&self, now: Timestamp) -> Timestamp {
        self.settings.pace.simulated(now, &self.settings.zone)
    }

    /// Everything that changed since the last call, in simulated time. When time went back, or far ahead, everything
    /// there is, and what is gone.
    fn read(&mut self, now: Timestamp) -> Batch {
        let read_at = self.simulated(now);
        let now = read_at.as_second();
        match self.polled.replace(now) {
            Some(polled) if (polled..=polled + FARTHEST_AHEAD).contains(&now) => self.changes(read_at),
            _ => self.everything(read_at),
        }
    }

    fn everything(&mut self, read_at: Timestamp) -> Batch {
        let now = read_at.as_second();
        let before: BTreeSet<u64> = self.cases().map(|case| case.number).collect();
        self.eras.clear();
        self.enter_eras(now);
        for (_, era) in &mut self.eras {
            era.catch_up(now - FIRST_ACTIVITY);
        }
        let mut batch = self.changes(read_at);
        batch.tickets = self.cases().map(|case| case.ticket(now)).collect();
        let after: BTreeSet<u64> = self.cases().map(|case| case.number).collect();
        batch.removed = before.difference(&after).map(|number| case::id(*number)).collect();
        batch.agents = self.agents();
        batch.groups = Some(groups());
        batch.clients = clients();
        batch
    }

    fn changes(&mut self, read_at: Timestamp) -> Batch {
        let now = read_at.as_second();
        let mut batch = Batch {
            read_at,
            tickets: Vec::new(),
            removed: Vec::new(),
            agents: None,
            groups: None,
            clients: Vec::new(),
            activity: Vec::new(),
            complete_since: None,
            capabilities: Capabilities { sla: true, presence: true, replies: Replies::Known, ratings: true },
        };
        let mut agents_changed = self.enter_eras(now);
        for (_, era) in &mut self.eras {
            era.advance(now);
            let changes = era.take_changes();
            batch.tickets.extend(changes.cases.into_iter().filter_map(|number| Some(era.find(number)?.ticket(now))));
            batch.removed.extend(changes.removed);
            batch.activity.extend(changes.activity.into_iter().map(Notice::activity));
            agents_changed |= changes.agents;
        }
        self.eras.retain(|(_, era)| !era.is_spent());
        batch.activity.sort_by_key(|activity| activity.at);
        batch.agents = self.agents().filter(|_| agents_changed);
        batch
    }

    fn cases(&self) -> impl Iterator<Item = &Case> {
        self.eras.iter().flat_map(|(_, era)| era.cases())
    }

    /// The agents, as the newest era has them.
    fn agents(&self) -> Option<Vec<Agent>> {
        let (_, era) = self.eras.last()?;
        Some(era.seats.iter().enumerate().map(|(index, seat)| seat.agent(index)).collect())
    }

    /// Starts the simulations that an instant needs. Says whether there are new ones.
    fn enter_eras(&mut self, now: i64) -> bool {
        let zone = &self.settings.zone;
        let current = Era::at(now, zone);
        let mut needed = vec![current];
        if now < current.start(zone) + LINGERS {
            needed.insert(0, current.previous());
        }
        let before = self.eras.len();
        for era in needed {
            let is_known = self.eras.last().is_some_and(|(newest, _)| *newest >= era);
            if !is_known {
                let simulation = Simulation::new(self.settings.seed, self.settings.scenario, era, zone);
                self.eras.push((era, simulation));
            }
        }
        self.eras.len() > before
    }
}

impl Source for Demo {
    fn provider(&self) -> &'static str {
        "Demo"
    }

    fn own_time(&self, now: Timestamp) -> Option<OwnTime> {
        self.settings.pace.own_time(now, &self.settings.zone)
    }

    async fn poll(&mut self, now: Timestamp) -> Result<Batch, PollError> {
        Ok(self.read(now))
    }

    /// Its words are ours.
    fn remap(&mut self, _: &Mapping) {}

    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }
}

fn clients() -> Vec<Client> {
    let client = |(index, company): (usize, &cast::Company)| Client {
        id: case::client_id(index),
        name: company.name.to_owned(),
    };
    cast::COMPANIES.iter().enumerate().map(client).collect()
}

fn groups() -> Vec<Group> {
    let group = |team: cast::Team| Group { id: GroupId(team.id().to_owned()), name: team.name().to_owned() };
    cast::Team::ALL.map(group).to_vec()
}
