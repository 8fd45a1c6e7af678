//! How agents work through the queue: who takes what, what a touch ends with, and what requesters do in between.

use desk::{ActivityKind, AgentState, ClockMetric, Priority, Status};

use super::agenda::Event;
use super::calendar::{HOUR, MINUTE};
use super::case::{Case, Stage};
use super::cast::{AGENTS, Team};
use super::clocks;
use super::simulation::{Number, Simulation};

/// How much later a ticket of a colleague who is in is taken: first come the agent's own.
const COLLEAGUES_TICKET: i64 = 45 * MINUTE;

/// A ticket due within this time waits no longer for a quieter hour.
const PRESSING: i64 = HOUR;

/// With this many broken promises open, a ticket that has one is seen through in a single touch.
const MANY_OPEN_BREACHES: usize = 3;

impl Simulation {
    /// The ticket joins the queue.
    pub(super) fn becomes_ready(&mut self, number: Number) {
        if self.is_settling() {
            return;
        }
        let order = self.order(self.case(number));
        self.enter_stage(number, Stage::Ready { order });
        self.ready.push(number);
        let now = self.now;
        let longest_idle = (0..self.seats.len())
            .filter(|agent| self.seats[*agent].is_idle() && self.suits(*agent, number))
            .filter(|agent| self.seats[*agent].on_shift_until.is_some_and(|until| until > now))
            .min_by_key(|agent| (self.case(number).owner != Some(*agent), self.seats[*agent].since));
        if let Some(agent) = longest_idle {
            self.look_for_work(agent);
        }
    }

    pub(super) fn enter_stage(&mut self, number: Number, stage: Stage) -> u32 {
        self.ready.retain(|ready| *ready != number);
        let case = self.change(number);
        case.stage = stage;
        case.turn += 1;
        case.turn
    }

    /// When the next answer is due, what the queue is sorted by: one after the first may take twice as long.
    fn order(&self, case: &Case) -> i64 {
        let answer = match case.first.due() {
            Some(due) => due,
            None => {
                let (hours, goal) = (clocks::hours(case.priority), clocks::first_reply_goal(case.priority));
                self.calendar.add(hours, self.now, 2 * goal)
            }
        };
        case.resolution.due().map_or(answer, |due| due.min(answer))
    }

    /// An agent can take the tickets of the teams it covers, and any when nobody who could is on shift.
    fn suits(&self, agent: usize, number: Number) -> bool {
        let team = self.case(number).team;
        AGENTS[agent].1.covers(team)
            || !self.seats.iter().zip(AGENTS).any(|(seat, (_, member_of))| seat.is_on_shift() && member_of.covers(team))
    }

    /// Whether an agent has colleagues, and none of them has free hands.
    pub(super) fn is_last_free(&self, agent: usize) -> bool {
        let mut colleagues =
            self.seats.iter().enumerate().filter(|(other, seat)| *other != agent && seat.is_on_shift());
        let is_alone = colleagues.clone().next().is_none();
        !is_alone && !colleagues.any(|(_, seat)| seat.is_idle())
    }

    /// Whether a ticket is taken even by the last one with free hands, who otherwise waits for what comes in.
    fn is_pressing(&self, number: Number) -> bool {
        let case = self.case(number);
        let is_due = matches!(case.stage, Stage::Ready { order } if order <= self.now + PRESSING);
        case.first_reply.is_none() || is_due
    }

    fn pick(&self, agent: usize) -> Option<Number> {
        let is_last = self.is_last_free(agent);
        let key = |number: Number| {
            let case = self.case(number);
            let Stage::Ready { order } = case.stage else { return (i64::MAX, number) };
            let is_kept =
                |owner: usize| owner != agent && self.seats[owner].is_on_shift() && AGENTS[owner].1.covers(case.team);
            let others = case.first_reply.is_some() && case.owner.is_some_and(is_kept);
            (if others { order + COLLEAGUES_TICKET } else { order }, number)
        };
        self.ready
            .iter()
            .copied()
            .filter(|number| self.suits(agent, *number) && (!is_last || self.is_pressing(*number)))
            .min_by_key(|number| key(*number))
    }

    /// An agent with free hands takes the next ticket, shortly after seeing it. Says whether there was one.
    pub(super) fn take_up(&mut self, agent: usize) -> bool {
        let Some(number) = self.pick(agent) else { return false };
        let now = self.now;
        let delay = self.reaction(number);
        let turn = self.enter_stage(number, Stage::Claimed { agent });
        self.seats[agent].next = Some(number);
        self.at(now + delay * 2 / 3, Event::Assigned(number, turn));
        self.at(now + delay, Event::WorkStarts(number, turn));
        true
    }

    /// Seconds between the assignment and the start of the work.
    fn reaction(&mut self, number: Number) -> i64 {
        let mean = if self.case(number).priority == Priority::Urgent { MINUTE } else { 4 * MINUTE };
        (self.handling.exponential(mean as f64) as i64).min(20 * MINUTE)
    }

    /// A busy agent lines up the next ticket.
    pub(super) fn picks_next(&mut self, agent: usize, turn: u32) {
        let seat = &self.seats[agent];
        let Some(current) = seat.current else { return };
        let Stage::Touched { until, .. } = self.case(current).stage else { return };
        if seat.turn != turn || seat.next.is_some() || !seat.stays_until(until) {
            return;
        }
        if let Some(number) = self.pick(agent) {
            self.enter_stage(number, Stage::Claimed { agent });
            self.seats[agent].next = Some(number);
            self.claimed_is_assigned(number);
        }
    }

    pub(super) fn claimed_is_assigned(&mut self, number: Number) {
        if let Stage::Claimed { agent } = self.case(number).stage {
            self.assign(number, agent);
        }
    }

    /// Gives a ticket its owner: the only way to do it.
    pub(super) fn assign(&mut self, number: Number, agent: usize) {
        let case = self.case(number);
        if case.owner == Some(agent) && case.status == Status::Open {
            return;
        }
        let case = self.change(number);
        case.owner = Some(agent);
        let is_new = case.status == Status::New;
        if is_new {
            case.status = Status::Open;
        }
        self.tell(number, ActivityKind::Assigned, Some(agent));
        if is_new {
            self.director.saw_beat(self.now);
        }
    }

    pub(super) fn work_starts(&mut self, number: Number) {
        let Stage::Claimed { agent } = self.case(number).stage else { return };
        let now = self.now;
        self.assign(number, agent);
        let left_over = std::mem::take(&mut self.seats[agent].left_over);
        let until = now + left_over + self.case(number).work.first().map_or(MINUTE, |touch| touch.work);
        let turn = self.enter_stage(number, Stage::Touched { agent, until });
        self.at(until, Event::WorkEnds(number, turn));
        let looks = until - self.reaction(number);
        let seat = &mut self.seats[agent];
        seat.next = None;
        seat.current = Some(number);
        seat.turn += 1;
        let turn = seat.turn;
        self.set_state(agent, AgentState::Busy);
        self.at(looks, Event::PicksNext { agent, turn });
    }

    /// The planned end of a touch, which the director may put off.
    pub(super) fn work_ends(&mut self, number: Number) {
        let Stage::Touched { agent, .. } = self.case(number).stage else { return };
        if let Some(until) = self.put_off_answer(number) {
            let turn = self.enter_stage(number, Stage::Touched { agent, until });
            self.at(until, Event::WorkEnds(number, turn));
            return;
        }
        self.finish_touch(number);
    }

    /// The agent answers, and the ticket is solved, handed over, or waits for somebody outside.
    pub(super) fn finish_touch(&mut self, number: Number) {
        let Stage::Touched { agent, .. } = self.case(number).stage else { return };
        let now = self.now;
        let is_passed_on = self.case(number).is_passed_on_next();
        let requester_waited = self.case(number).last_requester > self.case(number).last_agent;
        let seen_through = self.case(number).is_open_breach(now) && self.open_breaches() >= MANY_OPEN_BREACHES;
        self.reply(number, agent);
        let case = self.change(number);
        let touch = case.work.remove(0);
        let is_last = case.work.is_empty() || seen_through;
        if is_last {
            self.solve(number, agent);
        } else if is_passed_on {
            case.team = Team::SecondLine;
            self.tell(number, ActivityKind::Updated, Some(agent));
            self.becomes_ready(number);
        } else {
            self.park(number, touch.wait, touch.hold);
            if requester_waited {
                self.director.saw_beat(now);
            }
        }
        self.let_go(agent, number);
    }

    /// The agent's hands are free of this ticket.
    pub(super) fn let_go(&mut self, agent: usize, number: Number) {
        let seat = &mut self.seats[agent];
        if seat.next == Some(number) {
            seat.next = None;
        }
        if seat.current == Some(number) {
            seat.current = None;
            seat.turn += 1;
        }
        if seat.current.is_some() {
            return;
        }
        let now = self.now;
        match seat.next {
            // A ticket taken while still at another is begun at once; one taken with free hands has its own event.
            Some(next) if seat.state == AgentState::Busy => {
                let turn = self.case(next).turn;
                self.at(now, Event::WorkStarts(next, turn));
            }
            _ => self.look_for_work(agent),
        }
    }

    fn park(&mut self, number: Number, wait: i64, hold: bool) {
        let until = self.now + wait;
        let turn = self.enter_stage(number, Stage::Parked { until });
        let now = self.now;
        self.at(until, Event::Answered(number, turn));
        let status = if hold { Status::Hold } else { Status::Pending };
        let mut resolution = self.case(number).resolution;
        resolution.pause(&self.calendar, now);
        let case = self.change(number);
        case.resolution = resolution;
        case.status = status;
        self.clock_ended(number, ClockMetric::Resolution);
    }

    /// The requester, or the third party, answers.
    pub(super) fn answered(&mut self, number: Number) {
        if self.is_settling() {
            return;
        }
        let now = self.now;
        let mut resolution = self.case(number).resolution;
        resolution.resume(&self.calendar, now);
        let case = self.change(number);
        case.resolution = resolution;
        if case.status == Status::Pending {
            case.last_requester = Some(now);
            self.director.saw_beat(now);
        }
        self.change(number).status = Status::Open;
        self.tell(number, ActivityKind::Updated, None);
        self.watch_clock(number, ClockMetric::Resolution);
        self.becomes_ready(number);
    }

    /// An agent writes to the requester: the only way to do it.
    pub(super) fn reply(&mut self, number: Number, agent: usize) {
        let now = self.now;
        let case = self.change(number);
        case.last_agent = Some(now);
        case.replies += 1;
        if case.first_reply.is_none() {
            case.first_reply = Some(now);
            case.first.end(now);
            self.clock_ended(number, ClockMetric::FirstReply);
        }
        self.tell(number, ActivityKind::Replied, Some(agent));
    }

    /// The fix of an incident reaches one of its tickets.
    pub(super) fn incident_over(&mut self, number: Number) {
        let Some(case) = self.find(number) else { return };
        if !case.status.is_unsolved() {
            return;
        }
        let agent = match case.stage {
            Stage::Touched { agent, .. } | Stage::Claimed { agent } => Some(agent),
            _ => case.owner.filter(|owner| self.seats[*owner].is_on_shift()).or_else(|| self.helper(number)),
        };
        let Some(agent) = agent else { return };
        self.see_through(number, agent);
    }

    /// Answers and solves a ticket wherever it stands.
    pub(super) fn see_through(&mut self, number: Number, agent: usize) {
        self.assign(number, agent);
        self.reply(number, agent);
        self.ready.retain(|ready| *ready != number);
        let hands = match self.case(number).stage {
            Stage::Touched { agent, .. } | Stage::Claimed { agent } => Some(agent),
            _ => None,
        };
        self.solve(number, agent);
        if let Some(agent) = hands {
            self.let_go(agent, number);
        }
    }

    /// Unsolved tickets with a broken promise.
    pub(super) fn open_breaches(&self) -> usize {
        self.unsolved.iter().filter(|number| self.case(**number).is_open_breach(self.now)).count()
    }

    /// Somebody on shift who could see to a ticket at once; the one with the fewest other things first.
    pub(super) fn helper(&self, number: Number) -> Option<usize> {
        (0..self.seats.len())
            .filter(|agent| self.seats[*agent].is_on_shift() && self.suits(*agent, number))
            .min_by_key(|agent| (self.seats[*agent].state != AgentState::Available, self.seats[*agent].since))
    }
}
