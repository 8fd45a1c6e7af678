//! The director keeps a board interesting in working hours without inventing anything: it moves pending events (the
//! start or the end of a touch, a requester's answer), lets an agent write a note or a short answer, or has a ticket
//! triaged anew. Outside working hours the desk is left alone.
//!
//! What it sees to:
//! - a change at least every 20 s, and one that several panels show at least every minute;
//! - one to three promises inside their last half hour, at most two of them in the last quarter;
//! - one broken promise every 40 to 90 min;
//! - urgent tickets answered before half their time has gone, except for the war-room moments of a busy day.

use desk::{ActivityKind, ClockMetric, Priority, Status};

use super::calendar::{Day, HOUR, MINUTE};
use super::case::Stage;
use super::clocks;
use super::random::{Generator, Stream};
use super::simulation::{Event, Number, Simulation};

/// A promise inside its last half hour.
type Promise = (Number, ClockMetric);

/// How far one decision moves a pending event at most.
const FARTHEST_SHIFT: i64 = 10 * MINUTE;

/// Promises inside their last half hour: no more than this.
const MOST_NEAR: usize = 3;

/// Promises inside their last quarter of an hour: fewer than this.
const TOO_MANY_CLOSE: usize = 3;

/// Put-off tickets are due at least this far apart: a little less than the half hour in which each is seen.
const PUT_OFF_SPACING: i64 = 27 * MINUTE;

/// A put-off ticket comes back to the queue this long before it is due.
const PUT_OFF_UNTIL: i64 = 20 * MINUTE;

/// With this many broken promises open, no more are let break.
const ENOUGH_OPEN_BREACHES: usize = 7;

/// What the director wakes up for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cue {
    /// Working hours begin.
    Opens,
    /// Time for a change, if nothing else made one.
    Pulse,
    /// Time for a change that several panels show.
    Beat,
    /// There may be no promise left inside its last half hour.
    NoneNear,
    /// A put-off ticket gets its owner.
    PutOffAssigned(Number),
    /// A put-off ticket has waited long enough.
    PutOffEnds(Number),
    /// Half the time for the first reply to an urgent ticket is about to have gone.
    UrgentHalfGone(Number),
    /// A busy day's war-room moment is due.
    WarRoom,
    /// The moment is over.
    WarRoomEnds(Number),
    /// The last two hours of the era begin.
    YearEnds,
}

/// What the director remembers.
pub(super) struct Director {
    generator: Generator,
    near: Vec<Promise>,
    /// The promise chosen to break, from shortly before to when it is answered.
    doomed: Option<Promise>,
    last_breach: i64,
    breach_after: i64,
    last_change: i64,
    last_beat: i64,
    put_off_dues: Vec<i64>,
    /// The urgent ticket of a war-room moment.
    war_room: Option<Number>,
}

impl Director {
    pub(super) fn new(seed: u64, day: i64) -> Self {
        Self {
            generator: Stream::DIRECTOR.on(seed, day),
            near: Vec::new(),
            doomed: None,
            last_breach: 0,
            breach_after: 0,
            last_change: 0,
            last_beat: 0,
            put_off_dues: Vec::new(),
            war_room: None,
        }
    }

    pub(super) fn saw_change(&mut self, now: i64, kind: ActivityKind) {
        self.last_change = now;
        if kind != ActivityKind::Updated {
            self.last_beat = now;
        }
    }

    /// The last moment to keep a promise.
    pub(super) fn last_moment(&mut self, due: i64) -> i64 {
        due - self.generator.between(60, 150)
    }

    /// Whether it is time for a promise to break.
    fn wants_breach(&self, now: i64) -> bool {
        now - self.last_breach >= self.breach_after
    }
}

impl Simulation {
    pub(super) fn direct_day(&mut self, day: &Day) {
        self.director.generator = Stream::DIRECTOR.on(self.seed, day.number);
        self.director.put_off_dues.retain(|due| *due > day.start);
        let Some((open, _)) = day.working() else { return };
        if open < self.now {
            return;
        }
        self.at(open, Event::Director(Cue::Opens));
        if self.scenario.is_busy(day.end) {
            let first = open + self.director.generator.between(90 * MINUTE, 120 * MINUTE);
            let second = first + self.director.generator.between(3 * HOUR, 4 * HOUR);
            self.at(first, Event::Director(Cue::WarRoom));
            self.at(second, Event::Director(Cue::WarRoom));
        }
    }

    pub(super) fn direct(&mut self, cue: Cue) {
        match cue {
            Cue::YearEnds => self.year_ends(),
            Cue::PutOffAssigned(number) => self.put_off_is_assigned(number),
            Cue::PutOffEnds(number) => self.put_off_ends(number),
            Cue::WarRoomEnds(number) => self.war_room_ends(number),
            _ if !self.is_working() => {}
            Cue::Opens => self.opens(),
            Cue::Pulse => self.pulse(),
            Cue::Beat => self.beat(),
            Cue::NoneNear => self.keep_one_near(),
            Cue::UrgentHalfGone(number) => self.urgent_half_gone(number),
            Cue::WarRoom => self.war_room(),
        }
    }

    fn is_working(&self) -> bool {
        self.calendar.is_working(self.now)
    }

    fn opens(&mut self) {
        let now = self.now;
        self.director.last_breach = now;
        self.director.breach_after = self.director.generator.between(42 * MINUTE, 52 * MINUTE);
        self.at(now, Event::Director(Cue::NoneNear));
        self.at(now, Event::Director(Cue::Pulse));
        self.at(now, Event::Director(Cue::Beat));
    }

    /// A note, if it was quiet for too long.
    fn pulse(&mut self) {
        let now = self.now;
        let pause = self.director.generator.between(10, 18);
        if now - self.director.last_change >= pause
            && let Some((number, agent)) = self.noted()
        {
            self.tell(number, ActivityKind::Updated, Some(agent));
        }
        self.at((self.director.last_change + pause).max(now + 1), Event::Director(Cue::Pulse));
    }

    /// Which ticket somebody writes a note on: one that is being worked on, or else one that has an owner.
    fn noted(&mut self) -> Option<(Number, usize)> {
        let at_work: Vec<_> =
            self.seats.iter().enumerate().filter_map(|(agent, seat)| Some((seat.current?, agent))).collect();
        let candidates = if at_work.is_empty() {
            self.unsolved.iter().filter_map(|number| Some((*number, self.case(*number).owner?))).collect()
        } else {
            at_work
        };
        (!candidates.is_empty()).then(|| candidates[self.director.generator.index(candidates.len())])
    }

    /// The next pending event comes now, if it was quiet for too long.
    fn beat(&mut self) {
        let now = self.now;
        let pause = self.director.generator.between(40, 52);
        if now - self.director.last_beat >= pause {
            let next = self
                .unsolved
                .iter()
                .filter_map(|number| {
                    let at = match self.case(*number).stage {
                        Stage::Touched { until, .. } if !self.is_to_last(*number) => until,
                        Stage::Parked { until } => until,
                        _ => return None,
                    };
                    (at <= now + FARTHEST_SHIFT).then_some((at, *number))
                })
                .min();
            if let Some((_, number)) = next {
                match self.case(number).stage {
                    Stage::Touched { .. } => self.finish_touch(number),
                    _ => self.answered(number),
                }
                self.director.last_beat = now;
            }
        }
        self.at((self.director.last_beat + pause).max(now + 5), Event::Director(Cue::Beat));
    }

    /// A promise comes into its last half hour.
    pub(super) fn clock_is_near(&mut self, number: Number, metric: ClockMetric) {
        self.director.near.push((number, metric));
        if self.is_working() && self.director.near.len() > MOST_NEAR {
            self.relieve_one();
        }
    }

    /// A promise comes into its last quarter of an hour.
    pub(super) fn clock_is_closer(&mut self) {
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
    pub(super) fn clock_ended(&mut self, number: Number, metric: ClockMetric) {
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
            .filter(|promise| self.director.doomed != Some(**promise) && self.director.war_room != Some(promise.0))
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
    fn relieve(&mut self, (number, metric): Promise) {
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
    pub(super) fn last_moment(&mut self, number: Number, metric: ClockMetric) {
        if !self.is_working() || self.director.war_room == Some(number) {
            return;
        }
        if self.director.wants_breach(self.now)
            && self.director.doomed.is_none()
            && self.open_breaches() < ENOUGH_OPEN_BREACHES
        {
            self.director.doomed = Some((number, metric));
        } else if self.director.doomed != Some((number, metric)) {
            self.relieve((number, metric));
        }
    }

    /// A promise broke.
    pub(super) fn overdue(&mut self, number: Number, metric: ClockMetric) {
        let now = self.now;
        self.change(number);
        if self.is_working() {
            self.director.last_breach = now;
            self.director.breach_after = self.director.generator.between(42 * MINUTE, 52 * MINUTE);
        }
        self.clock_ended(number, metric);
        if self.case(number).stage == Stage::PutOff {
            self.becomes_ready(number);
        }
    }

    /// Until when an agent puts off the end of a touch, because the promise it would keep is the last one near, or
    /// because it is time for one to break.
    pub(super) fn put_off_answer(&mut self, number: Number) -> Option<i64> {
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
        // The last moment decides what becomes of it, at the latest a minute before the due time.
        (now < due - 30).then(|| (due - 30).min(now + FARTHEST_SHIFT))
    }

    /// When the first of the promises that the end of this touch would keep, and that are near, is due.
    fn due_of_touch(&self, number: Number) -> Option<i64> {
        self.director.near.iter().filter(|(near, _)| *near == number).filter_map(|promise| self.due(promise)).min()
    }

    /// Whether a ticket has a promise that should stay open as long as it can.
    fn is_to_last(&self, number: Number) -> bool {
        let director = &self.director;
        let is_urgent = self.case(number).priority == Priority::Urgent;
        if director.war_room == Some(number) || director.doomed.is_some_and(|promise| promise.0 == number) {
            return true;
        }
        let Some(due) = self.due_of_touch(number) else { return false };
        let others = director.near.iter().filter(|(near, _)| *near != number);
        let is_last = others.clone().next().is_none();
        let is_first_due = others.filter_map(|promise| self.due(promise)).all(|other| other >= due);
        is_last && !is_urgent || is_first_due && director.wants_breach(self.now)
    }

    /// Sees to it that a promise is inside its last half hour: a ticket that nobody has answered is triaged higher.
    fn keep_one_near(&mut self) {
        let now = self.now;
        if !self.director.near.is_empty() {
            return;
        }
        let candidate = self
            .unsolved
            .iter()
            .filter_map(|number| {
                let case = self.case(*number);
                let age = now - case.created();
                case.first.due().filter(|due| *due > now)?;
                match case.priority {
                    Priority::Normal | Priority::Low if (30 * MINUTE..56 * MINUTE).contains(&age) => {
                        Some((0, age, *number, Priority::High))
                    }
                    Priority::Normal | Priority::Low | Priority::High if age < 12 * MINUTE => {
                        Some((1, age, *number, Priority::Urgent))
                    }
                    _ => None,
                }
            })
            .min_by_key(|(rank, age, number, _)| (*rank, *age, *number));
        match candidate {
            Some((_, _, number, priority)) => self.triage(number, priority),
            None => self.at(now + 10, Event::Director(Cue::NoneNear)),
        }
    }

    /// An agent sets a higher priority.
    fn triage(&mut self, number: Number, priority: Priority) {
        let agent =
            self.case(number).owner.filter(|owner| self.seats[*owner].is_on_shift()).or_else(|| self.helper(number));
        self.set_priority(number, priority);
        self.tell(number, ActivityKind::Updated, agent);
        self.watch_clock(number, ClockMetric::FirstReply);
        self.watch_clock(number, ClockMetric::Resolution);
        if priority == Priority::Urgent {
            self.watch_urgent(number);
        }
    }

    /// Decides on a new ticket: whether it is put off until shortly before its first reply is due, so that there is
    /// always one to be seen there.
    pub(super) fn is_put_off(&mut self, number: Number) -> bool {
        let case = self.case(number);
        let ordinary = matches!(case.priority, Priority::Normal | Priority::Low) && case.arrival.incident.is_none();
        let Some(due) = case.first.due() else { return false };
        let dues = &self.director.put_off_dues;
        if !ordinary
            || !self.calendar.is_working(due - 15 * MINUTE)
            || dues.iter().any(|other| (due - other).abs() < PUT_OFF_SPACING)
        {
            return false;
        }
        self.director.put_off_dues.push(due);
        let assigned = self.now + self.director.generator.exponential(8.0 * MINUTE as f64) as i64;
        self.at(assigned, Event::Director(Cue::PutOffAssigned(number)));
        self.at(due - PUT_OFF_UNTIL, Event::Director(Cue::PutOffEnds(number)));
        true
    }

    fn put_off_is_assigned(&mut self, number: Number) {
        let Some(case) = self.find(number) else { return };
        if case.stage != Stage::PutOff || case.owner.is_some() {
            return;
        }
        match self.helper(number) {
            Some(agent) => self.assign(number, agent),
            None => self.at(self.now + 30 * MINUTE, Event::Director(Cue::PutOffAssigned(number))),
        }
    }

    fn put_off_ends(&mut self, number: Number) {
        if self.find(number).is_some_and(|case| case.stage == Stage::PutOff) {
            self.becomes_ready(number);
        }
    }

    /// An urgent ticket is answered before half its time has gone; the last near promise stays a little longer.
    pub(super) fn watch_urgent(&mut self, number: Number) {
        let latest = self.case(number).created() + self.director.generator.between(12 * MINUTE, 14 * MINUTE);
        self.at(latest, Event::Director(Cue::UrgentHalfGone(number)));
    }

    fn urgent_half_gone(&mut self, number: Number) {
        if self.director.war_room != Some(number)
            && self.find(number).is_some_and(|case| case.first_reply.is_none() && case.status.is_unsolved())
        {
            self.relieve((number, ClockMetric::FirstReply));
        }
    }

    /// An unanswered ticket turns out to be urgent, with half its time gone.
    fn war_room(&mut self) {
        let now = self.now;
        let ages = 16 * MINUTE..20 * MINUTE;
        let candidate = self.unsolved.iter().copied().find(|number| {
            let case = self.case(*number);
            case.first_reply.is_none() && case.status.is_unsolved() && ages.contains(&(now - case.created()))
        });
        match candidate {
            Some(number) => {
                self.director.war_room = Some(number);
                self.triage(number, Priority::Urgent);
                self.at(now + 8 * MINUTE, Event::Director(Cue::WarRoomEnds(number)));
            }
            None => self.at(now + 20, Event::Director(Cue::WarRoom)),
        }
    }

    fn war_room_ends(&mut self, number: Number) {
        self.director.war_room = None;
        let case = self.case(number);
        if case.first_reply.is_none() && case.status != Status::Closed {
            self.relieve((number, ClockMetric::FirstReply));
        }
    }

    fn set_priority(&mut self, number: Number, priority: Priority) {
        // The places of the old clocks go with them.
        self.director.near.retain(|(near, _)| *near != number);
        let clocks = clocks::of(priority, &self.calendar, self.case(number).created());
        let case = self.change(number);
        case.priority = priority;
        (case.first, case.resolution) = clocks;
    }
}
