//! How tickets end: solved, rated, reopened, closed; and all of them where an era ends.

use desk::{ActivityKind, AgentState, ClockMetric, Status};

use super::super::{
    agenda::Event,
    calendar::DAY,
    case::{self, Stage},
};
use super::{Number, SETTLING, Simulation};

const CLOSED_AFTER: i64 = 4 * DAY;

impl Simulation {
    pub(super) fn closes(&mut self, number: Number) {
        let now = self.now;
        let is_final = self.find(number).is_some_and(|case| {
            case.status == Status::Solved && case.solved.is_some_and(|at| at + CLOSED_AFTER <= now)
        });
        if is_final {
            let case = self.change(number);
            case.status = Status::Closed;
            case.closed = Some(now);
            case.updated = now;
        }
    }

    pub(super) fn rated(&mut self, number: Number) {
        let now = self.now;
        let Some(case) = self.find(number) else { return };
        if case.status.is_unsolved() || case.rating.is_some() {
            return;
        }
        if let Some(verdict) = case.arrival.plan.rating {
            let good = verdict.draw < case.chance_of_praise(now);
            self.change(number).rating = Some(case::rating(good, verdict.comment, now));
            self.tell(number, ActivityKind::Updated, None);
        }
    }

    pub(super) fn reopens(&mut self, number: Number) {
        if self.is_settling() || self.find(number).is_none_or(|case| case.status != Status::Solved) {
            return;
        }
        let now = self.now;
        let case = &mut self.cases[(number - self.gone) as usize];
        let Some((_, work)) = case.arrival.plan.reopen.take() else { return };
        case.work = work;
        case.status = Status::Open;
        case.reopens += 1;
        case.last_requester = Some(now);
        case.resolution.reopen(&self.calendar, now);
        self.unsolved.insert(number);
        self.tell(number, ActivityKind::Reopened, None);
        self.watch_clock(number, ClockMetric::Resolution);
        self.becomes_ready(number);
    }

    /// Solves a ticket: the only way to do it.
    pub(in super::super) fn solve(&mut self, number: Number, by: usize) {
        let now = self.now;
        self.unsolved.remove(&number);
        let case = self.change(number);
        case.status = Status::Solved;
        case.solved = Some(now);
        case.owner = Some(by);
        case.stage = Stage::Over;
        case.turn += 1;
        case.resolution.end(now);
        let reopen = case.arrival.plan.reopen.as_ref().map(|(delay, _)| *delay);
        let rating = case.arrival.plan.rating.filter(|_| case.rating.is_none()).map(|verdict| verdict.delay);
        self.clock_ended(number, ClockMetric::Resolution);
        self.tell(number, ActivityKind::Solved, Some(by));
        self.director.saw_beat(now);
        self.at(now + CLOSED_AFTER, Event::Closes(number));
        if let Some(delay) = reopen {
            self.at(now + delay, Event::Reopens(number));
        }
        if let Some(delay) = rating {
            self.at(now + delay, Event::Rated(number));
        }
    }

    /// The last two hours of an era: nothing new is begun, and what is unsolved is solved one by one.
    pub(in super::super) fn year_ends(&mut self) {
        self.ready.clear();
        for number in self.unsolved.clone() {
            let at = self.now + self.handling.between(0, SETTLING - 60);
            self.at(at, Event::Settles(number));
        }
    }

    pub(super) fn settle(&mut self, number: Number) {
        let case = self.case(number);
        if !case.status.is_unsolved() {
            return;
        }
        let agent = case.owner.unwrap_or_else(|| {
            self.seats.iter().position(|seat| seat.state != AgentState::Offline).unwrap_or_default()
        });
        let freed = match case.stage {
            Stage::Touched { agent, .. } | Stage::Claimed { agent } => Some(agent),
            _ => None,
        };
        self.reply(number, agent);
        self.solve(number, agent);
        if let Some(agent) = freed {
            self.let_go(agent, number);
        }
    }
}
