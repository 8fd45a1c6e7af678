//! The metrics of the panel catalogue, one formula a file.
//!
//! Each is a function of a [`View`](crate::View) and a [`Moment`](crate::Moment), and yields a value
//! of its own type. Nothing here knows forms, words or colours.

mod agent_status;
mod awaiting_reply;
mod backlog_age;
mod backlog_change;
mod first_reply_time;
mod group_load;
mod live_feed;
mod new_today;
mod oldest_open;
mod open_tickets;
mod priority_mix;
mod resolution_time;
mod sla_at_risk;
mod sla_attainment;
mod sla_breached;
mod solved_today;
mod status_mix;
mod unassigned;

pub use agent_status::{AgentStatus, Presence, agent_status};
pub use awaiting_reply::{AwaitingReply, awaiting_reply};
pub use backlog_age::{BacklogAge, backlog_age};
pub use backlog_change::{BacklogChange, backlog_change};
pub use first_reply_time::{FirstReplyTime, first_reply_time};
pub use group_load::{GroupLoad, TeamLoad, group_load};
pub use live_feed::{Happening, live_feed};
pub use new_today::{NewToday, new_today};
pub use oldest_open::oldest_open;
pub use open_tickets::{OpenTickets, open_tickets};
pub use priority_mix::{PriorityMix, priority_mix};
pub use resolution_time::{ResolutionTime, resolution_time};
pub use sla_at_risk::{RunningClock, SlaAtRisk, sla_at_risk};
pub use sla_attainment::{SlaAttainment, sla_attainment};
pub use sla_breached::{SlaBreached, sla_breached};
pub use solved_today::{SolvedToday, solved_today};
pub use status_mix::{StatusMix, status_mix};
pub use unassigned::{Unassigned, unassigned};
