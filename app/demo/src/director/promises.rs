//! Promises are kept or broken at the right moment: never too many of them near, never too long without a broken one.

use desk::{ClockMetric, Priority};

use super::super::agenda::Event;
use super::super::calendar::MINUTE;
use super::super::case::Stage;
use super::super::simulation::{Number, Simulation};
use super::triage::{Haste, URGENT_KEPT};
use super::{Cue, FARTHEST_SHIFT, Promise};

/// Promises inside their last half hour: no more than this.
const MOST_NEAR: usize = 3;

/// A promise that is not to break is kept with so much left, before people must act on it. The last one near waits for
/// another to come.
pub(super) const KEPT: i64 = 16 * MINUTE;

/// While it has more left than the first, only one that will be seen for long takes its place; with less than the second,
/// an urgent ticket may. The same for one that is to break, which needs no other before the third.
const PATIENT: i64 = 10 * MINUTE;
const NOW_OR_NEVER: i64 = 5 * MINUTE;
const BREAKS_ALONE: i64 = 6 * MINUTE;
const BREAKS_PATIENT: i64 = 4 * MINUTE;
const BREAKS_NOW_OR_NEVER: i64 = 150;

/// With this many broken promises open, no more are let break.
const ENOUGH_OPEN_BREACHES: usize = 7;

/// The last one near is kept open until so many seconds before it is due.
const LATEST: i64 = 20;

/// A promise breaks no sooner after the one before, or after working hours began, than is drawn from these.
const BREACH_AFTER: (i64, i64) = (42 * MINUTE, 48 * MINUTE);

/// From so long before that one is sought that nobody saw coming. So long after it, any may break.
const BREACH_SOUGHT: i64 = 8 * MINUTE;
const BREACH_LATE: i64 = 2 * MINUTE;

/// A promise that breaks is pressing for no longer than this, unless it is late for one to break.
pub(super) const BREAKS_WITHIN: i64 = 12 * MINUTE;

impl Simulation {
    /// A promise comes into its last half hour.
    pub(in super::super) fn clock_is_near(&mut self, number: Number, metric: ClockMetric, due: i64) {
        let last_moment = due - self.director.generator.between(60, 150);
        self.at(due - KEPT, Event::Closer(number, metric, due));
        self.at(last_moment, Event::LastMoment(number, metric, due));
        self.at(due, Event::Overdue(number, metric, due));
        self.director.near.push((number, metric));
        if self.is_working() && self.director.near.len() > MOST_NEAR {
            self.relieve_one();
        }
    }

    /// A promise has little more than a quarter of an hour left: it is kept, once another one is near. For one that is to
    /// break, another one must be near before it does.
    pub(in super::super) fn clock_is_closer(&mut self, number: Number, metric: ClockMetric, due: i64) {
        let promise = (number, metric);
        if !self.is_working() || self.director.war_room == Some(number) || self.now >= due {
            return;
        }
        let is_to_break = self.to_break() == Some(promise);
        let (patient, now_or_never) =
            if is_to_break { (BREAKS_PATIENT, BREAKS_NOW_OR_NEVER) } else { (PATIENT, NOW_OR_NEVER) };
        let haste = match due - self.now {
            left if is_to_break && left > BREAKS_ALONE => None,
            left if left > patient => Some(Haste::Patient),
            left if left > now_or_never => Some(Haste::Soon),
            _ => Some(Haste::Now),
        };
        let is_followed =
            self.is_another_near(promise) || haste.is_some_and(|haste| self.bring_one_near(Some(number), haste));
        if !is_followed || is_to_break {
            self.at(self.now + 10, Event::Closer(number, metric, due));
        } else {
            self.relieve(promise);
        }
    }

    /// Whether the promise of another ticket will be near for longer than this one.
    pub(super) fn is_another_near(&self, promise: Promise) -> bool {
        let due = self.due(&promise);
        self.director.near.iter().any(|near| near.0 != promise.0 && self.due(near) >= due)
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
        if self.calendar.is_working(now) {
            self.breaks_after(now);
        }
        self.clock_ended(number, metric);
        if self.case(number).stage == Stage::PutOff {
            self.becomes_ready(number);
        }
    }

    /// A promise broke, or working hours begin: it is settled when the next one may break.
    pub(super) fn breaks_after(&mut self, last: i64) {
        let next = last + self.director.generator.between(BREACH_AFTER.0, BREACH_AFTER.1);
        self.director.next_breach = next;
        self.at(next - BREACH_SOUGHT, Event::Director(Cue::BreachWanted));
    }

    /// Sees to it that a promise is near that can break in time.
    pub(super) fn keep_one_to_break(&mut self) {
        if self.now < self.director.next_breach - BREACH_SOUGHT {
            return;
        }
        if self.to_break().is_none() {
            self.bring_one_near(None, if self.is_late_to_break() { Haste::Soon } else { Haste::ToBreak });
        }
        self.at(self.now + 15, Event::Director(Cue::BreachWanted));
    }

    fn is_late_to_break(&self) -> bool {
        self.now >= self.director.next_breach + BREACH_LATE
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
        let is_to_break = self.to_break().is_some_and(|promise| promise.0 == number);
        let moment = match self.case(number).priority {
            Priority::Urgent if self.director.war_room != Some(number) => due - URGENT_KEPT,
            _ if now < due - KEPT && !is_to_break => due - KEPT + 30,
            _ => due - LATEST,
        };
        (now < moment).then(|| moment.min(now + FARTHEST_SHIFT))
    }

    /// When the first of the promises that the end of this touch would keep, and that are near, is due.
    fn due_of_touch(&self, number: Number) -> Option<i64> {
        self.director.near.iter().filter(|(near, _)| *near == number).filter_map(|promise| self.due(promise)).min()
    }

    /// Whether a ticket has a promise that should stay open as long as it can.
    pub(super) fn is_to_last(&self, number: Number) -> bool {
        let director = &self.director;
        if director.war_room == Some(number) || self.to_break().is_some_and(|promise| promise.0 == number) {
            return true;
        }
        let is_last = director.near.iter().all(|(near, _)| *near == number);
        self.due_of_touch(number).is_some() && is_last
    }

    /// The promise that breaks next, if one that is near shall: an urgent one is not chosen, nor one that an incident's end
    /// may keep.
    fn to_break(&self) -> Option<Promise> {
        let director = &self.director;
        let may_break = |promise: &Promise| {
            let case = self.case(promise.0);
            case.priority != Priority::Urgent && case.arrival.incident.is_none()
        };
        let is_soon = |due: i64| self.is_late_to_break() || due <= self.now + BREAKS_WITHIN;
        let is_next = |due: i64| due >= director.next_breach && is_soon(due);
        let candidates = || {
            let near = director.near.iter().copied().filter(may_break);
            near.filter_map(|promise| Some((self.due(&promise)?, promise))).filter(|(due, _)| is_next(*due))
        };
        let is_running = |promise: &Promise| self.due(promise).is_some_and(|due| due > self.now);
        director
            .doomed
            .filter(is_running)
            .or_else(|| candidates().min_by_key(|(due, _)| *due).map(|(_, promise)| promise))
    }
}
