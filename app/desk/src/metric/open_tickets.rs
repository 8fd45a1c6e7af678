//! Panel 1: the size of the backlog now.

use crate::{Course, Moment, Series, View, index::Line};

/// The backlog, and what it usually is.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenTickets {
    /// Unsolved tickets now.
    pub count: u32,
    /// The median at this weekday and hour over 28 days; nothing until 14 days of history exist.
    pub usual: Option<f64>,
    /// Unsolved tickets at the same weekday and time last week, if known.
    pub week_ago: Option<u32>,
    /// The last 24 hours, if known.
    pub course: Option<Course>,
}

impl OpenTickets {
    /// The count in per cent of what is usual.
    pub fn percent_of_usual(&self) -> Option<f64> {
        self.usual.filter(|usual| *usual > 0.0).map(|usual| f64::from(self.count) * 100.0 / usual)
    }
}

/// Counts unsolved tickets.
pub fn open_tickets(view: &View<'_>, moment: &Moment) -> OpenTickets {
    OpenTickets {
        count: view.count(Line::Unsolved),
        usual: view.usual_unsolved(moment),
        week_ago: view.unsolved_at(moment.week_ago().last()),
        course: view.day_course(Series::Unsolved, moment),
    }
}
