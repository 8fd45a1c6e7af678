//! Panel 11: the newest tickets and changes.

use crate::{Activity, Ticket, View};

/// Something that happened to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening<'a> {
    /// What, when and by whom.
    pub activity: Activity,
    /// To which ticket.
    pub ticket: &'a Ticket,
}

/// The newest `count` happenings of the view's tickets, newest first.
pub fn live_feed<'a>(view: &View<'a>, count: usize) -> Vec<Happening<'a>> {
    let desk = view.desk();
    desk.activity()
        .filter_map(|activity| Some(Happening { ticket: desk.ticket(&activity.ticket)?, activity }))
        .filter(|happening| view.lens().scope.contains(happening.ticket))
        .take(count)
        .collect()
}
