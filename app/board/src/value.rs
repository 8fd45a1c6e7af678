//! Typed values. A client words them (`format`); the server never sends ready-made numbers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::finite;

/// One value of a panel, with its unit in the type.
///
/// Externally tagged in JSON: `{"count":128}`, `{"ratio":0.96}`, `{"since":"2026-11-16T14:02:00Z"}`, `"no_data"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number of things. Signed where a difference is meant.
    Count(i64),
    /// A share, 0.0 to 1.0 (above 1.0 where a share of a target is meant).
    Ratio(#[serde(serialize_with = "finite::number")] f64),
    /// A length of time in whole seconds.
    Duration(u64),
    /// A wait that has been running since this instant; it counts up.
    Since(Timestamp),
    /// A due time; it counts down, and up again as "late" once it has passed.
    Until(Timestamp),
    /// A point in time, shown as a wall-clock time in the board's zone.
    At(Timestamp),
    /// An amount of money in the currency's smallest unit, with its ISO 4217 code.
    Money {
        /// Amount in minor units (cents).
        minor: i64,
        /// ISO 4217 code, for example `EUR`.
        currency: String,
    },
    /// Words.
    Text(String),
    /// There is nothing to show: a ratio over nothing, a median of no samples. Never drawn as zero.
    NoData,
}
