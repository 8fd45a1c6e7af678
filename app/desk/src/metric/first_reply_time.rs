//! Panel 15: how long requesters wait for a first human answer.

use crate::{Durations, Moment, View, index::Line};

/// First replies of today.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstReplyTime {
    /// Of tickets whose first reply was today.
    pub today: Durations,
    /// By the same weekday and time last week.
    pub week_ago: Durations,
    /// Of each hour of today that has begun.
    pub hours: Vec<Durations>,
}

/// Measures from creation to the first public reply by an agent.
pub fn first_reply_time(view: &View<'_>, moment: &Moment) -> FirstReplyTime {
    let replied = view.line(Line::Replied);
    let over = |window| Durations::of(replied.within(window).iter().map(|entry| entry.value));
    FirstReplyTime {
        today: over(moment.today()),
        week_ago: over(moment.week_ago()),
        hours: moment.hours_today().into_iter().map(over).collect(),
    }
}
