//! Panel 11: the newest tickets and changes.

use std::collections::HashSet;

use crate::{Activity, ActivityKind, Ticket, TicketId, View};

/// Something that happened to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening<'a> {
    /// What, when and by whom.
    pub activity: Activity,
    /// To which ticket.
    pub ticket: &'a Ticket,
}

/// The newest `count` happenings of the view's tickets, newest first.
///
/// That a ticket changed in some other way is worth a row only while nothing newer happened to it.
pub fn live_feed<'a>(view: &View<'a>, count: usize) -> Vec<Happening<'a>> {
    let desk = view.desk();
    let mut told: HashSet<&TicketId> = HashSet::new();
    desk.activity()
        .filter_map(|activity| Some(Happening { ticket: desk.ticket(&activity.ticket)?, activity }))
        .filter(|happening| view.lens().scope.contains(happening.ticket))
        .filter(|happening| told.insert(&happening.ticket.id) || happening.activity.kind != ActivityKind::Updated)
        .take(count)
        .collect()
}
