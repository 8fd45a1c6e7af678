//! The visual forms: all that a client can draw.
//!
//! They are few and generic. A new metric is a new use of a form, not new client firmware; a form
//! that a client does not know is drawn as a labelled placeholder ([`Form::Unknown`]).

mod lists;
mod numbers;
mod words;

use serde_json::value::RawValue;

use crate::Value;

pub use lists::{Entry, Leaderboard, Person, Plate, Presence, Queue, Roster, Table, TableRow, Tiles, Wait};
pub use numbers::{
    Arrangement, Bar, Bars, Context, Gauge, GaugePart, Heatmap, HeatmapRow, Limit, Series, Stat, Term, Trace,
    TraceBars, TraceShape, Trend,
};
pub use words::{Clock, OtherZone, Text, Ticker};

/// What a panel shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// One number with its context.
    Stat(Stat),
    /// A share against a target.
    Gauge(Gauge),
    /// Compared amounts.
    Bars(Bars),
    /// At most two lines over time.
    Trend(Trend),
    /// A week by hours.
    Heatmap(Heatmap),
    /// Named rows with a value each.
    Table(Table),
    /// A ranking.
    Leaderboard(Leaderboard),
    /// Who is here.
    Roster(Roster),
    /// Running waits.
    Queue(Queue),
    /// Sites or devices, each with its status.
    Tiles(Tiles),
    /// Lines shown one after the other.
    Ticker(Ticker),
    /// Prose.
    Text(Text),
    /// Local time, and other zones.
    Clock(Clock),
    /// A form of a newer server; only its name is kept.
    Unknown {
        /// The name that the server gave it.
        name: String,
    },
}

impl Form {
    /// Every typed value in it, contexts included.
    pub fn values(&self) -> Vec<&Value> {
        fn within(context: &Option<Context>) -> Option<&Value> {
            context.as_ref()?.value.as_ref()
        }
        match self {
            Self::Stat(stat) => {
                let contexts = [&stat.context, &stat.wide_context, &stat.next];
                std::iter::once(&stat.value).chain(contexts.into_iter().filter_map(within)).collect()
            }
            Self::Gauge(gauge) => {
                let parts = gauge.parts.iter().map(|part| &part.value);
                std::iter::once(&gauge.value).chain(within(&gauge.context)).chain(parts).collect()
            }
            Self::Bars(bars) => bars.headline.iter().chain(within(&bars.context)).collect(),
            Self::Trend(trend) => trend.series.iter().map(|series| &series.value).collect(),
            Self::Table(table) => table.rows.iter().map(|row| &row.value).collect(),
            Self::Leaderboard(leaderboard) => leaderboard.entries.iter().map(|entry| &entry.value).collect(),
            Self::Heatmap(_)
            | Self::Roster(_)
            | Self::Queue(_)
            | Self::Tiles(_)
            | Self::Ticker(_)
            | Self::Text(_)
            | Self::Clock(_)
            | Self::Unknown { .. } => Vec::new(),
        }
    }

    /// Whether a newer server speaks: a client of this version cannot draw all of it, and says so instead.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Unknown { .. }) || self.values().into_iter().any(|value| *value == Value::Unknown)
    }
}

macro_rules! forms {
    ($($name:literal => $variant:ident),* $(,)?) => {
        impl Form {
            /// The names of all forms that this version draws, as they stand on the wire.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name on the wire.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    Self::Unknown { name } => name,
                }
            }

            /// The form's data as JSON.
            pub(crate) fn to_data(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self {
                    $(Self::$variant(data) => serde_json::to_value(data),)*
                    Self::Unknown { .. } => Ok(serde_json::Value::Object(serde_json::Map::new())),
                }
            }

            /// Reads the data of the form called `name`.
            pub(crate) fn from_data(name: &str, data: &RawValue) -> Result<Self, serde_json::Error> {
                match name {
                    $($name => serde_json::from_str(data.get()).map(Self::$variant),)*
                    _ => Ok(Self::Unknown { name: name.to_owned() }),
                }
            }
        }
    };
}

forms! {
    "stat" => Stat,
    "gauge" => Gauge,
    "bars" => Bars,
    "trend" => Trend,
    "heatmap" => Heatmap,
    "table" => Table,
    "leaderboard" => Leaderboard,
    "roster" => Roster,
    "queue" => Queue,
    "tiles" => Tiles,
    "ticker" => Ticker,
    "text" => Text,
    "clock" => Clock,
}
