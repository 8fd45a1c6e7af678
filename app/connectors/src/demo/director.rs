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

use super::calendar::{DIRECTED_EARLY as EARLY, Day, HOUR, MINUTE};
use super::case::{Case, Stage};
use super::clocks;
use super::random::{Generator, Stream};
use super::rates::HOUR_WEIGHTS;
use super::simulation::{Event, Number, Simulation};

/// A promise inside its last half hour.
type Promise = (Number, ClockMetric);

/// How far one decision moves a pending event at most.
const FARTHEST_SHIFT: i64 = 10 * MINUTE;

/// Promises inside their last half hour: no more than this.
const MOST_NEAR: usize = 3;

/// Promises inside their last quarter of an hour: fewer than this.
const TOO_MANY_CLOSE: usize = 3;

/// Tickets are put off at least this far apart, and for so long.
const PUT_OFF_SPACING: i64 = 14 * MINUTE;
const PUT_OFF_SPACING_IN_QUIET_HOURS: i64 = 6 * MINUTE;
const PUT_OFF_FOR: i64 = 50 * MINUTE;

/// Those left over night are due at least this far apart, and come back to the queue this long before.
const EARLY_SPACING: i64 = 16 * MINUTE;
const PUT_OFF_UNTIL: i64 = 20 * MINUTE;

/// With this many broken promises open, no more are let break.
const ENOUGH_OPEN_BREACHES: usize = 7;

/// How many of the oldest tickets a wall shows.
const OLDEST: usize = 8;

/// The last one near is kept open until so many seconds before it is due.
const LATEST: i64 = 20;

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
    /// When a ticket was put off last, and when the last one left over night is due.
    last_put_off: i64,
    last_early: i64,
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
            last_put_off: 0,
            last_early: 0,
            war_room: None,
        }
    }

    /// Something changed that an observer can see.
    pub(super) fn saw_change(&mut self, now: i64) {
        self.last_change = now;
    }

    /// A ticket's status changed, which several panels show.
    pub(super) fn saw_beat(&mut self, now: i64) {
        self.last_beat = now;
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
        let Some((open, _)) = day.working() else { return };
        self.at(open - EARLY, Event::Director(Cue::Opens));
        let mut moments = Stream::WAR_ROOM.on(self.seed, day.number);
        let first = open + moments.between(90 * MINUTE, 120 * MINUTE);
        for moment in [first, first + moments.between(3 * HOUR, 4 * HOUR)] {
            if self.scenario.is_busy(moment) {
                self.at(moment, Event::Director(Cue::WarRoom));
            }
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
        self.calendar.is_directed(self.now)
    }

    fn opens(&mut self) {
        let now = self.now;
        self.director.last_breach = now + EARLY;
        self.director.breach_after = self.director.generator.between(40 * MINUTE, 44 * MINUTE);
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
        let pause = self.director.generator.between(48, 56);
        if now - self.director.last_beat >= pause {
            match self.unsolved.iter().filter_map(|number| self.pending(*number)).min() {
                Some((_, _, number)) => self.hasten(number),
                None => {
                    if let Some(number) = self.hand_over_one().is_none().then(|| self.next_answer()).flatten() {
                        self.answered(number);
                    }
                }
            }
        }
        self.at((self.director.last_beat + pause).max(now + 5), Event::Director(Cue::Beat));
    }

    fn hasten(&mut self, number: Number) {
        match self.case(number).stage {
            Stage::Touched { agent, until } => {
                self.seats[agent].left_over += until - self.now;
                self.finish_touch(number);
            }
            Stage::Parked { .. } => self.answered(number),
            Stage::Claimed { agent } => self.assign(number, agent),
            _ => {
                if let Some(agent) = self.helper(number) {
                    self.assign(number, agent);
                }
            }
        }
    }

    /// In a quiet hour a colleague takes over one of the oldest tickets that somebody has not come to.
    fn hand_over_one(&mut self) -> Option<Number> {
        let waiting: Vec<_> = self
            .unsolved
            .iter()
            .filter(|number| self.case(**number).status.is_active())
            .take(OLDEST)
            .filter_map(|number| match self.case(*number).stage {
                Stage::Ready { .. } | Stage::PutOff => Some((*number, self.case(*number).owner?)),
                _ => None,
            })
            .collect();
        if waiting.is_empty() {
            return None;
        }
        let (number, owner) = waiting[self.director.generator.index(waiting.len())];
        let colleagues: Vec<_> =
            (0..self.seats.len()).filter(|agent| *agent != owner && self.seats[*agent].is_on_shift()).collect();
        if colleagues.is_empty() {
            return None;
        }
        let agent = colleagues[self.director.generator.index(colleagues.len())];
        self.assign(number, agent);
        self.director.saw_beat(self.now);
        Some(number)
    }

    /// The ticket whose requester answers next.
    fn next_answer(&self) -> Option<Number> {
        let answer = |number: &Number| match self.case(*number) {
            Case { stage: Stage::Parked { until }, status: Status::Pending, .. } => Some((*until, *number)),
            _ => None,
        };
        self.unsolved.iter().filter_map(answer).min().map(|(_, number)| number)
    }

    /// What could happen to a ticket next, if it will within ten minutes: how much it would disturb, when it would be,
    /// and the ticket. An answer or an owner a little early disturb nobody; work cut short makes the next one longer.
    fn pending(&self, number: Number) -> Option<(u8, i64, Number)> {
        let (case, soon) = (self.case(number), self.now + FARTHEST_SHIFT);
        match case.stage {
            Stage::Parked { until } if until <= soon && case.status == Status::Pending => Some((0, until, number)),
            Stage::Touched { until, .. } if until <= soon && !self.is_to_last(number) => Some((2, until, number)),
            Stage::Claimed { .. } | Stage::Ready { .. } | Stage::PutOff if case.status == Status::New => {
                Some((1, case.created(), number))
            }
            _ => None,
        }
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
    pub(super) fn overdue(&mut self, number: Number, metric: ClockMetric) {
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
        (now < due - LATEST).then(|| (due - LATEST).min(now + FARTHEST_SHIFT))
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

    /// Sees to it that a promise is inside its last half hour: a ticket that nobody has answered is triaged higher.
    fn keep_one_near(&mut self) {
        let now = self.now;
        if !self.director.near.is_empty() {
            return;
        }
        let candidate = self.unsolved.iter().flat_map(|number| self.triages(*number)).max();
        match candidate {
            Some((_, number, priority)) => self.triage(number, priority),
            None => self.at(now + 10, Event::Director(Cue::NoneNear)),
        }
    }

    /// The higher priorities with which a ticket that nobody has answered would be due within half an hour: how long
    /// it could be seen there, and which. Urgent tickets are seen there for less than half their time.
    fn triages(&self, number: Number) -> impl Iterator<Item = (i64, Number, Priority)> {
        let (now, case) = (self.now, self.case(number));
        let waits = case.first.due().is_some_and(|due| due > now);
        [Priority::Normal, Priority::High, Priority::Urgent]
            .into_iter()
            .filter(move |priority| waits && *priority > case.priority)
            .filter_map(move |priority| {
                let hours = clocks::hours(priority);
                let due = self.calendar.add(hours, case.created(), clocks::first_reply_goal(priority));
                let seen = if priority == Priority::Urgent { due - now - 18 * MINUTE } else { due - now };
                (due <= now + 30 * MINUTE && seen > 0).then_some((seen, number, priority))
            })
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

    /// Decides on a new ticket: whether it is put off, so that there is always one to be seen in its last half hour.
    ///
    /// By day an ordinary ticket is left lying for 50 min every quarter of an hour: when no promise is near, it is
    /// triaged higher and one is. In the first hour of the day there is none old enough for that, so tickets of the day
    /// before are left over night that are due then.
    pub(super) fn is_put_off(&mut self, number: Number) -> bool {
        let (now, case) = (self.now, self.case(number));
        let ordinary = matches!(case.priority, Priority::Normal | Priority::Low) && case.arrival.incident.is_none();
        let Some(due) = case.first.due().filter(|_| ordinary) else { return false };
        let is_early =
            self.calendar.day(due).working().is_some_and(|(open, _)| (open..open + 70 * MINUTE).contains(&due));
        let is_quiet = HOUR_WEIGHTS[self.calendar.day(now).hour(now)] < 8.0;
        let by_day = if is_quiet { PUT_OFF_SPACING_IN_QUIET_HOURS } else { PUT_OFF_SPACING };
        let last = if is_early { &mut self.director.last_early } else { &mut self.director.last_put_off };
        let (place, spacing, until) =
            if is_early { (due, EARLY_SPACING, due - PUT_OFF_UNTIL) } else { (now, by_day, now + PUT_OFF_FOR) };
        if place - *last < spacing || !is_early && !self.calendar.is_directed(now + 30 * MINUTE) {
            return false;
        }
        *last = place;
        let assigned = now + self.director.generator.exponential(8.0 * MINUTE as f64) as i64;
        self.at(assigned, Event::Director(Cue::PutOffAssigned(number)));
        self.at(until, Event::Director(Cue::PutOffEnds(number)));
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
