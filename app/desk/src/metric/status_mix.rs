//! Panel 7: where the backlog waits.

use crate::{Ratio, Status, View};

/// Unsolved tickets by status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusMix {
    /// Nobody has looked at them.
    pub new: u32,
    /// Being worked on.
    pub open: u32,
    /// Waiting for the requester.
    pub pending: u32,
    /// Waiting for a third party.
    pub hold: u32,
}

impl StatusMix {
    /// All unsolved tickets.
    pub fn total(&self) -> u32 {
        self.new + self.open + self.pending + self.hold
    }

    /// Those that nobody has looked at.
    pub fn share_new(&self) -> Ratio {
        Ratio { part: self.new.into(), whole: self.total().into() }
    }
}

/// Counts unsolved tickets by status.
pub fn status_mix(view: &View<'_>) -> StatusMix {
    let count = |status| view.index().with_status(status);
    StatusMix {
        new: count(Status::New),
        open: count(Status::Open),
        pending: count(Status::Pending),
        hold: count(Status::Hold),
    }
}
