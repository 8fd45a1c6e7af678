//! Panel 12: requesters who wrote last and have had no answer.

use jiff::Timestamp;

use crate::{Course, Moment, Series, View, index::Line};

/// Tickets that wait for a word from us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitingReply {
    /// How many.
    pub count: u32,
    /// Since when the longest wait runs.
    pub since: Option<Timestamp>,
    /// The longest wait in seconds, in business time where the board has a schedule.
    pub longest: Option<u64>,
    /// The last 24 hours, once they were recorded.
    pub course: Option<Course>,
}

/// Counts active tickets whose requester wrote last.
pub fn awaiting_reply(view: &View<'_>, moment: &Moment) -> AwaitingReply {
    let since = view.line(Line::Awaiting).first();
    AwaitingReply {
        count: view.count(Line::Awaiting),
        since,
        longest: since.map(|since| view.elapsed(since, moment.now())),
        course: view.day_course(Series::AwaitingReply, moment),
    }
}
