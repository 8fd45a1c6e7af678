//! Shares of a whole (panel catalogue, section 1.3).

use serde::{Deserialize, Serialize};

/// A part of a whole that keeps both, because a share of very little says very little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Ratio {
    /// The part.
    pub part: u64,
    /// The whole; the part exceeds it where a pace is meant (solved of created).
    pub whole: u64,
}

impl Ratio {
    /// A share of less than this carries no colour.
    pub const FEW: u64 = 5;

    /// The share, or nothing where there is no whole: a ratio over nothing is neither 0 % nor 100 %.
    pub fn share(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }

    /// Whole per cent, half rounded up; short of 100 % never becomes 100, and more than 0 % never becomes 0.
    pub fn percent(self) -> Option<u64> {
        if self.whole == 0 {
            return None;
        }
        let (part, whole) = (u128::from(self.part), u128::from(self.whole));
        let rounded = (part * 200 + whole) / (whole * 2);
        let kept = match (part == 0, part < whole) {
            (true, _) => 0,
            (false, true) => rounded.clamp(1, 99),
            (false, false) => rounded,
        };
        Some(u64::try_from(kept).unwrap_or(u64::MAX))
    }

    /// The share in per cent, to be judged by a threshold; nothing where the whole is too small for a colour.
    pub fn judged(self) -> Option<f64> {
        if self.whole < Self::FEW { None } else { self.share().map(|share| share * 100.0) }
    }
}
