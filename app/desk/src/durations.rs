//! Medians and percentiles of durations (panel catalogue, section 1.3).

/// What a set of durations looks like.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Durations {
    /// How many there are.
    pub samples: usize,
    /// Half took no longer than this many seconds; nothing without samples.
    pub median: Option<f64>,
    /// Nine in ten took no longer than this many seconds; nothing without samples.
    pub ninetieth: Option<f64>,
}

impl Durations {
    /// With fewer samples than this the count is shown, and no colour.
    pub const FEW: usize = 5;

    /// Sums up durations in seconds.
    pub fn of(seconds: impl IntoIterator<Item = u32>) -> Self {
        let mut sorted: Vec<f64> = seconds.into_iter().map(f64::from).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Self { samples: sorted.len(), median: percentile(&sorted, 0.5), ninetieth: percentile(&sorted, 0.9) }
    }

    /// The median in seconds, to be judged by a threshold; nothing where there are too few samples for a colour.
    pub fn judged(&self) -> Option<f64> {
        self.median.filter(|_| self.samples >= Self::FEW)
    }
}

/// The value below which the share `p` of sorted values lies, by linear interpolation between closest ranks.
pub fn percentile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = p.clamp(0.0, 1.0) * last as f64;
    let below = rank.floor() as usize;
    let above = rank.ceil() as usize;
    Some(sorted[below] + (sorted[above] - sorted[below]) * (rank - rank.floor()))
}

/// The middle of values in any order.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    percentile(&values, 0.5)
}
