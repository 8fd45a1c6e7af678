//! Lines over time, in a square of 100 × 100 that the style sheet stretches.

use std::fmt::Write as _;

use board::form;

/// How many points are worth drawing at most: a line of a wall is as wide, in strokes.
const POINTS: usize = 320;

/// The line of a number, ready to be drawn.
pub(super) struct Line {
    /// Corners as SVG's `points`.
    pub(super) points: String,
    /// The last point's height, from the top.
    pub(super) end: f64,
    /// The height of the level across it.
    pub(super) level: Option<f64>,
}

/// What the height of a plot stands for.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// The scale on which all of `values` find their place; none where there is no number among them.
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        values.filter(|value| value.is_finite()).fold(None, |scale, value| {
            let Self { low, high } = scale.unwrap_or(Self { low: value, high: value });
            Some(Self { low: low.min(value), high: high.max(value) })
        })
    }

    /// From the top.
    fn height(self, value: f64) -> f64 {
        // In halves: the difference of two numbers can be more than a number holds.
        let range = self.high / 2.0 - self.low / 2.0;
        // A level line stands in the middle, unless it is at nothing.
        let share =
            if range > 0.0 { (value / 2.0 - self.low / 2.0) / range } else { f64::from(u8::from(value != 0.0)) / 2.0 };
        100.0 - 100.0 * share
    }
}

impl Line {
    /// The line of `points` with the level `level` across it; none without points.
    pub(super) fn of(points: &[f64], level: Option<f64>, scale: Scale) -> Option<Self> {
        let points: Vec<f64> = points.iter().copied().filter(|point| point.is_finite()).collect();
        let last = *points.last()?;
        let level = level.filter(|level| level.is_finite()).map(|level| scale.height(level));
        Some(Self { points: corners(&points, scale), end: scale.height(last), level })
    }

    /// The trace of a number.
    pub(super) fn trace(trace: &form::Trace) -> Option<Self> {
        let scale = Scale::of(trace.points.iter().copied().chain(trace.target))?;
        Self::of(&trace.points, trace.target, scale)
    }
}

fn corners(points: &[f64], scale: Scale) -> String {
    let step = 100.0 / (points.len().max(2) - 1) as f64;
    let mut corners = String::new();
    let mut corner = |index: usize, point: f64| {
        let _ = write!(corners, "{:.1},{:.1} ", step * index as f64, scale.height(point));
    };
    let together = points.len().div_ceil(POINTS).max(1);
    for (group, members) in points.chunks(together).enumerate() {
        // Of many within a stroke's width, the lowest and the highest are what can be seen.
        let order = |one: &usize, other: &usize| members[*one].total_cmp(&members[*other]);
        let lowest = (0..members.len()).min_by(order).unwrap_or(0);
        let highest = (0..members.len()).max_by(order).unwrap_or(0);
        let mut seen = [lowest.min(highest), lowest.max(highest), members.len() - 1].to_vec();
        seen.dedup();
        for index in seen {
            corner(group * together + index, members[index]);
        }
    }
    // A single point is a line from one end to the other.
    if let [point] = points {
        let _ = write!(corners, "100,{:.1}", scale.height(*point));
    }
    corners.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traced(points: Vec<f64>) -> Option<Line> {
        Line::trace(&form::Trace { points, target: None, target_label: None, from: None })
    }

    #[test]
    fn numbers_of_any_size_stay_within_the_plot() {
        let ends = [f64::MAX, f64::MIN, 1e308, -1e308, f64::MIN_POSITIVE, 5e-324, 0.0, -0.0, 1.0];
        for one in ends {
            for other in ends {
                let line = traced(vec![one, f64::NAN, other, f64::INFINITY, 0.0]).unwrap();
                for number in line.points.split([',', ' ']).map(|number| number.parse::<f64>().unwrap()) {
                    assert!((0.0..=100.0).contains(&number), "{one}, {other}: {}", line.points);
                }
            }
        }
        assert!(traced(vec![f64::NAN]).is_none() && traced(Vec::new()).is_none());
    }

    #[test]
    fn of_a_hundred_thousand_points_those_are_drawn_that_can_be_seen() {
        let mut points: Vec<f64> = (0..100_000).map(|index| f64::from(index % 100)).collect();
        points[54_321] = 1_000.0;
        let line = traced(points).unwrap();
        assert!(line.points.split(' ').count() <= 3 * POINTS);
        assert!(line.points.contains(",0.0"), "the peak is drawn");
    }
}
