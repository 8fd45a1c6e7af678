//! Panel 17: how long a fix takes, start to finish.

use crate::{Durations, Moment, View, index::Line};

/// Full resolution times of today.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolutionTime {
    /// Of tickets solved today.
    pub today: Durations,
    /// By the same weekday and time last week.
    pub week_ago: Durations,
}

/// Measures from creation to the last solve.
pub fn resolution_time(view: &View<'_>, moment: &Moment) -> ResolutionTime {
    let solved = view.line(Line::Solved);
    let over = |window| Durations::of(solved.within(window).iter().map(|entry| entry.value));
    ResolutionTime { today: over(moment.today()), week_ago: over(moment.week_ago()) }
}
