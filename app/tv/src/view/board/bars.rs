//! Compared amounts as shares of a length.

use board::{Status, form, format};
use tv_components::{Bar, Status as Shown};

use super::tile::shown;

/// How far a full bar goes beyond the limit.
const BEYOND: f64 = 1.2;

/// The bars that a tile of this size shows.
pub(super) fn chosen(bars: &form::Bars, small: bool) -> &[form::Bar] {
    if small && !bars.small.is_empty() { &bars.small } else { &bars.bars }
}

/// Shares of the longest bar, or of a fifth more than the limit; and where the limit is, below 0 without one.
pub(super) fn compared(bars: &[form::Bar], limit: Option<&form::Limit>, lost: bool) -> (Vec<Bar>, f32) {
    let longest = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1) as f64;
    let limit = limit.map(|limit| limit.value.max(0) as f64);
    let full = longest.max(limit.unwrap_or(0.0) * BEYOND);
    let share = |value: i64| (value.max(0) as f64 / full) as f32;
    let bar = |bar: &form::Bar| Bar {
        share: share(bar.value),
        part: share(bar.part.unwrap_or(0).min(bar.value)),
        ..worded(bar, lost)
    };
    let mut shown: Vec<Bar> = bars.iter().map(bar).collect();
    let mut rest = Shown::Ok;
    for bar in shown.iter_mut().rev() {
        rest = worse(bar.status, rest);
        bar.rest = rest;
    }
    (shown, limit.map_or(-1.0, |limit| (limit / full) as f32))
}

/// Of two statuses of bars the one that asks more of people.
fn worse(one: Shown, other: Shown) -> Shown {
    match (one, other) {
        (Shown::Critical, _) | (_, Shown::Critical) => Shown::Critical,
        (Shown::Warn, _) | (_, Shown::Warn) => Shown::Warn,
        _ => Shown::Ok,
    }
}

/// Shares of the whole; `part` is where each begins.
pub(super) fn proportional(bars: &[form::Bar], lost: bool) -> Vec<Bar> {
    let whole = bars.iter().map(|bar| bar.value.max(0) as f64).sum::<f64>().max(1.0);
    let mut begin = 0.0;
    let bar = |bar: &form::Bar| {
        let value = bar.value.max(0) as f64;
        let shown = Bar { share: (value / whole) as f32, part: (begin / whole) as f32, ..worded(bar, lost) };
        begin += value;
        shown
    };
    bars.iter().map(bar).collect()
}

fn worded(bar: &form::Bar, lost: bool) -> Bar {
    Bar {
        label: bar.label.as_str().into(),
        value: format::count(bar.value, 9_999).to_string().into(),
        status: shown(if lost { Status::Ok } else { bar.status }),
        ..Bar::default()
    }
}
