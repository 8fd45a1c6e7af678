//! What one poll of a provider yields.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Agent, AgentId, Client, Group, Ticket, TicketId};

/// What happened to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// It was created.
    Created,
    /// It got an owner.
    Assigned,
    /// An agent replied in public.
    Replied,
    /// It was solved.
    Solved,
    /// It was reopened.
    Reopened,
    /// Anything else.
    Updated,
}

/// One entry of the activity feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// When.
    pub at: Timestamp,
    /// To which ticket.
    pub ticket: TicketId,
    /// What.
    pub kind: ActivityKind,
    /// By whom, where an agent did it.
    pub by: Option<AgentId>,
}

/// Whether a provider tells when messages were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replies {
    /// It does not.
    Absent,
    /// It does, and some of unsolved tickets are still to be read: what is counted now would be too little.
    Arriving,
    /// It does, and those of all unsolved tickets are known.
    Known,
}

/// What a provider can supply; a panel that needs more is not offered, and never shows zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// SLA clocks.
    pub sla: bool,
    /// Presence of desk agents. Without it presence is estimated from activity.
    pub presence: bool,
    /// Public message times (first reply, waiting on us).
    pub replies: Replies,
    /// Satisfaction ratings.
    pub ratings: bool,
}

/// What one poll yields: everything that changed since the last one.
///
/// Applying the same batch twice changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// When the provider's data was read.
    pub read_at: Timestamp,
    /// Changed tickets, each whole.
    pub tickets: Vec<Ticket>,
    /// Tickets that are gone (deleted, merged, or no longer visible).
    pub removed: Vec<TicketId>,
    /// Desk agents, all of them, where they were read in this poll.
    pub agents: Option<Vec<Agent>>,
    /// Teams, all of them, where they were read in this poll.
    pub groups: Option<Vec<Group>>,
    /// Clients that are new or renamed.
    pub clients: Vec<Client>,
    /// New entries of the activity feed, where the provider tells; the desk derives them otherwise.
    pub activity: Vec<Activity>,
    /// Since when every ticket that left the backlog has been told, where older ones are still to come: what was before
    /// cannot be compared with yet. Unsolved tickets are always told whole.
    pub complete_since: Option<Timestamp>,
    /// What the provider can supply.
    pub capabilities: Capabilities,
}
