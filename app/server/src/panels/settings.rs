//! How a board wants its panels.

use std::time::Duration;

use board::form::OtherZone;
use desk::{Schedule, Scope, Thresholds};
use jiff::tz::TimeZone;

/// Everything that panels depend on besides the desk and the time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// The helpdesk's name on the wall: "Request Tracker".
    pub(crate) provider: String,
    /// Zone in which days begin and the clock tells time; one with an IANA name.
    pub(crate) time_zone: TimeZone,
    /// Other zones of the clock tile, two at most.
    pub(crate) other_zones: Vec<OtherZone>,
    /// Business hours; without them durations are calendar time.
    pub(crate) schedule: Option<Schedule>,
    /// Which tickets.
    pub(crate) scope: Scope,
    /// When values need people.
    pub(crate) thresholds: Thresholds,
    /// Tickets to be solved in a day, if there is a target.
    pub(crate) solved_target: Option<u32>,
    /// Over how many days the share of kept promises is taken, today among them.
    pub(crate) sla_days: u16,
    /// Whether subjects and clients are hidden; a ticket is then called by its number.
    pub(crate) private: bool,
    /// When somebody must be on call.
    pub(crate) covered: Covered,
    /// How often the helpdesk is read; data older than fifteen times this is stale.
    pub(crate) refresh: Duration,
}

/// When somebody must be on call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Covered {
    /// Nobody must.
    Never,
    /// At every hour.
    Always,
    /// While this is open.
    During(Schedule),
}

impl Settings {
    /// The catalogue's defaults for a helpdesk.
    pub(crate) fn new(provider: impl Into<String>, time_zone: TimeZone) -> Self {
        Self {
            provider: provider.into(),
            time_zone,
            other_zones: Vec::new(),
            schedule: None,
            scope: Scope::default(),
            thresholds: Thresholds::default(),
            solved_target: None,
            sla_days: 1,
            private: false,
            covered: Covered::Never,
            refresh: Duration::from_secs(20),
        }
    }

    /// IANA name of the zone; `UTC` for a zone without one.
    pub(crate) fn zone_name(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
    }
}
