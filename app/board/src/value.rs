//! Typed values. A client words them (`format`); the server never sends ready-made numbers.

use std::fmt;

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

use crate::finite;

/// One value of a panel, with its unit in the type.
///
/// Externally tagged in JSON: `{"count":128}`, `{"ratio":0.96}`, `{"since":"2026-11-16T14:02:00Z"}`, `"no_data"`.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// A kind of a newer server, which only that panel suffers from: a client says that it is too old for it.
    Unknown,
}

/// The fields of [`Value::Money`].
#[derive(Deserialize)]
struct Money {
    minor: i64,
    currency: String,
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Kinds)
    }
}

/// Reads every kind. Written out, because a derived enum has no place for a kind that it does not know.
struct Kinds;

impl<'de> Visitor<'de> for Kinds {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value: its kind, or an object of its kind and what belongs to it")
    }

    fn visit_str<E: Error>(self, kind: &str) -> Result<Value, E> {
        Ok(if kind == "no_data" { Value::NoData } else { Value::Unknown })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let kind: String = map.next_key()?.ok_or_else(|| A::Error::custom("a value without a kind"))?;
        let value = match kind.as_str() {
            "count" => Value::Count(map.next_value()?),
            "ratio" => Value::Ratio(map.next_value()?),
            "duration" => Value::Duration(map.next_value()?),
            "since" => Value::Since(map.next_value()?),
            "until" => Value::Until(map.next_value()?),
            "at" => Value::At(map.next_value()?),
            "money" => {
                let Money { minor, currency } = map.next_value()?;
                Value::Money { minor, currency }
            }
            "text" => Value::Text(map.next_value()?),
            _ => {
                map.next_value::<IgnoredAny>()?;
                Value::Unknown
            }
        };
        match map.next_key::<IgnoredAny>()? {
            Some(_) => Err(A::Error::custom(format_args!("a value of kind {kind:?} and of another one at once"))),
            None => Ok(value),
        }
    }
}
