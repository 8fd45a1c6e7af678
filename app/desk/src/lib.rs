//! The helpdesk domain: tickets, SLA clocks, desk agents, and the metric formulas over them.
//!
//! Every helpdesk is mapped to one model ([`Ticket`]) before anything is computed, so a formula is
//! written once. A connector yields [`Batch`]es; they are applied to a [`Desk`], from which the
//! [metrics](metric) are computed for a [`Lens`] (which tickets, which hours) and a [`Moment`]. No
//! I/O, no clock of its own: the caller says what time it is.
//!
//! ```
//! use desk::{Desk, Lens, Moment, metric};
//!
//! let mut desk = Desk::new();
//! let lens = Lens::default();
//! desk.watch(lens.clone());
//! // desk.apply(batch), as often as the helpdesk is polled
//! let moment = Moment::new("2026-11-16T14:32:00Z".parse()?, jiff::tz::TimeZone::get("Europe/London")?);
//! assert_eq!(metric::open_tickets(&desk.view(&lens), &moment).count, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod alert;
mod batch;
mod durations;
mod feed;
mod freshness;
mod history;
mod index;
pub mod metric;
mod moment;
mod ratio;
mod schedule;
mod scope;
mod store;
mod threshold;
mod thresholds;
mod ticket;
mod timeline;
mod view;

pub use batch::{Activity, ActivityKind, Batch, Capabilities, Replies};
pub use durations::{Durations, percentile};
pub use freshness::{REFRESH, Refreshes, is_stale};
pub use history::{SAMPLE_SECONDS, Sample, Series};
pub use moment::{Moment, Window};
pub use ratio::Ratio;
pub use schedule::{Hours, Schedule, ScheduleError};
pub use scope::{Lens, Scope};
pub use store::{Applied, Desk, KEPT_DAYS};
pub use threshold::{Direction, Judge, Level, Line, Threshold};
pub use thresholds::Thresholds;
pub use ticket::{
    Agent, AgentId, AgentState, Channel, Client, ClientId, Clock, ClockMetric, ClockState, Group, GroupId, Priority,
    Rating, Status, Ticket, TicketId,
};
pub use view::{Course, View};
