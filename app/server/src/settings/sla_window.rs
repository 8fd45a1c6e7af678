//! Over which time the share of kept promises is taken.

use serde::{Deserialize, Serialize};

/// A number of calendar days in the board's zone, up to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum SlaWindow {
    /// Since midnight.
    #[default]
    #[serde(rename = "today")]
    Today,
    /// Today and the six days before.
    #[serde(rename = "7d")]
    SevenDays,
    /// Today and the 29 days before.
    #[serde(rename = "30d")]
    ThirtyDays,
}

impl SlaWindow {
    /// How many days it has, today among them.
    pub(crate) fn days(self) -> u16 {
        match self {
            Self::Today => 1,
            Self::SevenDays => 7,
            Self::ThirtyDays => 30,
        }
    }

    pub(super) fn is_today(&self) -> bool {
        *self == Self::Today
    }
}
