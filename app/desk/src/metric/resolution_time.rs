//! Panel 17: how long a fix takes, start to finish.

use crate::{Durations, Moment, View, index::Line};

/// Full resolution times of today.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolutionTime {
    /// Of tickets solved today.
    pub today: Durations,
    /// By the same weekday and time last week, if that day is known.
    pub week_ago: Option<Durations>,
}

/// Measures from creation to the last solve.
pub fn resolution_time(view: &View<'_>, moment: &Moment) -> ResolutionTime {
    let solved = view.line(Line::Solved);
    let over = |window| Durations::of(solved.within(window).iter().map(|entry| entry.value));
    let week_ago = moment.week_ago();
    let known = view.desk().derived_since().is_some_and(|since| since <= week_ago.start);
    ResolutionTime { today: over(moment.today()), week_ago: known.then(|| over(week_ago)) }
}
