//! What the levels of named values were at the last refresh.

use std::{collections::HashMap, time::Duration};

use desk::{Judge, Level, Refreshes, Threshold};
use jiff::Timestamp;

/// One judge for each value: a panel has several where it has several thresholds or rows.
#[derive(Debug, Default)]
pub(super) struct Judges {
    by_name: HashMap<String, Judge>,
    refreshes: Refreshes,
    /// Whether the drawing under way is of a refresh, and not another look at the one before.
    is_refresh: bool,
}

impl Judges {
    /// A drawing begins, of a desk that was read last at `read_at` and should be every `interval`.
    pub(super) fn begin(&mut self, read_at: Option<Timestamp>, interval: Duration) {
        self.is_refresh = self.refreshes.is_next(read_at, interval);
    }

    /// The level of a value; to be asked once a drawing.
    pub(super) fn level(&mut self, name: &str, threshold: &Threshold, value: Option<f64>) -> Level {
        let is_refresh = self.is_refresh;
        let level = |judge: &mut Judge| match is_refresh {
            true => judge.refresh(threshold, value),
            false => judge.look(threshold, value),
        };
        match self.by_name.get_mut(name) {
            Some(judge) => level(judge),
            None => level(self.by_name.entry(name.to_owned()).or_default()),
        }
    }
}
