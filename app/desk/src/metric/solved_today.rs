//! Panel 4: output so far today.

use crate::{Moment, View, index::Line, schedule::seconds_between, view::saturating};

/// Tickets solved today that are still solved.
#[derive(Clone, Debug, PartialEq)]
pub struct SolvedToday {
    /// How many.
    pub count: u32,
    /// How many by the same weekday and time last week, if that day is known.
    pub week_ago: Option<u32>,
    /// How much of the working day has passed, 0.0 to 1.0; of the calendar day without a schedule.
    pub day_passed: f64,
}

impl SolvedToday {
    /// The count in per cent of a daily target, pro rata; nothing before the working day begins.
    pub fn percent_of_target(&self, target: u32) -> Option<f64> {
        let due = f64::from(target) * self.day_passed;
        (due > 0.0).then(|| f64::from(self.count) * 100.0 / due)
    }
}

/// Counts tickets whose last solve was today.
pub fn solved_today(view: &View<'_>, moment: &Moment) -> SolvedToday {
    let solved = view.line(Line::Solved);
    let week_ago = moment.week_ago();
    let known = view.desk().derived_since().is_some_and(|since| since <= week_ago.start);
    let (whole, so_far) = match &view.lens().schedule {
        Some(schedule) => schedule.day_so_far(moment.now()),
        None => {
            let day = moment.whole_day();
            (seconds_between(day.start, day.end), seconds_between(day.start, moment.now()))
        }
    };
    SolvedToday {
        count: saturating(solved.within(moment.today()).len()),
        week_ago: known.then(|| saturating(solved.within(week_ago).len())),
        day_passed: if whole == 0 { 0.0 } else { so_far as f64 / whole as f64 },
    }
}
