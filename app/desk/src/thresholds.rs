//! The catalogue's thresholds, panel by panel; a board may set its own.

use serde::{Deserialize, Serialize};

use crate::{
    Threshold,
    threshold::Line::{At, Past},
};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// Thresholds of all panels. Durations are in seconds, shares in per cent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Panel 1: unsolved tickets in per cent of usual.
    pub open_tickets: Threshold,
    /// Panel 2: how many.
    pub unassigned: Threshold,
    /// Panel 2: age of the oldest.
    pub unassigned_oldest: Threshold,
    /// Panel 3: in per cent of last week's.
    pub new_today: Threshold,
    /// Panel 4: in per cent of the target, pro rata.
    pub solved_today: Threshold,
    /// Panel 5: solved in per cent of created.
    pub backlog_change: Threshold,
    /// Panel 6: share over seven days.
    pub backlog_age: Threshold,
    /// Panel 7: share of new tickets.
    pub status_mix: Threshold,
    /// Panel 8: urgent tickets.
    pub urgent: Threshold,
    /// Panel 8: high tickets.
    pub high: Threshold,
    /// Panel 9: a team's tickets in per cent of its usual.
    pub group_load: Threshold,
    /// Panel 10: age of a ticket.
    pub oldest_open: Threshold,
    /// Panel 12: longest wait.
    pub awaiting_reply: Threshold,
    /// Panel 15: median.
    pub first_reply_time: Threshold,
    /// Panel 17: median.
    pub resolution_time: Threshold,
    /// Panel 18: share met.
    pub sla_attainment: Threshold,
    /// Panel 19: time left of the nearest clock.
    pub sla_at_risk: Threshold,
    /// Panel 20: tickets.
    pub sla_breached: Threshold,
    /// Panel 26: share available of those on shift.
    pub agent_status: Threshold,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            open_tickets: Threshold::high(Past(120.0), Past(150.0), 1.0),
            unassigned: Threshold::high(At(5.0), At(15.0), 1.0),
            unassigned_oldest: Threshold::high(Past(30.0 * MINUTE), Past(60.0 * MINUTE), MINUTE),
            new_today: Threshold::high(Past(130.0), Past(170.0), 1.0),
            solved_today: Threshold::low(Past(80.0), Past(60.0), 1.0),
            backlog_change: Threshold::low(Past(90.0), Past(75.0), 1.0),
            backlog_age: Threshold::high(Past(15.0), Past(30.0), 1.0),
            status_mix: Threshold::high(Past(20.0), Past(35.0), 1.0),
            urgent: Threshold::high(At(1.0), At(3.0), 1.0),
            high: Threshold::high_warn(At(10.0), 1.0),
            group_load: Threshold::high_warn(Past(150.0), 1.0),
            oldest_open: Threshold::high(Past(3.0 * DAY), Past(7.0 * DAY), MINUTE),
            awaiting_reply: Threshold::high(Past(60.0 * MINUTE), Past(4.0 * HOUR), MINUTE),
            first_reply_time: Threshold::high(Past(30.0 * MINUTE), Past(60.0 * MINUTE), MINUTE),
            resolution_time: Threshold::high(Past(8.0 * HOUR), Past(24.0 * HOUR), MINUTE),
            sla_attainment: Threshold::low(Past(95.0), Past(90.0), 1.0),
            sla_at_risk: Threshold::low(At(60.0 * MINUTE), Past(15.0 * MINUTE), MINUTE),
            sla_breached: Threshold::high(At(1.0), At(5.0), 1.0),
            agent_status: Threshold::low_warn(Past(30.0), 1.0),
        }
    }
}
