//! What the levels of named values were at the last refresh.

use std::collections::HashMap;

use desk::{Judge, Level, Threshold};

/// One judge for each value: a panel has several where it has several thresholds or rows.
#[derive(Debug, Default)]
pub(super) struct Judges(HashMap<String, Judge>);

impl Judges {
    pub(super) fn refresh(&mut self, name: &str, threshold: &Threshold, value: Option<f64>) -> Level {
        match self.0.get_mut(name) {
            Some(judge) => judge.refresh(threshold, value),
            None => self.0.entry(name.to_owned()).or_default().refresh(threshold, value),
        }
    }
}
