//! The helpdesk domain: tickets, SLA clocks, desk agents, and the metric formulas over them.
//!
//! Every helpdesk is mapped to one model ([`Ticket`]) before anything is computed, so a formula is
//! written once. A connector yields [`Batch`]es; they are applied to a [`Desk`], from which the
//! metrics are computed for a scope and an instant. No I/O, no clock of its own: the caller says
//! what time it is.

mod batch;
mod ticket;

pub use batch::{Activity, ActivityKind, Batch, Capabilities};
pub use ticket::{
    Agent, AgentId, AgentState, Channel, Client, ClientId, Clock, ClockMetric, ClockState, Group, GroupId, Priority,
    Rating, Status, Ticket, TicketId,
};
