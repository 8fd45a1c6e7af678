//! SLA clocks: what was promised, and how each promise stands.

use desk::{Clock, ClockMetric, ClockState, Priority};

use super::calendar::{Calendar, HOUR, Hours, MINUTE, timestamp};

/// The two clocks of a ticket: until the first reply, and until the solve.
pub(super) fn of(priority: Priority, calendar: &Calendar, created: i64) -> (Stopwatch, Stopwatch) {
    let start = |goal| Stopwatch::start(calendar, hours(priority), goal, created);
    (start(first_reply_goal(priority)), start(resolution_goal(priority)))
}

/// In which hours a priority's clocks run.
pub(super) fn hours(priority: Priority) -> Hours {
    match priority {
        Priority::Urgent | Priority::High => Hours::All,
        Priority::Normal | Priority::Low | Priority::None => Hours::Business,
    }
}

/// The promised seconds until the first reply.
pub(super) fn first_reply_goal(priority: Priority) -> i64 {
    match priority {
        Priority::Urgent => 30 * MINUTE,
        Priority::High => HOUR,
        Priority::Normal | Priority::None => 4 * HOUR,
        Priority::Low => 8 * HOUR,
    }
}

/// The promised seconds until the solve.
fn resolution_goal(priority: Priority) -> i64 {
    match priority {
        Priority::Urgent => 4 * HOUR,
        Priority::High => 8 * HOUR,
        Priority::Normal | Priority::None => 24 * HOUR,
        Priority::Low => 72 * HOUR,
    }
}

/// One running promise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    hours: Hours,
    goal: i64,
    run: Run,
}

#[derive(Clone, Copy, Debug)]
enum Run {
    Running { due: i64 },
    Paused { left: i64, due: i64 },
    Ended { at: i64, due: i64 },
}

impl Stopwatch {
    fn start(calendar: &Calendar, hours: Hours, goal: i64, at: i64) -> Self {
        Self { hours, goal, run: Run::Running { due: calendar.add(hours, at, goal) } }
    }

    /// When it is due, while it runs.
    pub(super) fn due(&self) -> Option<i64> {
        match self.run {
            Run::Running { due } => Some(due),
            Run::Paused { .. } | Run::Ended { .. } => None,
        }
    }

    /// The promise of a solve as it is with a higher priority: what has run of it counts.
    pub(super) fn hurried(&self, priority: Priority, calendar: &Calendar, at: i64) -> Self {
        let Run::Running { due } = self.run else { return *self };
        let (hours, goal) = (hours(priority), resolution_goal(priority));
        let left = goal - (self.goal - calendar.between(self.hours, at, due));
        Self { hours, goal, run: Run::Running { due: calendar.add(hours, at, left) } }
    }

    /// Whether it was broken by this instant: not kept before it was due.
    pub(super) fn is_breached(&self, now: i64) -> bool {
        match self.run {
            Run::Running { due } => now >= due,
            Run::Paused { .. } => false,
            Run::Ended { at, due } => at >= due,
        }
    }

    /// Stops it for a while. A broken promise cannot be stopped any more.
    pub(super) fn pause(&mut self, calendar: &Calendar, at: i64) {
        if let Run::Running { due } = self.run
            && at < due
        {
            self.run = Run::Paused { left: calendar.between(self.hours, at, due), due };
        }
    }

    pub(super) fn resume(&mut self, calendar: &Calendar, at: i64) {
        if let Run::Paused { left, .. } = self.run {
            self.run = Run::Running { due: calendar.add(self.hours, at, left) };
        }
    }

    pub(super) fn end(&mut self, at: i64) {
        if let Run::Running { due } | Run::Paused { due, .. } = self.run {
            // A clock that was paused when the ticket was solved has met its promise.
            let due = if matches!(self.run, Run::Paused { .. }) { due.max(at + 1) } else { due };
            self.run = Run::Ended { at, due };
        }
    }

    /// The ticket came back: a kept promise goes on with what was left of it, a broken one stays broken.
    pub(super) fn reopen(&mut self, calendar: &Calendar, at: i64) {
        if let Run::Ended { at: ended, due } = self.run
            && ended < due
        {
            let left = calendar.between(self.hours, ended, due);
            self.run = Run::Running { due: calendar.add(self.hours, at, left) };
        }
    }

    /// As the desk sees it.
    pub(super) fn clock(&self, metric: ClockMetric, now: i64) -> Clock {
        let (due, state, ended_at) = match self.run {
            Run::Running { due } if now >= due => (due, ClockState::Breached, None),
            Run::Running { due } => (due, ClockState::Running, None),
            Run::Paused { due, .. } => (due, ClockState::Paused, None),
            Run::Ended { at, due } if at >= due => (due, ClockState::Breached, Some(at)),
            Run::Ended { at, due } => (due, ClockState::Met, Some(at)),
        };
        Clock {
            metric,
            due_at: timestamp(due),
            goal: Some(self.goal.unsigned_abs()),
            state,
            ended_at: ended_at.map(timestamp),
        }
    }
}
