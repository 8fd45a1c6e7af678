//! Panel 2: unsolved tickets that nobody owns.

use jiff::Timestamp;

use crate::{Moment, View, index::Line};

/// Tickets without an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unassigned {
    /// How many.
    pub count: u32,
    /// Creation of the oldest.
    pub oldest: Option<Timestamp>,
    /// Its age in seconds: business time with a schedule, calendar time without.
    pub oldest_age: Option<u64>,
}

/// Counts unsolved tickets without an owner.
pub fn unassigned(view: &View<'_>, moment: &Moment) -> Unassigned {
    let oldest = view.line(Line::Unassigned).first();
    Unassigned {
        count: view.count(Line::Unassigned),
        oldest,
        oldest_age: oldest.map(|oldest| view.elapsed(oldest, moment.now())),
    }
}
