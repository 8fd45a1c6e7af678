//! There is always a promise to be seen in its last half hour: some tickets are put off, and are triaged higher when no
//! promise is near. Urgent ones do not wait long, except for a war-room moment.

use desk::{ActivityKind, ClockMetric, Priority, Status};

use super::super::agenda::Event;
use super::super::calendar::MINUTE;
use super::super::case::Stage;
use super::super::clocks;
use super::super::simulation::{Number, Simulation};
use super::promises::{BREAKS_WITHIN, KEPT};
use super::{Cue, FARTHEST_SHIFT};

/// Tickets are put off at least this far apart: ordinary ones, to be triaged higher when a promise is to be near; high ones,
/// whose promise comes near by itself; ordinary ones while fewer are put off. They wait so long.
const SPACING: i64 = 15 * MINUTE;
const SPACING_OF_HIGH: i64 = 8 * MINUTE;
const SPACING_OF_FEW: i64 = 5 * MINUTE;
const FEW: usize = 4;
const PUT_OFF_FOR: i64 = 44 * MINUTE;
const PUT_OFF_HIGH_FOR: i64 = 30 * MINUTE;

/// No more work than this is to be done for the first reply, so that it is done in time.
const SHORT_WORK: i64 = 20 * MINUTE;

/// Every so often an ordinary ticket is left until it is nearly due; more often those due early in the morning, when
/// nothing else has waited for long enough.
const LEFT_SPACING: i64 = 50 * MINUTE;
const EARLY_SPACING: i64 = 20 * MINUTE;
const EARLY: i64 = 60 * MINUTE;
const LEFT_UNTIL: i64 = 30 * MINUTE;

/// An urgent ticket is answered when this much of its time is left: before half of it has gone.
pub(super) const URGENT_KEPT: i64 = 15 * MINUTE + 20;

/// This long before, whatever can take its place does.
const URGENT_HURRY: i64 = 100;

/// To make a ticket urgent only because no other can be brought near is worth so much less time to be seen.
const RATHER_NOT_URGENT: i64 = 8 * MINUTE;

/// The same for a ticket that was answered, and whose solve would be due.
const RATHER_NOT_ANSWERED: i64 = 10 * MINUTE;

/// Time in which a promise is near without pressing, that is worth a triage.
const WELL_SEEN: i64 = 10 * MINUTE;

/// How much a promise is needed near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    /// Only for one that breaks soon.
    ToBreak,
    /// Only for one that will be seen for long.
    Patient,
    /// Any that is not urgent.
    Soon,
    /// An urgent one too, or one that has not even come in.
    Now,
}

impl Simulation {
    /// Sees to it that a promise is inside its last half hour.
    pub(super) fn keep_one_near(&mut self) {
        if self.director.near.is_empty() && !self.bring_one_near(None, Haste::Now) {
            self.at(self.now + 1, Event::Director(Cue::NoneNear));
        }
    }

    /// Brings another promise near by triaging a ticket higher: one that nobody has answered, or else one whose solve would
    /// be due. Where there is none, the next request comes in early, to be triaged.
    pub(super) fn bring_one_near(&mut self, except: Option<Number>, haste: Haste) -> bool {
        for _ in 0..2 {
            let others = self.unsolved.iter().copied().filter(|number| Some(*number) != except);
            if let Some((_, number, priority)) = others.flat_map(|number| self.triages(number, haste)).max() {
                self.triage(number, priority);
                return true;
            }
            if haste != Haste::Now || !self.hasten_arrival(FARTHEST_SHIFT) {
                break;
            }
        }
        false
    }

    /// The higher priorities with which a promise about an active ticket would be due within half an hour: how long it could
    /// well be seen there, and which.
    fn triages(&self, number: Number, haste: Haste) -> impl Iterator<Item = (i64, Number, Priority)> {
        let (now, case) = (self.now, self.case(number));
        let is_waiting = |metric| case.clock(metric).due().is_some_and(|due| due > now + 30 * MINUTE);
        let is_answered = case.first_reply.is_some();
        let can_be = is_waiting(if is_answered { ClockMetric::Resolution } else { ClockMetric::FirstReply });
        let is_higher = move |priority: &Priority| can_be && *priority > case.priority;
        [Priority::Normal, Priority::High, Priority::Urgent].into_iter().filter(is_higher).filter_map(move |priority| {
            let due = if is_answered {
                case.resolution.hurried(priority, &self.calendar, now).due()?
            } else {
                clocks::of(priority, &self.calendar, case.created()).0.due()?
            };
            let seen = due - now - KEPT;
            let (worth, least) = match (priority, haste) {
                (Priority::Urgent, Haste::ToBreak) => return None,
                (_, Haste::ToBreak) if due > now + BREAKS_WITHIN || due < self.director.next_breach => return None,
                (_, Haste::ToBreak) => (seen, 3 * MINUTE - KEPT),
                (_, Haste::Patient) if is_answered => return None,
                (_, Haste::Soon | Haste::Now) if is_answered => (seen - RATHER_NOT_ANSWERED, 2 * MINUTE - KEPT),
                (Priority::Urgent, Haste::Now) => (seen - RATHER_NOT_URGENT, MINUTE),
                (Priority::Urgent, _) => return None,
                (_, Haste::Patient) => (seen, WELL_SEEN),
                (_, Haste::Soon | Haste::Now) => (seen, 2 * MINUTE - KEPT),
            };
            (due <= now + 30 * MINUTE && seen >= least).then_some((worth, number, priority))
        })
    }

    /// An agent sets a higher priority.
    fn triage(&mut self, number: Number, priority: Priority) {
        let agent =
            self.case(number).owner.filter(|owner| self.seats[*owner].is_on_shift()).or_else(|| self.helper(number));
        self.set_priority(number, priority);
        self.tell(number, ActivityKind::Updated, agent);
        for metric in [ClockMetric::FirstReply, ClockMetric::Resolution] {
            match self.case(number).clock(metric).due() {
                // At once, before anything else can happen to it at this instant.
                Some(due) if due <= self.now + 30 * MINUTE => self.clock_is_near(number, metric, due),
                _ => self.watch_clock(number, metric),
            }
        }
        if priority == Priority::Urgent && self.case(number).first_reply.is_none() {
            self.watch_urgent(number);
        }
        if self.case(number).stage == Stage::PutOff {
            self.becomes_ready(number);
        }
    }

    /// Decides on a new ticket: whether it is put off, so that there is always one to be seen in its last half hour.
    ///
    /// Every so often one is left until it is nearly due by itself. Besides, one is left lying for a while: when no promise is
    /// near, it is triaged higher and one is.
    pub(in super::super) fn is_put_off(&mut self, number: Number) -> bool {
        let now = self.now;
        self.director.put_off.retain(|due| *due > now);
        self.director.left.retain(|due| *due > now);
        let case = self.case(number);
        let is_of_today = |number: &&Number| {
            let case = self.case(**number);
            case.stage == Stage::PutOff && case.created() > now - PUT_OFF_FOR
        };
        let is_few = self.unsolved.iter().rev().filter(is_of_today).count() < FEW;
        let (spacing, length) = match case.priority {
            _ if case.arrival.incident.is_some() => return false,
            Priority::Urgent => return false,
            Priority::High => (SPACING_OF_HIGH, PUT_OFF_HIGH_FOR),
            _ if is_few => (SPACING_OF_FEW, PUT_OFF_FOR),
            _ => (SPACING, PUT_OFF_FOR),
        };
        let is_short = is_few || case.work.first().is_some_and(|touch| touch.work <= SHORT_WORK);
        let is_seen = [30, 45].iter().any(|minutes| self.calendar.is_directed(now + minutes * MINUTE));
        let due_as_high = now + clocks::first_reply_goal(Priority::High);
        let until = if let Some(due) = self.is_left(number) {
            self.director.left.push(due);
            due - LEFT_UNTIL
        } else if is_short && is_seen && !is_about(&self.director.put_off, due_as_high, spacing) {
            self.director.put_off.push(due_as_high);
            now + length
        } else {
            return false;
        };
        let assigned = now + self.director.generator.exponential(8.0 * MINUTE as f64) as i64;
        self.at(assigned, Event::Director(Cue::PutOffAssigned(number)));
        self.at(until, Event::Director(Cue::PutOffEnds(number)));
        true
    }

    /// When an ordinary ticket is due that is left until then: one every so often in working hours.
    fn is_left(&self, number: Number) -> Option<i64> {
        let case = self.case(number);
        let due = case.first.due().filter(|_| matches!(case.priority, Priority::Normal | Priority::Low))?;
        let (open, close) = self.calendar.day(due).working()?;
        let spacing = if due < open + EARLY { EARLY_SPACING } else { LEFT_SPACING };
        let is_free = !is_about(&self.director.left, due, spacing);
        ((open..close).contains(&due) && is_free).then_some(due)
    }

    pub(super) fn put_off_is_assigned(&mut self, number: Number) {
        let Some(case) = self.find(number) else { return };
        if case.stage != Stage::PutOff || case.owner.is_some() {
            return;
        }
        match self.helper(number) {
            Some(agent) => self.assign(number, agent),
            None => self.at(self.now + 30 * MINUTE, Event::Director(Cue::PutOffAssigned(number))),
        }
    }

    pub(super) fn put_off_ends(&mut self, number: Number) {
        if self.find(number).is_some_and(|case| case.stage == Stage::PutOff) {
            self.becomes_ready(number);
        }
    }

    /// An urgent ticket is answered before half its time has gone, once another promise is near.
    pub(in super::super) fn watch_urgent(&mut self, number: Number) {
        let early = self.director.generator.between(12 * MINUTE, 14 * MINUTE);
        let created = self.case(number).created();
        self.at(created + early, Event::Director(Cue::UrgentHalfGone(number)));
    }

    pub(super) fn urgent_half_gone(&mut self, number: Number) {
        let Some(due) = self.find(number).and_then(|case| case.first.due()) else { return };
        if self.director.war_room == Some(number) {
            return;
        }
        let promise = (number, ClockMetric::FirstReply);
        let left = due - URGENT_KEPT - self.now;
        let haste = if left <= URGENT_HURRY { Haste::Now } else { Haste::Patient };
        if self.is_another_near(promise) || self.bring_one_near(Some(number), haste) || left <= 0 {
            self.relieve(promise);
        } else {
            self.at(self.now + left.min(10), Event::Director(Cue::UrgentHalfGone(number)));
        }
    }

    /// An unanswered ticket turns out to be urgent, with half its time gone.
    pub(super) fn war_room(&mut self) {
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

    pub(super) fn war_room_ends(&mut self, number: Number) {
        self.director.war_room = None;
        let case = self.case(number);
        if case.first_reply.is_none() && case.status != Status::Closed {
            self.relieve((number, ClockMetric::FirstReply));
        }
    }

    fn set_priority(&mut self, number: Number, priority: Priority) {
        // The places of the old clocks go with them.
        self.director.near.retain(|(near, _)| *near != number);
        self.director.doomed = self.director.doomed.filter(|(doomed, _)| *doomed != number);
        let (case, now) = (self.case(number), self.now);
        let clocks = match case.first_reply {
            None => clocks::of(priority, &self.calendar, case.created()),
            Some(_) => (case.first, case.resolution.hurried(priority, &self.calendar, now)),
        };
        let case = self.change(number);
        case.priority = priority;
        (case.first, case.resolution) = clocks;
    }
}

/// Whether an instant is less than so far from one of others.
fn is_about(others: &[i64], instant: i64, spacing: i64) -> bool {
    others.iter().any(|other| (instant - other).abs() < spacing)
}
