//! The event loop: one era of the desk, from its start to any instant.
//!
//! Events happen in the order of their instants, and those of one instant in the order in which they were made. What
//! happens never depends on how far or how often the simulation is advanced, so an instant has one state.

mod ending;

use std::collections::{BTreeSet, VecDeque};

use desk::{Activity, ActivityKind, ClockMetric, Priority, TicketId};
use jiff::tz::TimeZone;

use super::agenda::{Agenda, Event};
use super::arrivals::{self, Arrival};
use super::calendar::{Calendar, DAY, Era, HOUR, MINUTE, WEEK, timestamp};
use super::case::{self, Case};
use super::director::{Cue, Director};
use super::random::{Generator, Stream};
use super::rates::Scenario;
use super::rota;
use super::seat::Seat;

/// How long a ticket stays visible after its creation, if it is closed by then.
const KEPT: i64 = 8 * WEEK;

/// From here to the end of the era everything unsolved is solved.
const SETTLING: i64 = 2 * HOUR;

/// One era of the desk.
pub(super) struct Simulation {
    pub(super) seed: u64,
    pub(super) scenario: Scenario,
    pub(super) calendar: Calendar,
    pub(super) now: i64,
    start: i64,
    end: i64,
    agenda: Agenda,
    /// The requests of the day that are still to come in.
    incoming: VecDeque<Arrival>,
    first_number: u64,
    /// How many cases have gone from the front of `cases`.
    gone: u32,
    cases: VecDeque<Case>,
    pub(super) unsolved: BTreeSet<Number>,
    /// Cases in stage `Ready`.
    pub(super) ready: Vec<Number>,
    pub(super) seats: Vec<Seat>,
    pub(super) handling: Generator,
    pub(super) director: Director,
    changes: Changes,
}

/// A case: its place in the era.
pub(super) type Number = u32;

/// What changed since it was last taken.
#[derive(Default)]
pub(super) struct Changes {
    /// Changed cases, each once.
    pub(super) cases: Vec<Number>,
    /// Tickets no longer kept.
    pub(super) removed: Vec<TicketId>,
    /// Whether an agent's state changed.
    pub(super) agents: bool,
    /// In order.
    pub(super) activity: Vec<Notice>,
}

/// An entry of the activity feed.
#[derive(Clone, Copy)]
pub(super) struct Notice {
    pub(super) at: i64,
    /// The ticket's number, as its id shows it.
    pub(super) ticket: u64,
    pub(super) kind: ActivityKind,
    pub(super) by: Option<usize>,
}

impl Notice {
    /// As the desk sees it.
    pub(super) fn activity(self) -> Activity {
        Activity {
            at: timestamp(self.at),
            ticket: case::id(self.ticket),
            kind: self.kind,
            by: self.by.map(case::agent_id),
        }
    }
}

impl Simulation {
    pub(super) fn new(seed: u64, scenario: Scenario, era: Era, zone: &TimeZone) -> Self {
        let calendar = Calendar::of(era, zone);
        let (start, end) = (era.start(zone), era.next().start(zone));
        let day = calendar.day(start).number;
        let mut simulation = Self {
            seed,
            scenario,
            now: start,
            start,
            end,
            agenda: Agenda::default(),
            incoming: VecDeque::new(),
            first_number: era.first_ticket_number(),
            gone: 0,
            cases: VecDeque::new(),
            unsolved: BTreeSet::new(),
            ready: Vec::new(),
            seats: Seat::all(seed, day, start),
            handling: Stream::HANDLING.on(seed, day),
            director: Director::new(seed, day),
            changes: Changes::default(),
            calendar,
        };
        simulation.shifts_of_day(start - DAY);
        simulation.new_day(start);
        simulation
    }

    /// Lets everything happen up to and including an instant.
    pub(super) fn advance(&mut self, to: i64) {
        loop {
            let arrives = self.incoming.front().map(|arrival| arrival.at).filter(|at| *at <= to);
            if let Some((at, event)) = self.agenda.next(arrives.unwrap_or(to)) {
                self.now = at;
                self.happen(event);
            } else if let Some(arrival) = arrives.and_then(|_| self.incoming.pop_front()) {
                self.now = arrival.at;
                self.arrive(arrival);
            } else {
                break;
            }
        }
        self.now = self.now.max(to);
    }

    /// Goes through the past, without a record of what changed on the way.
    pub(super) fn catch_up(&mut self, to: i64) {
        while self.now < to {
            self.advance(to.min(self.now + WEEK));
            self.take_changes();
        }
    }

    /// Whether the era is over and all its tickets have gone.
    pub(super) fn is_spent(&self) -> bool {
        self.now >= self.end && self.cases.is_empty()
    }

    /// What changed since the last call.
    pub(super) fn take_changes(&mut self) -> Changes {
        let changes = std::mem::take(&mut self.changes);
        for number in &changes.cases {
            if let Some(case) = self.kept(*number) {
                self.cases[case].changed = false;
            }
        }
        changes
    }

    /// The tickets that are kept, in order of creation.
    pub(super) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter()
    }

    /// A case, unless it is no longer kept.
    pub(super) fn find(&self, number: Number) -> Option<&Case> {
        self.kept(number).map(|index| &self.cases[index])
    }

    fn kept(&self, number: Number) -> Option<usize> {
        number.checked_sub(self.gone).map(|index| index as usize)
    }

    pub(super) fn case(&self, number: Number) -> &Case {
        &self.cases[(number - self.gone) as usize]
    }

    /// A case to change; it is noted as changed.
    pub(super) fn change(&mut self, number: Number) -> &mut Case {
        let case = &mut self.cases[(number - self.gone) as usize];
        if !case.changed {
            case.changed = true;
            self.changes.cases.push(number);
        }
        case
    }

    pub(super) fn at(&mut self, at: i64, event: Event) {
        self.agenda.add(at.max(self.now), event);
    }

    /// Enters something an observer sees into the feed, and marks the ticket as updated.
    pub(super) fn tell(&mut self, number: Number, kind: ActivityKind, by: Option<usize>) {
        let now = self.now;
        let case = self.change(number);
        case.updated = now;
        let ticket = case.number;
        self.changes.activity.push(Notice { at: now, ticket, kind, by });
        self.director.saw_change(now);
    }

    pub(super) fn agent_changed(&mut self) {
        self.changes.agents = true;
    }

    /// Whether the era's last two hours have come, in which nothing new is begun.
    pub(super) fn is_settling(&self) -> bool {
        self.now >= self.end - SETTLING
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Midnight => self.new_day(self.now),
            Event::ShiftStarts(shift) => self.shift_starts(&shift),
            Event::ShiftEnds(agent) => self.shift_ends(agent),
            Event::BackToWork(agent) => self.back_to_work(agent),
            Event::TakesBreak(agent) => self.takes_break(agent),
            Event::PicksNext { agent, turn } => self.picks_next(agent, turn),
            Event::Assigned(number, turn) if self.is_current(number, turn) => self.claimed_is_assigned(number),
            Event::WorkStarts(number, turn) if self.is_current(number, turn) => self.work_starts(number),
            Event::WorkEnds(number, turn) if self.is_current(number, turn) => self.work_ends(number),
            Event::Answered(number, turn) if self.is_current(number, turn) => self.answered(number),
            Event::Assigned(..) | Event::WorkStarts(..) | Event::WorkEnds(..) | Event::Answered(..) => {}
            Event::Reopens(number) => self.reopens(number),
            Event::Closes(number) => self.closes(number),
            Event::Rated(number) => self.rated(number),
            Event::IncidentOver(number) => self.incident_over(number),
            Event::Near(number, metric, due) if self.is_due(number, metric, due) => {
                self.clock_is_near(number, metric, due)
            }
            Event::Closer(number, metric, due) if self.is_due(number, metric, due) => {
                self.clock_is_closer(number, metric, due);
            }
            Event::LastMoment(number, metric, due) if self.is_due(number, metric, due) => {
                self.last_moment(number, metric);
            }
            Event::Overdue(number, metric, due) if self.is_due(number, metric, due) => self.overdue(number, metric),
            Event::Near(..) | Event::Closer(..) | Event::LastMoment(..) | Event::Overdue(..) => {}
            Event::Director(cue) => self.direct(cue),
            Event::Settles(number) => self.settle(number),
        }
    }

    fn is_current(&self, number: Number, turn: u32) -> bool {
        self.find(number).is_some_and(|case| case.turn == turn)
    }

    fn is_due(&self, number: Number, metric: ClockMetric, due: i64) -> bool {
        self.find(number).is_some_and(|case| case.clock(metric).due() == Some(due))
    }

    /// Midnight, or the start of the era.
    fn new_day(&mut self, at: i64) {
        self.forget_old();
        let day = self.calendar.day(at).clone();
        if at >= self.end {
            if !self.cases.is_empty() {
                self.at(day.end, Event::Midnight);
            }
            return;
        }
        for arrival in arrivals::of_day(&day, self.scenario, self.seed) {
            if (self.start..self.end).contains(&arrival.at) {
                self.incoming.push_back(arrival);
            }
        }
        self.shifts_of_day(at);
        self.handling = Stream::HANDLING.on(self.seed, day.number);
        self.direct_day(&day);
        if day.end > self.end {
            self.at(self.end - SETTLING, Event::Director(Cue::YearEnds));
        }
        self.at(day.end, Event::Midnight);
    }

    fn shifts_of_day(&mut self, at: i64) {
        let shifts = rota::of_day(self.calendar.day(at), self.seed);
        for mut shift in shifts {
            shift.from = shift.from.max(self.start);
            shift.until = shift.until.min(self.end);
            if shift.from < shift.until {
                self.at(shift.from, Event::ShiftStarts(Box::new(shift)));
            }
        }
    }

    fn forget_old(&mut self) {
        while let Some(case) = self.cases.front()
            && case.closed.is_some()
            && case.created() + KEPT <= self.now
        {
            self.changes.removed.push(case::id(case.number));
            self.cases.pop_front();
            self.gone += 1;
        }
    }

    /// The next request comes in now, if it would within so many seconds. Says whether it did.
    pub(super) fn hasten_arrival(&mut self, within: i64) -> bool {
        let now = self.now;
        let Some(mut arrival) = self.incoming.pop_front_if(|arrival| arrival.at <= now + within) else { return false };
        arrival.at = now;
        self.arrive(arrival);
        true
    }

    fn arrive(&mut self, arrival: Arrival) {
        let number = self.gone + self.cases.len() as u32;
        if let Some(end) = arrival.incident.and_then(|incident| incident.solved_at) {
            self.at(end, Event::IncidentOver(number));
        }
        let case = Case::new(self.first_number + u64::from(number), arrival, &self.calendar);
        let priority = case.priority;
        self.cases.push_back(case);
        self.unsolved.insert(number);
        self.tell(number, ActivityKind::Created, None);
        self.director.saw_beat(self.now);
        self.watch_clock(number, ClockMetric::FirstReply);
        self.watch_clock(number, ClockMetric::Resolution);
        if self.is_settling() {
            self.at(self.end - 1, Event::Settles(number));
        } else if !self.is_put_off(number) {
            self.becomes_ready(number);
        }
        if priority == Priority::Urgent {
            self.watch_urgent(number);
        }
    }

    /// Makes the first event of a clock that has just started, or started again. Most clocks end before it.
    pub(super) fn watch_clock(&mut self, number: Number, metric: ClockMetric) {
        if let Some(due) = self.case(number).clock(metric).due().filter(|due| *due > self.now) {
            self.at(due - 30 * MINUTE, Event::Near(number, metric, due));
        }
    }
}
