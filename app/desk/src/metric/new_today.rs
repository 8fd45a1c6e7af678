//! Panel 3: demand so far today.

use crate::{Moment, View, index::Line, view::saturating};

/// Tickets created today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToday {
    /// How many.
    pub count: u32,
    /// How many by the same weekday and time last week, if that day is known.
    pub week_ago: Option<u32>,
    /// How many in each hour of today that has begun.
    pub hours: Vec<u32>,
}

impl NewToday {
    /// Fewer than this expected, and the comparison carries no colour.
    pub const FEW: u32 = 20;

    /// The count in per cent of last week's, where that was enough to compare with.
    pub fn percent_of_week_ago(&self) -> Option<f64> {
        let expected = self.week_ago.filter(|expected| *expected >= Self::FEW)?;
        Some(f64::from(self.count) * 100.0 / f64::from(expected))
    }
}

/// Counts tickets created today.
pub fn new_today(view: &View<'_>, moment: &Moment) -> NewToday {
    let created = view.line(Line::Created);
    let week_ago = moment.week_ago();
    let known = view.desk().derived_since().is_some_and(|since| since <= week_ago.start);
    NewToday {
        count: saturating(created.within(moment.today()).len()),
        week_ago: known.then(|| saturating(created.within(week_ago).len())),
        hours: moment.hours_today().into_iter().map(|hour| saturating(created.within(hour).len())).collect(),
    }
}
