//! Lines over time as paths in pixels, and bars over time.

use std::fmt::Write as _;

use board::form;
use slint::SharedString;
use tv_components::{Bar, Line, Series, Steps};

use super::rows;

/// Half a stroke stands out at the left end of a line; the dot at the right end stands out further, and up and down.
const START: f32 = 3.0;
const DOT: f32 = 10.0;
const STROKE: f32 = 6.0;
/// The least from one bar over time to the next, what of that is left between them, and how much that is at most.
const PITCH: f32 = 6.0;
const GAP: f32 = 0.3;
const WIDEST_GAP: f32 = 24.0;
/// Lengths of dashes and of the gaps between them.
const DASH: f32 = 12.0;
/// From cap top to baseline of a label, and the least from baseline to baseline.
const CAP: f32 = 37.0;
const LINE: f32 = 56.0;
/// What the names and values of series have beside their lines, what is between the two, and how much wider bold letters are.
const LABEL: f32 = 197.0;
const WORDS_APART: f32 = 12.0;
const BOLD: f32 = 1.06;
/// From a level to its name, over it or under it; how much further away the name may go, and in which steps.
const OFF: f32 = 19.0;
const FURTHER: usize = 6;
const AWAY: f32 = 8.0;
/// From the name to what is drawn, and how far from one place that is tried to the next.
const CLEAR: f32 = 8.0;
const STEP: f32 = 24.0;

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
        // In halves: the difference of two numbers can be more than a number holds.
        let range = self.high / 2.0 - self.low / 2.0;
        // A level line stands in the middle, unless it is at nothing.
        let share =
            if range > 0.0 { (value / 2.0 - self.low / 2.0) / range } else { f64::from(u8::from(value != 0.0)) / 2.0 };
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
    let mut corners = corners(&points, scale, inner);
    let (end_x, end_y) = (inner.right, scale.y(*last, inner));
    let line = Line { commands: path(&corners), end_x, end_y, ..Line::default() };
    let Some(level) = level.map(|level| scale.y(level, plot)) else { return line };
    corners.extend([(end_x, end_y - DOT), (end_x + DOT, end_y), (end_x, end_y + DOT)]);
    levelled(line, level, trace.target_label.as_deref().unwrap_or_default(), plot, &corners)
}

/// `line` with a level across it, and its name where what is drawn through `corners` leaves it free.
fn levelled(line: Line, level: f32, name: &str, plot: Plot, corners: &[Corner]) -> Line {
    let place = place(level, rows::width(name, 51.0), plot, corners);
    Line {
        level: dashes(plot.left, plot.right, level),
        // Without a place of its own it would be unreadable, and what the number is said to be over or under names it too.
        level_label: if place.is_some() { name.into() } else { SharedString::default() },
        label_x: place.map(|(x, _)| x).unwrap_or_default(),
        label_baseline: place.map(|(_, baseline)| baseline).unwrap_or_default(),
        ..line
    }
}

/// Where a name of this width begins and stands: as near to its level as it can, as far left, and over it rather than under.
fn place(level: f32, width: f32, plot: Plot, corners: &[Corner]) -> Option<Corner> {
    let last = plot.right - width;
    let steps = ((last - plot.left) / STEP).max(0.0) as usize;
    let starts: Vec<f32> = (0..=steps).map(|step| plot.left + STEP * step as f32).chain([last]).collect();
    let free = |(x, baseline): &Corner| {
        let drawn = extent(corners, x - CLEAR, x + width + CLEAR);
        drawn.is_none_or(|(top, bottom)| baseline + CLEAR <= top || bottom + CLEAR <= baseline - CAP)
    };
    (0..=FURTHER).map(|steps| OFF + AWAY * steps as f32).find_map(|off| {
        let over = Some(level - off).filter(|baseline| *baseline >= CAP);
        let under = Some(level + off + CAP).filter(|baseline| *baseline <= plot.bottom + 2.0 * DOT);
        let baselines = [over, under].into_iter().flatten();
        starts.iter().flat_map(|x| baselines.clone().map(|baseline| (*x, baseline))).find(&free)
    })
}

/// From the highest to the lowest point of what is drawn through `corners`, between two places along the plot.
fn extent(corners: &[Corner], from: f32, to: f32) -> Option<Corner> {
    let within = corners.windows(2).filter_map(|ends| {
        let [(left, one), (right, other)] = [ends[0], ends[1]];
        let at = |x: f32| {
            if right > left { one + (other - one) * (x.clamp(left, right) - left) / (right - left) } else { one }
        };
        let ends = if right > left { [at(from), at(to)] } else { [one, other] };
        (left <= to && from <= right || right <= to && from <= left).then_some(ends)
    });
    within.flatten().fold(None, |extent, y| {
        let (top, bottom) = extent.unwrap_or((y, y));
        Some((f32::min(top, y), f32::max(bottom, y)))
    })
}

/// The bars of a number, the level across them, and their heights. `unit` is how many pixels a design pixel has: from one
/// bar to the next are whole ones, so that all are equally wide.
pub(super) fn bars(trace: &form::Trace, plot: Plot, unit: f32) -> (Steps, Line, Vec<Bar>) {
    let (width, height) = (plot.right - plot.left, plot.bottom - plot.top);
    let bars = trace.bars((width / PITCH).max(1.0) as usize);
    let pitch = (width * unit / bars.slots.max(1) as f32).floor();
    if bars.shares.is_empty() || pitch < 1.0 || height <= 0.0 {
        return Default::default();
    }
    let gap = (pitch * GAP).round().clamp(1.0, (WIDEST_GAP * unit).round().max(1.0));
    let bar = (pitch - gap).max(1.0) / unit;
    let pitch = pitch / unit;
    let end_x = plot.left + pitch * bars.shares.len().saturating_sub(1) as f32 + bar / 2.0;
    let mut line = Line { end_x, end_y: plot.bottom, ..Line::default() };
    if let Some(level) = bars.level {
        let corners = bars.shares.iter().enumerate().flat_map(|(index, share)| {
            let (left, top) = (plot.left + pitch * index as f32, plot.bottom - height * *share as f32);
            [(left, plot.bottom), (left, top), (left + bar, top), (left + bar, plot.bottom)]
        });
        let corners: Vec<Corner> = corners.collect();
        let name = trace.target_label.as_deref().unwrap_or_default();
        line = levelled(line, plot.bottom - height * level as f32, name, plot, &corners);
    }
    let shares = bars.shares.iter().map(|share| Bar { share: *share as f32, ..Bar::default() }).collect();
    let slots = i32::try_from(bars.slots).unwrap_or(i32::MAX);
    (Steps { pitch, bar, slots, top: plot.top, bottom: plot.bottom }, line, shares)
}

/// The lines of a trend on one scale, with labels at their ends. `foot` is the last baseline in the tile, `head` the
/// distance from the top of the tile to that of the plot's element.
pub(super) fn trend(series: &[(&form::Series, String)], plot: Plot, head: f32, foot: f32) -> Vec<Series> {
    let Some(scale) = Scale::of(series.iter().flat_map(|(series, _)| series.points.iter().copied())) else {
        return Vec::new();
    };
    let inner = Plot { left: plot.left + START, right: plot.right, ..plot };
    let highest = head + plot.top + CAP;
    // A value that leaves its name no room stands under it, if that goes for all of them.
    let wide = |(index, (series, value)): (usize, &(&form::Series, String))| {
        let weight = if index == 0 { BOLD } else { 1.0 };
        (rows::width(&series.name, 51.0) + rows::width(value, 51.0)) * weight + WORDS_APART > LABEL
    };
    let stacked = series.iter().enumerate().any(wide) && foot - highest >= (2 * series.len() - 1) as f32 * LINE;
    let (foot, pitch) = if stacked { (foot - LINE, 2.0 * LINE) } else { (foot, LINE) };
    let mut lines: Vec<Series> = series
        .iter()
        .enumerate()
        .filter_map(|(index, (series, value))| {
            let points: Vec<f64> = series.points.iter().copied().filter(|point| point.is_finite()).collect();
            let end_y = scale.y(*points.last()?, inner);
            Some(Series {
                name: series.name.as_str().into(),
                value: value.into(),
                commands: path(&corners(&points, scale, inner)),
                end_x: inner.right,
                end_y,
                label_baseline: (head + end_y + CAP / 2.0).clamp(highest, foot.max(highest)),
                stacked,
                second: index > 0,
            })
        })
        .collect();
    part_labels(&mut lines, pitch, highest, foot);
    // Drawn in this order: the current series lies on top.
    lines.reverse();
    lines
}

/// Keeps the labels of two lines that end close together `pitch` apart. Where only one fits it is the current one's.
fn part_labels(lines: &mut [Series], pitch: f32, highest: f32, lowest: f32) {
    let [one, other] = lines else { return };
    if lowest - highest < pitch {
        (other.name, other.value) = Default::default();
        return;
    }
    let (upper, lower) = if one.label_baseline <= other.label_baseline { (one, other) } else { (other, one) };
    let missing = pitch - (lower.label_baseline - upper.label_baseline);
    if missing > 0.0 {
        upper.label_baseline = (upper.label_baseline - missing / 2.0).max(highest);
        lower.label_baseline = upper.label_baseline + pitch;
        if lower.label_baseline > lowest {
            lower.label_baseline = lowest;
            upper.label_baseline = (lowest - pitch).max(highest);
        }
    }
}

/// A place in a plot: how far from the left, how far down.
type Corner = (f32, f32);

/// What a line goes through.
fn corners(points: &[f64], scale: Scale, plot: Plot) -> Vec<Corner> {
    let step = (plot.right - plot.left) / (points.len().max(2) - 1) as f32;
    let corner = |(index, point): (usize, f64)| (plot.left + step * index as f32, scale.y(point, plot));
    let mut corners: Vec<Corner> = thinned(points, plot).into_iter().map(corner).collect();
    // A single point is a line from one end to the other.
    if let [point] = points {
        corners.push((plot.right, scale.y(*point, plot)));
    }
    corners
}

fn path(corners: &[Corner]) -> SharedString {
    let mut commands = String::new();
    for (index, (x, y)) in corners.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(commands, "{command} {x:.1} {y:.1} ");
    }
    commands.into()
}

/// The points that make a difference, with their places: the first, and of many within a stroke's width the lowest,
/// the highest and the last.
fn thinned(points: &[f64], plot: Plot) -> Vec<(usize, f64)> {
    let places = ((plot.right - plot.left) / STROKE).max(1.0) as usize;
    let together = points.len().div_ceil(places).max(1);
    let mut kept: Vec<_> = points.first().map(|point| (0, *point)).into_iter().collect();
    for (group, members) in points.chunks(together).enumerate() {
        let at = |index: usize| (group * together + index, members[index]);
        let indices = 0..members.len();
        let lowest = indices.clone().min_by(|one, other| members[*one].total_cmp(&members[*other]));
        let highest = indices.max_by(|one, other| members[*one].total_cmp(&members[*other]));
        let mut chosen = [lowest.unwrap_or(0), highest.unwrap_or(0), members.len() - 1];
        chosen.sort_unstable();
        kept.extend(chosen.map(at));
    }
    kept.dedup_by_key(|(index, _)| *index);
    kept
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

#[cfg(test)]
mod tests {
    use super::*;

    const PLOT: Plot = Plot { left: 0.0, right: 600.0, top: 10.0, bottom: 90.0 };

    fn trace(points: Vec<f64>, slots: Option<u16>) -> form::Trace {
        let shape = form::TraceShape::default();
        form::Trace { points, shape, slots, target: None, target_label: None, from: None }
    }

    fn traced(points: Vec<f64>) -> Line {
        line(&trace(points, None), PLOT)
    }

    /// The points of a path.
    fn corners(commands: &str) -> Vec<(f32, f32)> {
        let numbers: Vec<f32> = commands
            .split_ascii_whitespace()
            .filter(|word| !["M", "L"].contains(word))
            .map(|number| number.parse().unwrap())
            .collect();
        numbers.chunks(2).map(|corner| (corner[0], corner[1])).collect()
    }

    #[test]
    fn numbers_of_any_size_stay_within_the_plot() {
        let ends = [f64::MAX, f64::MIN, 1e308, -1e308, f64::MIN_POSITIVE, 5e-324, 0.0, -0.0, 1.0];
        for one in ends {
            for other in ends {
                for points in [vec![one], vec![one, other], vec![one, f64::NAN, f64::INFINITY, other, 0.0]] {
                    let line = traced(points.clone());
                    for (x, y) in corners(&line.commands).into_iter().chain([(line.end_x, line.end_y)]) {
                        assert!((0.0..=600.0).contains(&x) && (9.9..=90.1).contains(&y), "{points:?}: {x}, {y}");
                    }
                }
            }
        }
        assert_eq!(traced(vec![f64::NAN, f64::NEG_INFINITY]), Line::default());
        assert_eq!(traced(Vec::new()), Line::default());
    }

    #[test]
    fn of_a_hundred_thousand_points_those_are_drawn_that_can_be_seen() {
        let mut points: Vec<f64> = (0..100_000).map(|index| f64::from(index % 100)).collect();
        points[54_321] = 1_000.0;
        points[99_999] = 500.0;
        let line = traced(points);
        let corners = corners(&line.commands);
        assert!(corners.len() <= 300, "{} points", corners.len());
        assert!(corners.iter().any(|(_, y)| *y == PLOT.top), "the peak is drawn");
        assert_eq!(corners.last().copied(), Some((line.end_x, line.end_y)), "the line ends where its dot is");
        assert!(corners.is_sorted_by(|one, other| one.0 <= other.0));
    }

    #[test]
    fn a_line_begins_with_its_first_point_whatever_is_left_out() {
        let line = traced((0..100_000).map(|index| f64::from((index + 50) % 100)).collect());
        assert!(line.commands.starts_with("M "), "{}", line.commands);
        assert_eq!(line.commands.matches('M').count(), 1);
        assert_eq!(corners(&line.commands).first().map(|(x, _)| *x), Some(START));
    }

    #[test]
    fn few_points_are_all_drawn() {
        assert_eq!(corners(&traced((0..24).map(f64::from).collect()).commands).len(), 24);
    }

    #[test]
    fn bars_of_any_number_and_height_stay_within_the_plot() {
        let ends = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 0.0, 1.0];
        let lengths = [0, 1, 2, 24, 600, 100_000];
        for (count, slots) in lengths.into_iter().flat_map(|count| [None, Some(24), Some(u16::MAX)].map(|s| (count, s)))
        {
            let points = ends.into_iter().cycle().take(count).collect::<Vec<_>>();
            for unit in [0.2, 2.0 / 3.0, 1.0, 4.0 / 3.0, 2.0] {
                let (steps, line, shares) = bars(&trace(points.clone(), slots), PLOT, unit);
                let end = PLOT.left + steps.pitch * (steps.slots as f32).max(shares.len() as f32);
                assert!(end <= PLOT.right + 0.1 && line.end_x <= PLOT.right, "{count} of {slots:?}: {steps:?}");
                assert!(shares.iter().all(|bar| (0.0..=1.0).contains(&bar.share)), "{shares:?}");
                assert!(steps.bar > 0.0 && steps.bar <= steps.pitch || shares.is_empty(), "{steps:?}");
                let pixels = [steps.pitch * unit, steps.bar * unit];
                assert!(pixels.iter().all(|pixel| (pixel - pixel.round()).abs() < 0.01), "{pixels:?} at {unit}");
            }
        }
    }

    #[test]
    fn the_hours_to_come_have_room() {
        let (steps, line, shares) = bars(&trace(vec![4.0, 0.0, 2.0], Some(24)), PLOT, 1.0);
        assert_eq!((steps.pitch, steps.bar, steps.slots), (25.0, 17.0, 24));
        assert_eq!(shares.iter().map(|bar| bar.share).collect::<Vec<_>>(), [1.0, 0.0, 0.5]);
        assert_eq!(line.end_x, 58.5, "the middle of the third");
    }

    #[test]
    fn where_there_is_no_room_there_are_no_bars() {
        for plot in [Plot { right: -60.0, ..PLOT }, Plot { right: 0.4, ..PLOT }, Plot { top: 95.0, ..PLOT }] {
            assert_eq!(bars(&trace(vec![1.0; 9], Some(24)), plot, 1.0), Default::default());
        }
    }
}
