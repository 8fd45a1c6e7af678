//! Forms of numbers and shares: stat, gauge, bars, trend, heatmap.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Status, Value, finite};

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

/// How the points of a trace are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceShape {
    /// A bar for each, up from nothing; the newest, which still grows, stands out.
    Bars,
    /// One line; also what a client draws for a shape that it does not know.
    #[default]
    #[serde(other)]
    Line,
}

impl TraceShape {
    fn is_line(&self) -> bool {
        *self == Self::Line
    }
}

/// A small line, or small bars, under a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Equally spaced points, oldest first, in the unit of the main number (durations in seconds).
    #[serde(serialize_with = "finite::list")]
    pub points: Vec<f64>,
    /// How they are drawn.
    #[serde(default, skip_serializing_if = "TraceShape::is_line")]
    pub shape: TraceShape,
    /// How many bars there will be, where room is kept for those to come: the hours of a day that has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<u16>,
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

impl Trace {
    /// Its points as bars, where there is room for `most`. Of more of them neighbours are one bar, as high as the highest.
    pub fn bars(&self, most: usize) -> TraceBars {
        let height = |amount: f64| if amount.is_finite() { amount.max(0.0) } else { 0.0 };
        let level = self.target.map(height);
        let full = self.points.iter().copied().map(height).chain(level).fold(0.0, f64::max);
        let share = |amount: f64| if full > 0.0 { amount / full } else { 0.0 };
        let wanted = self.points.len().max(self.slots.map_or(0, usize::from));
        let together = wanted.div_ceil(most.max(1)).max(1);
        let highest = |some: &[f64]| some.iter().copied().map(height).fold(0.0, f64::max);
        TraceBars {
            shares: self.points.chunks(together).map(|some| share(highest(some))).collect(),
            slots: wanted.div_ceil(together),
            level: level.map(share),
        }
    }
}

/// The bars of a trace, ready to be drawn: heights are shares of the highest bar, or of the level where that is higher.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceBars {
    /// The height of each bar, oldest first.
    pub shares: Vec<f64>,
    /// How many have room, those to come among them.
    pub slots: usize,
    /// The height of the level.
    pub level: Option<f64>,
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
    /// A trace on the floor of the tile. Apart, because it would be half of what the largest form takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Box<Trace>>,
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
    /// Context of the headline: "83% of created"; without one, of the whole: "12% over 7d".
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
    /// The step of five, 0 to 4, in which `amount` is drawn: nothing is 0, and what there is stands in the quarter of the
    /// largest cell that it reaches.
    pub fn step(&self, amount: f64) -> usize {
        let largest = self.rows.iter().flat_map(|row| &row.cells).copied().fold(0.0, f64::max);
        if amount > 0.0 && largest > 0.0 { (amount / largest * 4.0).ceil().clamp(1.0, 4.0) as usize } else { 0 }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(points: Vec<f64>, slots: Option<u16>, target: Option<f64>) -> Trace {
        Trace { points, shape: TraceShape::Bars, slots, target, target_label: None, from: None }
    }

    #[test]
    fn bars_stand_on_nothing_and_leave_room_for_those_to_come() {
        let bars = trace(vec![0.0, 3.0, 6.0], Some(24), None).bars(40);
        assert_eq!(bars, TraceBars { shares: vec![0.0, 0.5, 1.0], slots: 24, level: None });
        let bars = trace(vec![2.0, 2.0], None, Some(8.0)).bars(40);
        assert_eq!(bars, TraceBars { shares: vec![0.25, 0.25], slots: 2, level: Some(1.0) });
        let bars = trace(vec![0.0, 0.0], None, Some(0.0)).bars(40);
        assert_eq!(bars, TraceBars { shares: vec![0.0, 0.0], slots: 2, level: Some(0.0) });
    }

    #[test]
    fn of_more_bars_than_have_room_the_highest_neighbour_is_drawn() {
        let bars = trace(vec![1.0, 8.0, 2.0, 4.0, 3.0], Some(8), None).bars(4);
        assert_eq!(bars, TraceBars { shares: vec![1.0, 0.5, 0.375], slots: 4, level: None });
        let bars = trace(vec![1.0; 100_000], Some(u16::MAX), None).bars(60);
        assert!(bars.slots <= 60 && bars.shares.len() == bars.slots, "{bars:?}");
        assert_eq!(trace(vec![1.0; 9], None, None).bars(0).shares, [1.0]);
        assert_eq!(trace(Vec::new(), None, None).bars(9).slots, 0);
    }

    #[test]
    fn amounts_of_any_size_are_shares() {
        for points in [vec![f64::MAX, f64::MIN, f64::NAN], vec![5e-324, 0.0, -0.0], vec![f64::INFINITY, 1.0]] {
            for share in trace(points.clone(), None, Some(-1.0)).bars(9).shares {
                assert!((0.0..=1.0).contains(&share), "{points:?}: {share}");
            }
        }
    }
}
