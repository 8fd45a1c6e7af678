//! Compared amounts as shares of a length, in per cent.

use board::{Status, form, format};

/// How far a full bar goes beyond the limit.
const BEYOND: f64 = 1.2;

/// One bar.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) share: String,
    /// How much of it is drawn in the second tone, or where it begins.
    pub(super) part: String,
    /// What is left above it, in a column.
    pub(super) rest: String,
    pub(super) status: Status,
}

/// Bars of one scale.
pub(super) struct Compared {
    pub(super) bars: Vec<Bar>,
    /// Where the limit is.
    pub(super) limit: Option<String>,
}

/// A share as SVG writes it.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// Shares of the longest bar, or of a fifth more than the limit.
pub(super) fn compared(bars: &[form::Bar], limit: Option<&form::Limit>, frozen: bool) -> Compared {
    let longest = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1) as f64;
    let limit = limit.map(|limit| limit.value.max(0) as f64);
    let full = longest.max(limit.unwrap_or(0.0) * BEYOND);
    let share = |value: i64| value.max(0) as f64 / full;
    let bar = |bar: &form::Bar| worded(bar, share(bar.value), share(bar.part.unwrap_or(0).min(bar.value)), frozen);
    Compared { bars: bars.iter().map(bar).collect(), limit: limit.map(|limit| percent(limit / full)) }
}

/// Shares of the whole, one after the other.
pub(super) fn proportional(bars: &[form::Bar], frozen: bool) -> Vec<Bar> {
    let whole = bars.iter().map(|bar| bar.value.max(0) as f64).sum::<f64>().max(1.0);
    let mut begin = 0.0;
    let bar = |bar: &form::Bar| {
        let value = bar.value.max(0) as f64;
        let shown = worded(bar, value / whole, begin / whole, frozen);
        begin += value;
        shown
    };
    bars.iter().map(bar).collect()
}

fn worded(bar: &form::Bar, share: f64, part: f64, frozen: bool) -> Bar {
    Bar {
        label: bar.label.clone(),
        value: format::count(bar.value, 9_999).to_string(),
        share: percent(share),
        part: percent(part),
        rest: percent(1.0 - share),
        status: if frozen { Status::Ok } else { bar.status },
    }
}
