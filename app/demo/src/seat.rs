//! An agent's place at the desk: presence, breaks, and what is at hand.

use desk::{Agent, AgentState, GroupId};

use super::agenda::Event;
use super::calendar::{MINUTE, timestamp};
use super::case::agent_id;
use super::cast::AGENTS;
use super::random::{Generator, Stream};
use super::rota::Shift;
use super::simulation::{Number, Simulation};

/// Time at work between two breaks: no less than this, and 70 min on average. With breaks of 12.5 min it leaves 86 % of a
/// shift for work.
const BETWEEN_BREAKS: i64 = 30 * MINUTE;
const BETWEEN_BREAKS_MORE: f64 = 40.0 * MINUTE as f64;

/// A break waits so long for a colleague with free hands.
const BREAK_WAITS: i64 = 10 * MINUTE;

/// With more waiting than this, agents whose shift ends stay on, bit by bit.
const LONG_QUEUE: usize = 25;
const OVERTIME: i64 = 20 * MINUTE;
const MOST_OVERTIME: i64 = 120 * MINUTE;

/// One agent at work, or not.
pub(super) struct Seat {
    pub(super) state: AgentState,
    pub(super) since: i64,
    pub(super) on_shift_until: Option<i64>,
    /// Seconds stayed on beyond the shift.
    overtime: i64,
    /// The case being worked on.
    pub(super) current: Option<Number>,
    /// The case that comes next.
    pub(super) next: Option<Number>,
    /// Seconds of work that the director moved from the last touch to the next one.
    pub(super) left_over: i64,
    /// Counts the touches, so that a plan made in an earlier one is known to be void.
    pub(super) turn: u32,
    break_due: i64,
    lunch: Option<(i64, i64)>,
    generator: Generator,
    /// Seconds spent working, and seconds spent working or waiting for work.
    pub(super) worked: i64,
    pub(super) productive: i64,
}

impl Seat {
    pub(super) fn all(seed: u64, day: i64, now: i64) -> Vec<Self> {
        (0..AGENTS.len())
            .map(|index| Self {
                state: AgentState::Offline,
                since: now,
                on_shift_until: None,
                overtime: 0,
                current: None,
                next: None,
                left_over: 0,
                turn: 0,
                break_due: 0,
                lunch: None,
                generator: Stream::BREAKS.of(seed, day, index as u64),
                worked: 0,
                productive: 0,
            })
            .collect()
    }

    pub(super) fn is_on_shift(&self) -> bool {
        self.on_shift_until.is_some()
    }

    /// Free, with nothing lined up.
    pub(super) fn is_idle(&self) -> bool {
        self.state == AgentState::Available && self.next.is_none()
    }

    fn next_break(&mut self, now: i64) -> i64 {
        now + BETWEEN_BREAKS + self.generator.exponential(BETWEEN_BREAKS_MORE) as i64
    }

    /// Whether the agent will still be there, and not on a break, at an instant.
    pub(super) fn stays_until(&self, at: i64) -> bool {
        self.on_shift_until.is_some_and(|until| until > at)
            && self.break_due > at
            && self.lunch.is_none_or(|(due, _)| due > at)
    }

    /// As the desk sees it.
    pub(super) fn agent(&self, index: usize) -> Agent {
        let (name, team) = AGENTS[index];
        Agent {
            id: agent_id(index),
            name: name.to_owned(),
            group: Some(GroupId(team.id().to_owned())),
            state: Some(self.state),
            state_since: Some(timestamp(self.since)),
            on_shift: Some(self.is_on_shift()),
        }
    }
}

impl Simulation {
    pub(super) fn shift_starts(&mut self, shift: &Shift) {
        let (now, day) = (self.now, self.calendar.day(self.now).number);
        let seat = &mut self.seats[shift.agent];
        let fresh = seat.on_shift_until.is_none();
        let until = shift.until.max(seat.on_shift_until.unwrap_or(shift.until));
        seat.on_shift_until = Some(until);
        seat.lunch = shift.lunch;
        seat.overtime = 0;
        if fresh {
            seat.generator = Stream::BREAKS.of(self.seed, day, shift.agent as u64);
            seat.break_due = seat.next_break(now);
        }
        self.at(until, Event::ShiftEnds(shift.agent));
        if fresh && self.seats[shift.agent].state == AgentState::Offline {
            self.set_state(shift.agent, AgentState::Available);
        }
        self.look_for_work(shift.agent);
    }

    /// Whoever is in the middle of something finishes it first; while the queue is long, people stay on for a while.
    pub(super) fn shift_ends(&mut self, agent: usize) {
        let now = self.now;
        let seat = &mut self.seats[agent];
        if seat.on_shift_until.is_none_or(|until| until > now) {
            return;
        }
        if self.ready.len() > LONG_QUEUE && seat.overtime < MOST_OVERTIME {
            seat.overtime += OVERTIME;
            seat.on_shift_until = Some(now + OVERTIME);
            self.at(now + OVERTIME, Event::ShiftEnds(agent));
            return;
        }
        seat.on_shift_until = None;
        if seat.current.is_none() {
            self.goes_home(agent);
        }
    }

    fn goes_home(&mut self, agent: usize) {
        if let Some(number) = self.seats[agent].next.take() {
            self.becomes_ready(number);
        }
        self.set_state(agent, AgentState::Offline);
    }

    pub(super) fn back_to_work(&mut self, agent: usize) {
        let now = self.now;
        let seat = &mut self.seats[agent];
        if seat.state != AgentState::Away {
            return;
        }
        seat.break_due = seat.next_break(now);
        self.set_state(agent, AgentState::Available);
        self.look_for_work(agent);
    }

    /// What an agent does who has just nothing at hand.
    pub(super) fn look_for_work(&mut self, agent: usize) {
        let now = self.now;
        let break_waits = if self.is_last_free(agent) { BREAK_WAITS } else { 0 };
        let seat = &mut self.seats[agent];
        if seat.current.is_some() || seat.state == AgentState::Away {
            return;
        }
        if seat.on_shift_until.is_none_or(|until| until <= now) {
            seat.on_shift_until = None;
            self.goes_home(agent);
            return;
        }
        if seat.next.is_some() {
            return;
        }
        let lunch = seat.lunch.filter(|(due, _)| *due <= now).map(|(_, length)| length);
        let pause = match lunch {
            Some(length) => {
                seat.lunch = None;
                Some(length)
            }
            None if seat.break_due + break_waits <= now => {
                Some(seat.generator.log_normal(11.0 * MINUTE as f64, 0.5) as i64)
            }
            None => None,
        };
        if let Some(length) = pause {
            self.set_state(agent, AgentState::Away);
            self.at(now + length, Event::BackToWork(agent));
            return;
        }
        self.set_state(agent, AgentState::Available);
        if !self.take_up(agent) {
            let seat = &self.seats[agent];
            let pause = seat.lunch.map_or(seat.break_due, |(due, _)| due.min(seat.break_due));
            self.at(pause.max(now + MINUTE), Event::TakesBreak(agent));
        }
    }

    /// A break is due while there may be nothing to do.
    pub(super) fn takes_break(&mut self, agent: usize) {
        if self.seats[agent].is_idle() {
            self.look_for_work(agent);
        }
    }

    pub(super) fn set_state(&mut self, agent: usize, state: AgentState) {
        let now = self.now;
        let seat = &mut self.seats[agent];
        if seat.state == state {
            return;
        }
        let spent = now - seat.since;
        match seat.state {
            AgentState::Busy => {
                seat.worked += spent;
                seat.productive += spent;
            }
            AgentState::Available => seat.productive += spent,
            _ => {}
        }
        seat.state = state;
        seat.since = now;
        self.agent_changed();
    }
}
