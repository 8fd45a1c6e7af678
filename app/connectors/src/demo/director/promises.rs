//! Promises are kept or broken at the right moment: never too many of them near, never too long without a broken one.

use desk::{ClockMetric, Priority};

use super::super::agenda::Event;
use super::super::calendar::MINUTE;
use super::super::case::Stage;
use super::super::simulation::{Number, Simulation};
use super::{Cue, FARTHEST_SHIFT, Promise};

/// Promises inside their last half hour: no more than this.
const MOST_NEAR: usize = 3;

/// Promises inside their last quarter of an hour: fewer than this.
const TOO_MANY_CLOSE: usize = 3;

/// With this many broken promises open, no more are let break.
const ENOUGH_OPEN_BREACHES: usize = 7;

/// The last one near is kept open until so many seconds before it is due.
const LATEST: i64 = 20;

impl Simulation {
    /// A promise comes into its last half hour.
    pub(in super::super) fn clock_is_near(&mut self, number: Number, metric: ClockMetric, due: i64) {
        let last_moment = due - self.director.generator.between(60, 150);
        self.at(due - 15 * MINUTE, Event::Closer(number, metric, due));
        self.at(last_moment, Event::LastMoment(number, metric, due));
        self.at(due, Event::Overdue(number, metric, due));
        self.director.near.push((number, metric));
        if self.is_working() && self.director.near.len() > MOST_NEAR {
            self.relieve_one();
        }
    }

    /// A promise comes into its last quarter of an hour.
    pub(in super::super) fn clock_is_closer(&mut self) {
        let close = self.now + 15 * MINUTE;
        let is_close = |promise: &&Promise| self.due(promise).is_some_and(|due| due <= close);
        if self.is_working() && self.director.near.iter().filter(is_close).count() >= TOO_MANY_CLOSE {
            self.relieve_one();
        }
    }

    fn due(&self, (number, metric): &Promise) -> Option<i64> {
        self.find(*number).and_then(|case| case.clock(*metric).due())
    }

    /// A clock ended, stopped or broke.
    pub(in super::super) fn clock_ended(&mut self, number: Number, metric: ClockMetric) {
        let director = &mut self.director;
        let count = director.near.len();
        director.near.retain(|promise| *promise != (number, metric));
        if director.doomed == Some((number, metric)) {
            director.doomed = None;
        }
        if director.near.is_empty() && count > 0 {
            self.at(self.now, Event::Director(Cue::NoneNear));
        }
    }

    /// Keeps one of too many promises: first one whose touch ends soon anyway.
    fn relieve_one(&mut self) {
        let now = self.now;
        let chosen = self
            .director
            .near
            .iter()
            .filter(|promise| self.director.war_room != Some(promise.0) && self.to_break() != Some(**promise))
            .min_by_key(|promise| match self.case(promise.0).stage {
                Stage::Touched { until, .. } if until <= now + FARTHEST_SHIFT => (false, until),
                _ => (true, self.due(promise).unwrap_or(i64::MAX)),
            })
            .copied();
        if let Some(promise) = chosen {
            self.relieve(promise);
        }
    }

    /// Keeps a promise now: a touch that would end soon ends, or an agent sends a short answer first.
    pub(super) fn relieve(&mut self, (number, metric): Promise) {
        let now = self.now;
        let case = self.case(number);
        match (case.stage, metric) {
            (Stage::Touched { until, .. }, _) if until <= now + FARTHEST_SHIFT => self.finish_touch(number),
            (_, ClockMetric::FirstReply) => self.short_answer(number),
            (stage, _) => {
                let agent = match stage {
                    Stage::Touched { agent, .. } | Stage::Claimed { agent } => Some(agent),
                    _ => self.helper(number),
                };
                if let Some(agent) = agent {
                    self.see_through(number, agent);
                }
            }
        }
    }

    /// "We are on it": the first reply, before the work.
    fn short_answer(&mut self, number: Number) {
        let case = self.case(number);
        let agent = match case.stage {
            Stage::Touched { agent, .. } | Stage::Claimed { agent } => Some(agent),
            _ => case.owner.filter(|owner| self.seats[*owner].is_on_shift()).or_else(|| self.helper(number)),
        };
        if let Some(agent) = agent {
            self.assign(number, agent);
            self.reply(number, agent);
            if self.case(number).stage == Stage::PutOff {
                self.becomes_ready(number);
            }
        }
    }

    /// A promise is about to break: it is kept, unless it is time for one to break.
    pub(in super::super) fn last_moment(&mut self, number: Number, metric: ClockMetric) {
        if !self.is_working() || self.director.war_room == Some(number) {
            return;
        }
        if self.to_break() == Some((number, metric)) && self.open_breaches() < ENOUGH_OPEN_BREACHES {
            self.director.doomed = Some((number, metric));
        } else if let Some(due) = self.due(&(number, metric))
            && self.director.near.len() == 1
            && self.now < due - LATEST
        {
            self.at(due - LATEST, Event::LastMoment(number, metric, due));
        } else if self.director.doomed != Some((number, metric)) {
            self.relieve((number, metric));
        }
    }

    /// A promise broke.
    pub(in super::super) fn overdue(&mut self, number: Number, metric: ClockMetric) {
        let now = self.now;
        self.change(number);
        if self.is_working() {
            self.director.last_breach = now;
            self.director.breach_after = self.director.generator.between(40 * MINUTE, 44 * MINUTE);
        }
        self.clock_ended(number, metric);
        if self.case(number).stage == Stage::PutOff {
            self.becomes_ready(number);
        }
    }

    /// Until when an agent puts off the end of a touch, because the promise it would keep is the last one near, or
    /// because it is time for one to break.
    pub(in super::super) fn put_off_answer(&mut self, number: Number) -> Option<i64> {
        let now = self.now;
        if !self.is_working() {
            return None;
        }
        if let Some(promise) = self.director.doomed
            && promise.0 == number
        {
            return self.due(&promise).map(|due| due + self.director.generator.between(30, 3 * MINUTE));
        }
        if !self.is_to_last(number) {
            return None;
        }
        let due = self.due_of_touch(number)?;
        (now < due - LATEST).then(|| (due - LATEST).min(now + FARTHEST_SHIFT))
    }

    /// When the first of the promises that the end of this touch would keep, and that are near, is due.
    fn due_of_touch(&self, number: Number) -> Option<i64> {
        self.director.near.iter().filter(|(near, _)| *near == number).filter_map(|promise| self.due(promise)).min()
    }

    /// Whether a ticket has a promise that should stay open as long as it can.
    pub(super) fn is_to_last(&self, number: Number) -> bool {
        let director = &self.director;
        let is_urgent = self.case(number).priority == Priority::Urgent;
        if director.war_room == Some(number) || director.doomed.is_some_and(|promise| promise.0 == number) {
            return true;
        }
        if self.due_of_touch(number).is_none() {
            return false;
        }
        let is_last = director.near.iter().all(|(near, _)| *near == number);
        is_last && !is_urgent || self.to_break().is_some_and(|promise| promise.0 == number)
    }

    /// The promise that breaks next, if it is time for one to break: an urgent one is not chosen.
    fn to_break(&self) -> Option<Promise> {
        let director = &self.director;
        director.doomed.or_else(|| {
            let may_break = |promise: &&Promise| self.case(promise.0).priority != Priority::Urgent;
            let candidates = director.near.iter().filter(may_break);
            director.wants_breach(self.now).then(|| candidates.min_by_key(|promise| self.due(promise)).copied())?
        })
    }
}
