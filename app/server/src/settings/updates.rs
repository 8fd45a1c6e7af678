//! When screens take which release.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use updates::Version;

use crate::group::Group;

/// Of a hundred screens that tried a release, so many may fail before nobody else gets it.
const HALT_PERCENT: u8 = 20;

/// When screens take which release: `"updates": {"window": {"from": "02:00", "to": "04:00"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Updates {
    /// No screen begins an update.
    pub paused: bool,
    /// No other version than this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Version>,
    /// When screens may restart; at any time without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<MaintenanceHours>,
    /// Only screens of these groups; all screens without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// All at once, and not in the waves of the release.
    pub at_once: bool,
    /// A release that fails on more than so many of a hundred screens is halted.
    pub halt_percent: u8,
}

/// The hours of maintenance, every day, in the server's zone. They may pass midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "hours of maintenance, such as {\"from\": \"02:00\", \"to\": \"04:00\"}")]
pub struct MaintenanceHours {
    /// When they begin.
    pub from: Time,
    /// When they end.
    pub to: Time,
}

impl Default for Updates {
    fn default() -> Self {
        Self { paused: false, pin: None, window: None, groups: Vec::new(), at_once: false, halt_percent: HALT_PERCENT }
    }
}

impl Updates {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=100).contains(&self.halt_percent) {
            return Err("halt_percent of the updates is not within 1 to 100".to_owned());
        }
        if self.window.is_some_and(|window| window.from == window.to) {
            return Err("the window of the updates ends when it begins".to_owned());
        }
        Ok(())
    }

    pub(super) fn are_usual(&self) -> bool {
        *self == Self::default()
    }
}
