//! The visual forms: all that a client can draw.
//!
//! They are few and generic. A new metric is a new use of a form, not new client firmware; a form
//! that a client does not know is drawn as a labelled placeholder ([`Form::Unknown`]).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Status, Value, finite};

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
            pub(crate) fn from_data(name: &str, data: serde_json::Value) -> Result<Self, serde_json::Error> {
                match name {
                    $($name => serde_json::from_value(data).map(Self::$variant),)*
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

/// One word and one number that give a main number its meaning: "usual 116", "goal 95%", "12 over usual".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// Words before the value.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
    /// The value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Words after the value.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
}

/// A small line under a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Equally spaced points, oldest first, in the unit of the main number (durations in seconds).
    #[serde(serialize_with = "finite::list")]
    pub points: Vec<f64>,
    /// A dashed level, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "finite::option")]
    pub target: Option<f64>,
    /// What the level is, for example "usual".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_label: Option<String>,
    /// When the first point was; the last is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
}

/// One number with its context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stat {
    /// The main number. [`Value::Text`] (the name of the person on call) is drawn bold in the size of rows.
    pub value: Value,
    /// Its context on a tile of up to four columns: "usual 116".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// Its context where there is more room: "12 over usual".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wide_context: Option<Context>,
    /// A trace on the floor of the tile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// A stretch of time in which now stands, drawn as a bar: the duty of the person on call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// What comes next, at the foot of the tile: "then Jonas P".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Context>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Its start.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
}

/// A share against a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gauge {
    /// The share, [`Value::Ratio`] or [`Value::NoData`].
    pub value: Value,
    /// The target share, 0.0 to 1.0.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "finite::option")]
    pub target: Option<f64>,
    /// Its context: "goal 95%".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// Shares of which it is made, where there is room: first reply, resolution.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<GaugePart>,
}

/// A share within a gauge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaugePart {
    /// What it is the share of.
    pub label: String,
    /// The share.
    pub value: Value,
}

/// How bars are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrangement {
    /// Columns with the value above and the label below.
    Columns,
    /// Exactly two bars that grow from the middle, the difference as the headline.
    Opposed,
    /// Numbers over one proportional strip.
    Strip,
    /// Label, bar, value in rows; also what a client draws for an arrangement that it does not know.
    #[default]
    #[serde(other)]
    Rows,
}

/// Compared amounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bars {
    /// How they are arranged.
    #[serde(default)]
    pub arrangement: Arrangement,
    /// The bars, in the order in which they are read.
    pub bars: Vec<Bar>,
    /// A limit drawn across, named in the title row: "limit 20".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// A number that sums them up, for example the signed difference of two opposed bars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<Value>,
    /// Context of the headline: "83% of created".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// The same amounts in fewer bars for a small tile (three age bands instead of six); empty where all fit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub small: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// What it counts.
    pub label: String,
    /// How much.
    pub value: i64,
    /// How much of it is drawn in the second tone (unassigned within a team's load).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<i64>,
    /// How this bar stands by itself.
    #[serde(default)]
    pub status: Status,
}

/// A limit across bars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Its name: "limit".
    pub label: String,
    /// In the unit of the bars.
    pub value: i64,
}

/// At most two lines over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// The current series, then at most one to compare with.
    pub series: Vec<Series>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its name at the line's end: "in".
    pub name: String,
    /// Equally spaced points, oldest first.
    #[serde(serialize_with = "finite::list")]
    pub points: Vec<f64>,
    /// The newest value, shown after the name.
    pub value: Value,
}

/// A week by hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heatmap {
    /// Seven rows, Monday first.
    pub rows: Vec<HeatmapRow>,
    /// First hour of every cell of a row, 0 to 23.
    pub hours: Vec<u8>,
    /// The cell of now, as row and column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<(u8, u8)>,
}

impl Heatmap {
    /// The step of five, 0 to 4, in which `amount` is drawn: its share of the largest cell.
    pub fn step(&self, amount: f64) -> usize {
        let largest = self.rows.iter().flat_map(|row| &row.cells).copied().fold(0.0, f64::max);
        if largest > 0.0 { (amount / largest * 4.0).round().clamp(0.0, 4.0) as usize } else { 0 }
    }
}

/// One day of a heatmap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeatmapRow {
    /// Short name of the day: "Mon".
    pub label: String,
    /// Amounts, one for each entry of `hours`.
    #[serde(serialize_with = "finite::list")]
    pub cells: Vec<f64>,
}

/// Named rows with a value each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Rows, most important first.
    pub rows: Vec<TableRow>,
}

/// One row of a table: "Mia **solved** · Ferry Books · now", "Larkfield School · 9d".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableRow {
    /// What tells this row from others, so that a new one can fade in.
    pub key: String,
    /// The name that leads the row.
    pub name: String,
    /// Muted words directly behind the name: "solved", a subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// A column of its own where there is room: the owner, the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
    /// The value at the end of the row.
    pub value: Value,
    /// How this row stands by itself.
    #[serde(default)]
    pub status: Status,
}

/// A ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leaderboard {
    /// Entries, first rank first. Ties share a rank.
    pub entries: Vec<Entry>,
}

/// One entry of a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// 1-based rank.
    pub rank: u32,
    /// Who.
    pub name: String,
    /// The measure.
    pub value: Value,
}

/// Presence of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Free: a disc.
    Available,
    /// On a call, at capacity or focused: half a disc.
    Busy,
    /// On a break, or takes transfers only: a ring.
    Away,
    /// Not at work; also what a client shows for a state that it does not know.
    #[serde(other)]
    Offline,
}

/// Who is here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Roster {
    /// How many are available.
    pub available: u32,
    /// How many are busy.
    pub busy: u32,
    /// How many are away.
    pub away: u32,
    /// How many are offline.
    pub offline: u32,
    /// Whether presence was derived from last activity; the tile then says "estimated".
    #[serde(default)]
    pub estimated: bool,
    /// People, available first, then busy, then away.
    pub people: Vec<Person>,
}

/// One person of a roster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Display name.
    pub name: String,
    /// State.
    pub presence: Presence,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Tickets that the person owns and that are active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<u32>,
}

/// Running waits, nearest due time first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// How many there are in all; `rows` may hold fewer.
    pub total: u32,
    /// The nearest.
    pub rows: Vec<Wait>,
}

/// One running wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// What tells this wait from others.
    pub key: String,
    /// The client who waits.
    pub client: String,
    /// Who owns the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it is due.
    pub due_at: Timestamp,
    /// The length, in seconds, that a full bar stands for.
    pub window: u64,
}

/// Sites or devices, worst first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tiles {
    /// The plates.
    pub plates: Vec<Plate>,
}

/// One site or device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plate {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub status: Status,
    /// Devices that are down there.
    #[serde(default)]
    pub down: u32,
}

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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherZone {
    /// Its name on the wall: "New York".
    pub label: String,
    /// Its IANA name.
    pub zone: String,
}
