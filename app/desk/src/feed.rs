//! The newest things that happened, as the provider tells them or as tickets' changes show them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{Activity, ActivityKind, AgentId, Ticket, TicketId};

/// How many entries are kept, so that a narrow scope still finds its own.
const KEPT: usize = 1000;

/// Entries in order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Feed {
    entries: BTreeMap<(Timestamp, TicketId, ActivityKind), Option<AgentId>>,
}

impl Feed {
    pub(crate) fn add(&mut self, activity: Activity) {
        let full = self.entries.len() >= KEPT;
        if full && self.entries.first_key_value().is_some_and(|((at, ..), _)| activity.at < *at) {
            return;
        }
        self.entries.insert((activity.at, activity.ticket, activity.kind), activity.by);
        if self.entries.len() > KEPT {
            self.entries.pop_first();
        }
    }

    pub(crate) fn forget_after(&mut self, at: Timestamp) {
        self.entries.retain(|(happened, ..), _| *happened <= at);
    }

    /// Newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = Activity> {
        self.entries.iter().rev().map(|((at, ticket, kind), by)| Activity {
            at: *at,
            ticket: ticket.clone(),
            kind: *kind,
            by: by.clone(),
        })
    }
}

/// What a ticket's change shows, for providers that keep no activity feed.
///
/// A ticket seen for the first time tells its own past; later changes are told by comparing.
pub(crate) fn derive(before: Option<&Ticket>, after: &Ticket) -> Vec<Activity> {
    let entry =
        |at: Timestamp, kind, by: Option<&AgentId>| Activity { at, ticket: after.id.clone(), kind, by: by.cloned() };
    let (writer, solver) = (after.last_agent.as_ref(), after.solved_by.as_ref());
    let solved = after.solved_at.filter(|_| !after.status.is_unsolved());
    let Some(before) = before else {
        let mut told = vec![entry(after.created_at, ActivityKind::Created, None)];
        let reply = after.last_agent_at.filter(|_| !after.opened_by_agent_reply || after.agent_replies > 1);
        told.extend(reply.map(|at| entry(at, ActivityKind::Replied, writer)));
        told.extend(solved.map(|at| entry(at, ActivityKind::Solved, solver)));
        return told;
    };
    let mut told = Vec::new();
    if after.last_agent_at > before.last_agent_at {
        told.extend(after.last_agent_at.map(|at| entry(at, ActivityKind::Replied, writer)));
    }
    if before.status.is_unsolved() && !after.status.is_unsolved()
        || solved.is_some() && after.solved_at > before.solved_at
    {
        told.push(entry(solved.unwrap_or(after.updated_at), ActivityKind::Solved, solver));
    }
    if !before.status.is_unsolved() && after.status.is_unsolved() || after.reopens > before.reopens {
        told.push(entry(after.updated_at, ActivityKind::Reopened, None));
    }
    if after.assignee.is_some() && after.assignee != before.assignee {
        told.push(entry(after.updated_at, ActivityKind::Assigned, after.assignee.as_ref()));
    }
    if told.is_empty() && after.updated_at > before.updated_at {
        told.push(entry(after.updated_at, ActivityKind::Updated, None));
    }
    told
}
