//! Which tickets a board looks at, and how it measures their times (panel catalogue, sections 1.2 and 1.5).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{ClientId, GroupId, Priority, Schedule, Ticket};

/// A filter over tickets. `None` lets everything through; an empty set lets nothing through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Tickets of these clients only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<BTreeSet<ClientId>>,
    /// Tickets of these teams only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<BTreeSet<GroupId>>,
    /// Tickets of these priorities only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priorities: Option<BTreeSet<Priority>>,
    /// Tickets with at least one of these tags only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_tags: Option<BTreeSet<String>>,
    /// No tickets with any of these tags.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub without_tags: BTreeSet<String>,
}

impl Scope {
    /// Whether a ticket belongs to it.
    pub fn contains(&self, ticket: &Ticket) -> bool {
        fn within<T: Ord>(set: Option<&BTreeSet<T>>, member: Option<&T>) -> bool {
            set.is_none_or(|set| member.is_some_and(|member| set.contains(member)))
        }
        within(self.clients.as_ref(), ticket.client.as_ref())
            && within(self.groups.as_ref(), ticket.group.as_ref())
            && within(self.priorities.as_ref(), Some(&ticket.priority))
            && self.with_tags.as_ref().is_none_or(|with| ticket.tags.iter().any(|tag| with.contains(tag)))
            && !ticket.tags.iter().any(|tag| self.without_tags.contains(tag))
    }
}

/// How a board looks at the desk: at which tickets, and by which hours it measures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lens {
    /// Which tickets.
    pub scope: Scope,
    /// Business hours. With a schedule durations are business time, without one calendar time.
    pub schedule: Option<Schedule>,
}
