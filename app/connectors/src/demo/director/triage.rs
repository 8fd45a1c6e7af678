//! There is always a promise to be seen in its last half hour: some tickets are put off, and are triaged higher when no
//! promise is near. Urgent ones do not wait long, except for a war-room moment.

use desk::{ActivityKind, ClockMetric, Priority, Status};

use super::super::agenda::Event;
use super::super::calendar::MINUTE;
use super::super::case::Stage;
use super::super::clocks;
use super::super::rates::HOUR_WEIGHTS;
use super::super::simulation::{Number, Simulation};
use super::{Cue, FARTHEST_SHIFT};

/// Tickets are put off at least this far apart, and for so long.
const PUT_OFF_SPACING: i64 = 14 * MINUTE;
const PUT_OFF_SPACING_IN_QUIET_HOURS: i64 = 6 * MINUTE;
const PUT_OFF_FOR: i64 = 54 * MINUTE;

/// Those left over night are due in this part of the morning, at least this far apart, and come back to the queue this long before.
const EARLY: i64 = 90 * MINUTE;
const EARLY_SPACING: i64 = 20 * MINUTE;
const PUT_OFF_UNTIL: i64 = 20 * MINUTE;

impl Simulation {
    /// Sees to it that a promise is inside its last half hour: a ticket that nobody has answered is triaged higher; when
    /// there is none, the next request comes in early.
    pub(super) fn keep_one_near(&mut self) {
        let now = self.now;
        if !self.director.near.is_empty() {
            return;
        }
        match self.unsolved.iter().flat_map(|number| self.triages(*number)).max() {
            Some((_, number, priority)) => self.triage(number, priority),
            None if self.hasten_arrival(FARTHEST_SHIFT) => self.at(now, Event::Director(Cue::NoneNear)),
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
    /// By day an ordinary ticket is left lying for 54 min every quarter of an hour: when no promise is near, it is
    /// triaged higher and one is. Early in the day there is none old enough for that, so tickets of the day before are
    /// left over night that are due then.
    pub(in super::super) fn is_put_off(&mut self, number: Number) -> bool {
        let (now, case) = (self.now, self.case(number));
        let ordinary = matches!(case.priority, Priority::Normal | Priority::Low) && case.arrival.incident.is_none();
        let Some(due) = case.first.due().filter(|_| ordinary) else { return false };
        let is_early = self.calendar.day(due).working().is_some_and(|(open, _)| (open..open + EARLY).contains(&due));
        let is_quiet = HOUR_WEIGHTS[self.calendar.day(now).hour(now)] < 8.0;
        let spacing = if is_quiet { PUT_OFF_SPACING_IN_QUIET_HOURS } else { PUT_OFF_SPACING };
        let early_dues = &mut self.director.early_dues;
        early_dues.retain(|due| *due > now);
        let until = if is_early && early_dues.iter().all(|other| (due - other).abs() >= EARLY_SPACING) {
            early_dues.push(due);
            due - PUT_OFF_UNTIL
        } else if self.calendar.is_directed(now + 30 * MINUTE) && now - self.director.last_put_off >= spacing {
            self.director.last_put_off = now;
            now + PUT_OFF_FOR
        } else {
            return false;
        };
        let assigned = now + self.director.generator.exponential(8.0 * MINUTE as f64) as i64;
        self.at(assigned, Event::Director(Cue::PutOffAssigned(number)));
        self.at(until, Event::Director(Cue::PutOffEnds(number)));
        true
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

    /// An urgent ticket is answered before half its time has gone; the last near promise stays a little longer.
    pub(in super::super) fn watch_urgent(&mut self, number: Number) {
        let latest = self.case(number).created() + self.director.generator.between(12 * MINUTE, 14 * MINUTE);
        self.at(latest, Event::Director(Cue::UrgentHalfGone(number)));
    }

    pub(super) fn urgent_half_gone(&mut self, number: Number) {
        if self.director.war_room != Some(number)
            && self.find(number).is_some_and(|case| case.first_reply.is_none() && case.status.is_unsolved())
        {
            self.relieve((number, ClockMetric::FirstReply));
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
        let clocks = clocks::of(priority, &self.calendar, self.case(number).created());
        let case = self.change(number);
        case.priority = priority;
        (case.first, case.resolution) = clocks;
    }
}
