//! Panel 11: the newest tickets and changes.

use crate::{Activity, ActivityKind, Ticket, View};

/// Something that happened to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening<'a> {
    /// What, when and by whom; never [`ActivityKind::Updated`].
    pub activity: Activity,
    /// To which ticket.
    pub ticket: &'a Ticket,
}

/// The newest `count` happenings of the view's tickets, newest first.
///
/// That a ticket changed in some other way than the catalogue names is not told. What one agent did to a ticket at one
/// instant is one act: of solving it with a reply, that it was solved.
pub fn live_feed<'a>(view: &View<'a>, count: usize) -> Vec<Happening<'a>> {
    let desk = view.desk();
    let mut told: Vec<Happening<'a>> = Vec::new();
    for activity in desk.activity().filter(|activity| activity.kind != ActivityKind::Updated) {
        if told.len() == count {
            break;
        }
        let Some(ticket) = desk.ticket(&activity.ticket).filter(|ticket| view.lens().scope.contains(ticket)) else {
            continue;
        };
        // What happened to one ticket at one instant comes together, what matters most first.
        let alike = |one: &Happening<'_>| one.activity.at == activity.at && one.activity.ticket == activity.ticket;
        let mut together = told.iter().rev().take_while(|one| alike(one));
        if activity.by.is_none() || !together.any(|one| one.activity.by == activity.by) {
            told.push(Happening { activity, ticket });
        }
    }
    told
}
