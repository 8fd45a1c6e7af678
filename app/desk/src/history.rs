//! Counts of the past, sampled every five minutes, for what tickets alone cannot tell.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Scope;

/// What is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// Unsolved tickets.
    Unsolved,
    /// Unsolved tickets without an owner.
    Unassigned,
    /// Tickets whose requester waits for a word from us.
    AwaitingReply,
}

impl Series {
    /// Every series.
    pub const ALL: [Self; 3] = [Self::Unsolved, Self::Unassigned, Self::AwaitingReply];
}

/// One count of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Over which tickets.
    pub scope: Scope,
    /// Of what.
    pub series: Series,
    /// When: the start of a five-minute slot.
    pub at: Timestamp,
    /// How many.
    pub count: u32,
}

/// Seconds between samples.
pub const SAMPLE_SECONDS: i64 = 300;

/// How far back samples are kept: what the longest comparison needs, and a day.
const KEPT: SignedDuration = SignedDuration::from_hours(29 * 24);

/// The samples of one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct History {
    samples: BTreeMap<(Series, Timestamp), u32>,
}

impl History {
    /// Keeps a count, unless its slot has one already.
    pub(crate) fn keep(&mut self, series: Series, at: Timestamp, count: u32) -> bool {
        let new = !self.samples.contains_key(&(series, at));
        if new {
            self.samples.insert((series, at), count);
        }
        new
    }

    /// Forgets what no comparison needs any more.
    pub(crate) fn forget_before(&mut self, now: Timestamp) {
        let oldest = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
        self.samples.retain(|(_, at), _| *at >= oldest);
    }

    pub(crate) fn forget_after(&mut self, at: Timestamp) {
        self.samples.retain(|(_, sampled), _| *sampled <= at);
    }

    pub(crate) fn at(&self, series: Series, at: Timestamp) -> Option<u32> {
        self.samples.get(&(series, slot(at))).copied()
    }

    /// The count at an instant, or, where none was taken then, the last one of the half hour before it: a restart at the
    /// wrong minute leaves no hole for a day.
    pub(crate) fn last_until(&self, series: Series, at: Timestamp) -> Option<u32> {
        let from = at.saturating_sub(SignedDuration::from_mins(30)).unwrap_or(Timestamp::MIN);
        let (_, count) = self.samples.range((series, slot(from))..=(series, slot(at))).next_back()?;
        Some(*count)
    }

    pub(crate) fn first(&self, series: Series) -> Option<Timestamp> {
        self.samples.range((series, Timestamp::MIN)..=(series, Timestamp::MAX)).next().map(|((_, at), _)| *at)
    }
}

/// The start of the five-minute slot of an instant.
pub(crate) fn slot(at: Timestamp) -> Timestamp {
    grid(at, SAMPLE_SECONDS)
}

/// The last multiple of so many seconds at or before an instant.
pub(crate) fn grid(at: Timestamp, seconds: i64) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(seconds)).unwrap_or(at)
}
