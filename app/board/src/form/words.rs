//! Forms of words and times: ticker, text, clock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Lines shown one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticker {
    /// The lines.
    pub lines: Vec<String>,
}

/// Prose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// The words; a client draws six lines at most.
    pub text: String,
    /// When it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_at: Option<Timestamp>,
}

/// Local time and date, and other zones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// IANA name of the main zone.
    pub zone: String,
    /// Up to two other zones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherZone>,
}

/// Another zone of a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherZone {
    /// Its name on the wall: "New York".
    pub label: String,
    /// Its IANA name.
    pub zone: String,
}
