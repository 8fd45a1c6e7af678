//! What is to happen, in order: of two events at one instant, the one that was made first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use desk::ClockMetric;

use super::director::Cue;
use super::rota::Shift;
use super::simulation::Number;

/// What can happen.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Midnight,
    ShiftStarts(Box<Shift>),
    ShiftEnds(usize),
    BackToWork(usize),
    TakesBreak(usize),
    /// A busy agent picks what to do next.
    PicksNext {
        agent: usize,
        turn: u32,
    },
    Assigned(Number, u32),
    WorkStarts(Number, u32),
    WorkEnds(Number, u32),
    Answered(Number, u32),
    Reopens(Number),
    Closes(Number),
    Rated(Number),
    IncidentOver(Number),
    /// A clock comes within half an hour, a quarter of an hour, two minutes of its due time; it is due.
    Near(Number, ClockMetric, i64),
    Closer(Number, ClockMetric, i64),
    LastMoment(Number, ClockMetric, i64),
    Overdue(Number, ClockMetric, i64),
    Director(Cue),
    Settles(Number),
}

/// Events to come.
#[derive(Default)]
pub(super) struct Agenda {
    entries: BinaryHeap<Entry>,
    made: u64,
}

impl Agenda {
    pub(super) fn add(&mut self, at: i64, event: Event) {
        self.made += 1;
        self.entries.push(Entry { at, nth: self.made, event });
    }

    /// The next event, unless it is later than an instant.
    pub(super) fn next(&mut self, until: i64) -> Option<(i64, Event)> {
        if self.entries.peek()?.at > until {
            return None;
        }
        self.entries.pop().map(|entry| (entry.at, entry.event))
    }
}

struct Entry {
    at: i64,
    nth: u64,
    event: Event,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap's greatest is the earliest.
        (other.at, other.nth).cmp(&(self.at, self.nth))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}
