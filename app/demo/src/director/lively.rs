//! Something changes all the time: a note, an answer that comes a little early, a ticket that a colleague takes over.

use desk::{ActivityKind, Status};

use super::super::agenda::Event;
use super::super::case::{Case, Stage};
use super::super::simulation::{Number, Simulation};
use super::{Cue, FARTHEST_SHIFT};

/// How many of the oldest tickets a wall shows.
const OLDEST: usize = 8;

impl Simulation {
    /// A note, if it was quiet for too long.
    pub(super) fn pulse(&mut self) {
        let now = self.now;
        let pause = self.director.generator.between(14, 19);
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
    pub(super) fn beat(&mut self) {
        let now = self.now;
        let pause = self.director.generator.between(48, 56);
        if now - self.director.last_beat >= pause {
            match self.unsolved.iter().filter_map(|number| self.pending(*number)).min() {
                Some((_, _, number)) => self.hasten(number),
                None => self.stir(),
            }
        }
        self.at((self.director.last_beat + pause).max(now + 1), Event::Director(Cue::Beat));
    }

    /// Lets what is next for a ticket happen now.
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

    /// In a quiet hour a colleague takes over one of the oldest tickets that somebody has not come to; when there is none,
    /// the next answer comes early.
    fn stir(&mut self) {
        if let Some((number, agent)) = self.handover() {
            self.assign(number, agent);
            self.director.saw_beat(self.now);
        } else if let Some(number) = self.next_answer() {
            self.answered(number);
        }
    }

    fn handover(&mut self) -> Option<(Number, usize)> {
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
        Some((number, colleagues[self.director.generator.index(colleagues.len())]))
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
        let is_seen = case.work.len() == 1 || case.last_requester > case.last_agent && !case.is_passed_on_next();
        match case.stage {
            Stage::Parked { until } if until <= soon && case.status == Status::Pending => Some((0, until, number)),
            Stage::Touched { until, .. } if until <= soon && is_seen && !self.is_to_last(number) => {
                Some((2, until, number))
            }
            Stage::Claimed { .. } | Stage::Ready { .. } | Stage::PutOff if case.status == Status::New => {
                Some((1, case.created(), number))
            }
            _ => None,
        }
    }
}
