//! Lines over time as paths in pixels.

use std::fmt::Write as _;

use board::form;
use slint::SharedString;

use crate::view::generated::{Line, Series};

/// Half a stroke stands out at the left end of a line; the dot at the right end stands out further, and up and down.
const START: f32 = 3.0;
const DOT: f32 = 10.0;
/// Lengths of dashes and of the gaps between them.
const DASH: f32 = 12.0;
/// From cap top to baseline of a label, and the least from baseline to baseline.
const CAP: f32 = 37.0;
const LINE: f32 = 56.0;

/// The rectangle of a plot within the element that draws it: where its points lie.
#[derive(Clone, Copy)]
pub(super) struct Plot {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) top: f32,
    pub(super) bottom: f32,
}

/// What the height of a plot stands for.
#[derive(Clone, Copy)]
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        values.filter(|value| value.is_finite()).fold(None, |scale, value| {
            let Self { low, high } = scale.unwrap_or(Self { low: value, high: value });
            Some(Self { low: low.min(value), high: high.max(value) })
        })
    }

    fn y(self, value: f64, plot: Plot) -> f32 {
        let range = self.high - self.low;
        // A level line stands in the middle, unless it is at nothing.
        let share = if range > 0.0 { (value - self.low) / range } else { f64::from(u8::from(value != 0.0)) / 2.0 };
        plot.bottom - (plot.bottom - plot.top) * share as f32
    }
}

/// The line of a number: its points, the level across it.
pub(super) fn line(trace: &form::Trace, plot: Plot) -> Line {
    let points: Vec<f64> = trace.points.iter().copied().filter(|point| point.is_finite()).collect();
    let level = trace.target.filter(|level| level.is_finite());
    let (Some(last), Some(scale)) = (points.last(), Scale::of(points.iter().copied().chain(level))) else {
        return Line::default();
    };
    let inner = Plot { left: plot.left + START, right: plot.right - DOT, ..plot };
    let level_y = level.map(|level| scale.y(level, plot));
    Line {
        commands: path(&points, scale, inner),
        level: level_y.map(|y| dashes(plot.left, plot.right, y)).unwrap_or_default(),
        end_x: inner.right,
        end_y: scale.y(*last, inner),
        level_y: level_y.unwrap_or_default(),
        level_label: trace.target_label.as_deref().unwrap_or_default().into(),
        from: SharedString::default(),
    }
}

/// The lines of a trend on one scale, with labels at their ends. `foot` is the last baseline in the tile, `head` the
/// distance from the top of the tile to that of the plot's element.
pub(super) fn trend(series: &[(&form::Series, String)], plot: Plot, head: f32, foot: f32) -> Vec<Series> {
    let Some(scale) = Scale::of(series.iter().flat_map(|(series, _)| series.points.iter().copied())) else {
        return Vec::new();
    };
    let inner = Plot { left: plot.left + START, right: plot.right, ..plot };
    let mut lines: Vec<Series> = series
        .iter()
        .enumerate()
        .filter_map(|(index, (series, value))| {
            let points: Vec<f64> = series.points.iter().copied().filter(|point| point.is_finite()).collect();
            let end_y = scale.y(*points.last()?, inner);
            let highest = head + plot.top + CAP;
            Some(Series {
                name: series.name.as_str().into(),
                value: value.into(),
                commands: path(&points, scale, inner),
                end_x: inner.right,
                end_y,
                label_baseline: (head + end_y + CAP / 2.0).clamp(highest, foot.max(highest)),
                second: index > 0,
            })
        })
        .collect();
    part_labels(&mut lines, head + plot.top + CAP, foot);
    // Drawn in this order: the current series lies on top.
    lines.reverse();
    lines
}

/// Keeps the labels of two lines that end close together one line apart.
fn part_labels(lines: &mut [Series], highest: f32, lowest: f32) {
    let [one, other] = lines else { return };
    let (upper, lower) = if one.label_baseline <= other.label_baseline { (one, other) } else { (other, one) };
    let missing = LINE - (lower.label_baseline - upper.label_baseline);
    if missing > 0.0 {
        upper.label_baseline = (upper.label_baseline - missing / 2.0).max(highest);
        lower.label_baseline = upper.label_baseline + LINE;
        if lower.label_baseline > lowest {
            lower.label_baseline = lowest;
            upper.label_baseline = (lowest - LINE).max(highest);
        }
    }
}

fn path(points: &[f64], scale: Scale, plot: Plot) -> SharedString {
    let step = (plot.right - plot.left) / (points.len().max(2) - 1) as f32;
    let mut commands = String::new();
    for (index, point) in points.iter().enumerate() {
        let (x, y) = (plot.left + step * index as f32, scale.y(*point, plot));
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(commands, "{command} {x:.1} {y:.1} ");
    }
    // A single point is a line from one end to the other.
    if let [point] = points {
        let _ = write!(commands, "L {:.1} {:.1}", plot.right, scale.y(*point, plot));
    }
    commands.into()
}

fn dashes(left: f32, right: f32, y: f32) -> SharedString {
    let mut commands = String::new();
    let mut x = left;
    while x < right {
        let _ = write!(commands, "M {x:.1} {y:.1} L {:.1} {y:.1} ", (x + DASH).min(right));
        x += 2.0 * DASH;
    }
    commands.into()
}
