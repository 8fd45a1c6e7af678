//! Panel 8: the severity of the backlog.

use crate::{Priority, View};

/// Unsolved tickets by priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorityMix {
    /// Urgent.
    pub urgent: u32,
    /// High.
    pub high: u32,
    /// Normal.
    pub normal: u32,
    /// Low.
    pub low: u32,
    /// Nobody set one.
    pub none: u32,
}

impl PriorityMix {
    /// All unsolved tickets.
    pub fn total(&self) -> u32 {
        self.urgent + self.high + self.normal + self.low + self.none
    }
}

/// Counts unsolved tickets by priority.
pub fn priority_mix(view: &View<'_>) -> PriorityMix {
    let count = |priority| view.index().with_priority(priority);
    PriorityMix {
        urgent: count(Priority::Urgent),
        high: count(Priority::High),
        normal: count(Priority::Normal),
        low: count(Priority::Low),
        none: count(Priority::None),
    }
}
