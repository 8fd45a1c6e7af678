//! Panel 5: whether the team is keeping up.

use crate::{Moment, Ratio, View, index::Line, view::saturating};

/// What came in today, and what was solved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacklogChange {
    /// Tickets created today.
    pub created: u32,
    /// Tickets solved today.
    pub solved: u32,
    /// Whether the morning is over; before, the pace is not judged.
    pub after_noon: bool,
}

impl BacklogChange {
    /// Created minus solved: what today added to the backlog.
    pub fn difference(&self) -> i64 {
        i64::from(self.created) - i64::from(self.solved)
    }

    /// Solved of created; 100 % keeps pace.
    pub fn pace(&self) -> Ratio {
        Ratio { part: self.solved.into(), whole: self.created.into() }
    }

    /// The pace in per cent, once it can be judged.
    pub fn judged(&self) -> Option<f64> {
        self.pace().judged().filter(|_| self.after_noon)
    }
}

/// Compares today's created with today's solved tickets.
pub fn backlog_change(view: &View<'_>, moment: &Moment) -> BacklogChange {
    BacklogChange {
        created: saturating(view.line(Line::Created).within(moment.today()).len()),
        solved: saturating(view.line(Line::Solved).within(moment.today()).len()),
        after_noon: moment.local().hour() >= 12,
    }
}
