//! What is remembered across restarts: the attempt under way, and what went wrong last.

use device::fleet::{Slot, UpdateFailure};
use jiff::{SignedDuration, Timestamp};
use updates::Version;

use super::{Action, LOOK_AGAIN, Rules};
use crate::core::Now;
use crate::update::{Attempt, Failure, Stage};

/// After how many hours a release is tried again that could not be installed: the first times, and then.
const AGAIN: [i64; 2] = [1, 4];
const AGAIN_LAST: i64 = 24;

/// Whether a release that failed is tried again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Again {
    Later,
    /// Not by itself.
    Never,
}

impl Rules {
    pub(super) fn attempt(&mut self, version: Version, slot: Slot, stage: Stage, actions: &mut Vec<Action>) {
        self.record.attempt = Some(Attempt { version, slot, stage });
        self.store(actions);
    }

    pub(super) fn failed(
        &mut self,
        version: Version,
        reason: String,
        again: Again,
        now: Now,
        actions: &mut Vec<Action>,
    ) {
        let before = self.record.failure.take().filter(|failure| failure.what.version == version);
        let times = before.map_or(0, |failure| failure.times);
        let hours = AGAIN.get(usize::try_from(times).unwrap_or(usize::MAX)).copied().unwrap_or(AGAIN_LAST);
        let again_at = match again {
            Again::Later => {
                Some(now.trusted.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX))
            }
            Again::Never => None,
        };
        let what = UpdateFailure { version, reason, at: now.trusted };
        self.record.failure = Some(Failure { what, times: times.saturating_add(1), again_at });
        self.record.attempt = None;
        self.store(actions);
        self.rest(LOOK_AGAIN, now);
    }

    pub(super) fn store(&self, actions: &mut Vec<Action>) {
        actions.push(Action::Store(Box::new(self.record.clone())));
    }
}
