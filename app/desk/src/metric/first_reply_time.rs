//! Panel 15: how long requesters wait for a first human answer.

use crate::{Durations, Moment, View, index::Line};

/// First replies of today.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstReplyTime {
    /// Of tickets whose first reply was today.
    pub today: Durations,
    /// By the same weekday and time last week, if that day is known.
    pub week_ago: Option<Durations>,
    /// Of each hour of today that has begun.
    pub hours: Vec<Durations>,
}

/// Measures from creation to the first public reply by an agent.
pub fn first_reply_time(view: &View<'_>, moment: &Moment) -> FirstReplyTime {
    let replied = view.line(Line::Replied);
    let over = |window| Durations::of(replied.within(window).iter().map(|entry| entry.value));
    let week_ago = moment.week_ago();
    let known = view.desk().derived_since().is_some_and(|since| since <= week_ago.start);
    FirstReplyTime {
        today: over(moment.today()),
        week_ago: known.then(|| over(week_ago)),
        hours: moment.hours_today().into_iter().map(over).collect(),
    }
}
