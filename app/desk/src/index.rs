//! What is kept ready about the tickets of one lens, so that a poll's change costs what changed.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::{
    AgentId, ClockMetric, ClockState, GroupId, Lens, Priority, Status, Ticket,
    schedule::seconds_between,
    timeline::{Edits, Entry, Slot, Timeline},
};

/// The timelines of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Line {
    /// Every ticket, by creation.
    Created,
    /// Tickets that are no longer unsolved, by the instant when they left the backlog.
    Ended,
    /// Solved tickets by their last solve, with the time it took.
    Solved,
    /// First replies, with the time they took.
    Replied,
    /// Unsolved tickets by creation.
    Unsolved,
    /// Unsolved tickets without an owner, by creation.
    Unassigned,
    /// Active tickets by creation.
    Active,
    /// Active tickets whose requester wrote last, by that message.
    Awaiting,
    /// Running SLA clocks of unsolved tickets by due time, with the clock's position.
    Running,
    /// Unsolved tickets by their earliest breach, which may lie ahead.
    Breach,
    /// Clocks that ended in time, by the instant they ended, with the clock's position.
    Met(ClockMetric),
    /// Clocks that were or will be breached, by the instant of breach, with the clock's position.
    Breached(ClockMetric),
}

/// What is kept about one team.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Team {
    pub(crate) unsolved: u32,
    pub(crate) unassigned: u32,
    pub(crate) created: Timeline,
    pub(crate) ended: Timeline,
}

/// One ticket before and after a change.
pub(crate) struct Change<'a> {
    pub(crate) slot: Slot,
    pub(crate) before: Option<&'a Ticket>,
    pub(crate) after: Option<&'a Ticket>,
}

/// The index of one lens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    lines: BTreeMap<Line, Timeline>,
    statuses: HashMap<Status, u32>,
    priorities: HashMap<Priority, u32>,
    teams: BTreeMap<Option<GroupId>, Team>,
    loads: HashMap<AgentId, u32>,
}

static NOTHING: Timeline = Timeline::EMPTY;

impl Index {
    pub(crate) fn line(&self, line: Line) -> &Timeline {
        self.lines.get(&line).unwrap_or(&NOTHING)
    }

    pub(crate) fn with_status(&self, status: Status) -> u32 {
        self.statuses.get(&status).copied().unwrap_or(0)
    }

    /// Unsolved tickets of a priority.
    pub(crate) fn with_priority(&self, priority: Priority) -> u32 {
        self.priorities.get(&priority).copied().unwrap_or(0)
    }

    pub(crate) fn teams(&self) -> &BTreeMap<Option<GroupId>, Team> {
        &self.teams
    }

    /// Active tickets that an agent owns.
    pub(crate) fn load(&self, agent: &AgentId) -> u32 {
        self.loads.get(agent).copied().unwrap_or(0)
    }

    pub(crate) fn apply<'a>(&mut self, lens: &Lens, changes: impl Iterator<Item = Change<'a>>) {
        let mut lines: BTreeMap<Line, Edits> = BTreeMap::new();
        let mut teams: BTreeMap<Option<&GroupId>, (Edits, Edits)> = BTreeMap::new();
        for change in changes {
            let before = change.before.filter(|ticket| lens.scope.contains(ticket));
            let after = change.after.filter(|ticket| lens.scope.contains(ticket));
            let old = before.map_or_else(Vec::new, |ticket| facts(ticket, change.slot, lens));
            let new = after.map_or_else(Vec::new, |ticket| facts(ticket, change.slot, lens));
            for (line, entry) in old.iter().filter(|fact| !new.contains(fact)) {
                lines.entry(*line).or_default().remove.push(*entry);
            }
            for (line, entry) in new.iter().filter(|fact| !old.contains(fact)) {
                lines.entry(*line).or_default().insert.push(*entry);
            }
            if let Some(ticket) = before {
                self.count(ticket, |count| *count = count.saturating_sub(1));
                let team = teams.entry(ticket.group.as_ref()).or_default();
                pick(&old, Line::Created, &mut team.0.remove);
                pick(&old, Line::Ended, &mut team.1.remove);
            }
            if let Some(ticket) = after {
                self.count(ticket, |count| *count += 1);
                let team = teams.entry(ticket.group.as_ref()).or_default();
                pick(&new, Line::Created, &mut team.0.insert);
                pick(&new, Line::Ended, &mut team.1.insert);
            }
        }
        for (line, edits) in lines {
            self.lines.entry(line).or_default().apply(edits);
        }
        for (group, (created, ended)) in teams {
            let team = self.teams.entry(group.cloned()).or_default();
            team.created.apply(created);
            team.ended.apply(ended);
        }
        self.teams.retain(|_, team| team.created.len() > 0);
    }

    fn count(&mut self, ticket: &Ticket, step: impl Fn(&mut u32)) {
        step(self.statuses.entry(ticket.status).or_default());
        if ticket.status.is_unsolved() {
            step(self.priorities.entry(ticket.priority).or_default());
            let team = self.teams.entry(ticket.group.clone()).or_default();
            step(&mut team.unsolved);
            if ticket.assignee.is_none() {
                step(&mut team.unassigned);
            }
        }
        if let Some(agent) = ticket.assignee.as_ref().filter(|_| ticket.status.is_active()) {
            step(self.loads.entry(agent.clone()).or_default());
        }
    }
}

fn pick(facts: &[(Line, Entry)], line: Line, into: &mut Vec<Entry>) {
    into.extend(facts.iter().filter(|fact| fact.0 == line).map(|fact| fact.1));
}

/// Every place at which a ticket stands on the timelines.
fn facts(ticket: &Ticket, slot: Slot, lens: &Lens) -> Vec<(Line, Entry)> {
    let entry = |at: Timestamp| Entry { at, slot, value: 0 };
    let took = |at: Timestamp| {
        let seconds = match &lens.schedule {
            Some(schedule) => schedule.elapsed(ticket.created_at, at),
            None => seconds_between(ticket.created_at, at),
        };
        Entry { at, slot, value: u32::try_from(seconds).unwrap_or(u32::MAX) }
    };
    let mut facts = Vec::with_capacity(12);
    facts.push((Line::Created, entry(ticket.created_at)));
    if let Some(at) = ticket.first_reply_at.filter(|_| !ticket.opened_by_agent_reply) {
        facts.push((Line::Replied, took(at)));
    }
    let ended = ticket.ended_at();
    if let Some(at) = ended {
        facts.push((Line::Ended, entry(at)));
        facts.extend(ticket.solved_at.map(|at| (Line::Solved, took(at))));
    } else {
        facts.push((Line::Unsolved, entry(ticket.created_at)));
        if ticket.assignee.is_none() {
            facts.push((Line::Unassigned, entry(ticket.created_at)));
        }
        if ticket.status.is_active() {
            facts.push((Line::Active, entry(ticket.created_at)));
            facts.extend(waiting_since(ticket).map(|at| (Line::Awaiting, entry(at))));
        }
    }
    let mut breach: Option<Timestamp> = None;
    for (clock, position) in ticket.clocks.iter().zip(0u32..) {
        let entry = |at| Entry { at, slot, value: position };
        match clock.state {
            ClockState::Paused => {}
            ClockState::Met => {
                let ended = clock.ended_at.or(match clock.metric {
                    ClockMetric::FirstReply => ticket.first_reply_at,
                    ClockMetric::Resolution => ticket.solved_at,
                    ClockMetric::NextReply | ClockMetric::Update => ticket.last_agent_at,
                });
                facts.push((Line::Met(clock.metric), entry(ended.unwrap_or(clock.due_at))));
            }
            ClockState::Breached => {
                // The provider's word counts even where its due time has moved ahead since.
                let at = clock.due_at.min(ticket.updated_at);
                facts.push((Line::Breached(clock.metric), entry(at)));
                breach = Some(breach.map_or(at, |earliest| earliest.min(at)));
            }
            ClockState::Running => {
                // A clock that still runs on a solved ticket stopped with the ticket.
                if ended.is_none_or(|ended| clock.due_at <= ended) {
                    facts.push((Line::Breached(clock.metric), entry(clock.due_at)));
                    breach = Some(breach.map_or(clock.due_at, |earliest| earliest.min(clock.due_at)));
                }
                if ended.is_none() {
                    facts.push((Line::Running, entry(clock.due_at)));
                }
            }
        }
    }
    if ended.is_none() {
        facts.extend(breach.map(|at| (Line::Breach, entry(at))));
    }
    facts
}

/// Since when the requester waits for a word from us.
fn waiting_since(ticket: &Ticket) -> Option<Timestamp> {
    match (ticket.last_requester_at, ticket.last_agent_at) {
        (Some(requester), Some(agent)) => (requester > agent).then_some(requester),
        (None, Some(_)) => None,
        (requester, None) => Some(requester.unwrap_or(ticket.created_at)),
    }
}
