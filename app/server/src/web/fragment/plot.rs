//! Lines and bars over time, in a square of 100 × 100 that the style sheet stretches.

use std::fmt::Write as _;

use board::form;

use super::bars::percent;

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

/// How many bars are worth drawing at most.
const BARS: usize = 48;

/// What of a slot a bar takes; the rest is left between it and the next.
const BAR: f64 = 0.7;

/// Half the word "now" is wider than this, of the narrowest plot that has words under it; and it and the word of the
/// beginning have room beside each other from there on.
const EDGE: f64 = 0.14;
const LATE: f64 = 0.52;

/// What a number was until now.
pub(super) enum Trace {
    /// A line.
    Line(Line),
    /// A bar for each step.
    Bars(Bars),
}

/// The bars of a number, ready to be drawn.
pub(super) struct Bars {
    pub(super) bars: Vec<Step>,
    /// Where those to come will be.
    pub(super) coming: Vec<String>,
    /// How wide each is.
    pub(super) width: String,
    /// Where "now" stands, under the newest, and with which of its ends or its middle.
    pub(super) now: (String, &'static str),
    /// Whether there is room for the word of the beginning before it.
    pub(super) is_late: bool,
    /// The height of the level across them, from the top.
    pub(super) level: Option<f64>,
}

/// One bar, its lengths in per cent.
#[derive(Debug, PartialEq)]
pub(super) struct Step {
    pub(super) left: String,
    pub(super) height: String,
    /// What is left above it.
    pub(super) rest: String,
    pub(super) is_empty: bool,
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
}

impl Trace {
    /// The trace of a number; none without points.
    pub(super) fn of(trace: &form::Trace) -> Option<Self> {
        if trace.shape == form::TraceShape::Bars {
            return Bars::of(trace).map(Self::Bars);
        }
        let scale = Scale::of(trace.points.iter().copied().chain(trace.target))?;
        Line::of(&trace.points, trace.target, scale).map(Self::Line)
    }
}

impl Bars {
    fn of(trace: &form::Trace) -> Option<Self> {
        let form::TraceBars { shares, slots, level } = trace.bars(BARS);
        let newest = shares.len().checked_sub(1)?;
        let left = |index: usize| index as f64 / slots as f64;
        let wide = BAR / slots as f64;
        let step = |(index, share): (usize, &f64)| Step {
            left: percent(left(index)),
            height: percent(*share),
            rest: percent(1.0 - share),
            is_empty: *share <= 0.0,
        };
        let now = left(newest) + wide / 2.0;
        let (at, anchor) = match now {
            ..EDGE => (0.0, "start"),
            now if now > 1.0 - EDGE => (1.0, "end"),
            now => (now, "middle"),
        };
        Some(Self {
            bars: shares.iter().enumerate().map(step).collect(),
            coming: (shares.len()..slots).map(|index| percent(left(index))).collect(),
            width: percent(wide),
            now: (percent(at), anchor),
            is_late: now > LATE,
            level: level.map(|level| 100.0 - 100.0 * level),
        })
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

    fn trace(points: Vec<f64>, shape: form::TraceShape) -> form::Trace {
        form::Trace { points, shape, slots: None, target: None, target_label: None, from: None }
    }

    fn traced(points: Vec<f64>) -> Option<Line> {
        match Trace::of(&trace(points, form::TraceShape::Line)) {
            Some(Trace::Line(line)) => Some(line),
            _ => None,
        }
    }

    fn in_bars(points: Vec<f64>, slots: u16) -> Option<Bars> {
        let trace = form::Trace { slots: Some(slots), ..trace(points, form::TraceShape::Bars) };
        match Trace::of(&trace) {
            Some(Trace::Bars(bars)) => Some(bars),
            _ => None,
        }
    }

    #[test]
    fn bars_leave_room_for_the_hours_to_come() {
        let bars = in_bars(vec![3.0, 0.0, 6.0, 1.5], 24).unwrap();
        let drawn: Vec<_> = bars.bars.iter().map(|bar| (bar.left.as_str(), bar.height.as_str())).collect();
        assert_eq!(drawn, [("0.0%", "50.0%"), ("4.2%", "0.0%"), ("8.3%", "100.0%"), ("12.5%", "25.0%")]);
        assert_eq!((bars.coming.len(), bars.coming[0].as_str()), (20, "16.7%"));
        assert_eq!((bars.width.as_str(), bars.bars[1].is_empty, bars.bars[0].rest.as_str()), ("2.9%", true, "50.0%"));
        assert!(in_bars(Vec::new(), 24).is_none());
    }

    #[test]
    fn now_is_under_the_newest_bar_and_within_the_plot() {
        let now = |hours| {
            let bars = in_bars(vec![1.0; hours], 24).unwrap();
            (bars.now.0, bars.now.1, bars.is_late)
        };
        assert_eq!(now(1), ("0.0%".to_owned(), "start", false));
        assert_eq!(now(10), ("39.0%".to_owned(), "middle", false));
        assert_eq!(now(15), ("59.8%".to_owned(), "middle", true));
        assert_eq!(now(24), ("100.0%".to_owned(), "end", true));
    }

    #[test]
    fn of_very_many_bars_those_are_drawn_that_can_be_seen() {
        for points in [vec![f64::MAX; 100_000], vec![f64::MIN; 3], vec![5e-324, f64::NAN]] {
            let bars = in_bars(points, u16::MAX).unwrap();
            assert!(bars.bars.len() + bars.coming.len() <= BARS);
            for number in bars.bars.iter().flat_map(|bar| [&bar.left, &bar.height, &bar.rest]).chain([&bars.now.0]) {
                let number: f64 = number.trim_end_matches('%').parse().unwrap();
                assert!((0.0..=100.0).contains(&number), "{number}");
            }
        }
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
