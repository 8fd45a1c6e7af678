//! What is told of updates: to the server, and on the screen.

use std::time::Duration;

use device::Updating;
use device::fleet::{LONG_UNCHECKED, UpdateFailure, UpdateState};

use super::{Phase, Rules, Shown, opens_at};
use crate::core::Now;

/// In seconds.
const DAY: u64 = 24 * 60 * 60;

impl Rules {
    /// How updates stand, for the server.
    #[must_use]
    pub fn state(&self, now: Now) -> UpdateState {
        match &self.phase {
            Phase::Waiting { release, eligible_at, window, .. } => {
                UpdateState::Waiting { version: release.version.clone(), eligible_at: opens_at(*eligible_at, *window) }
            }
            Phase::Installing { release, percent, .. } => {
                UpdateState::Installing { version: release.version.clone(), percent: *percent }
            }
            Phase::Installed { version, window, .. } => {
                UpdateState::Installed { version: version.clone(), opens_at: window.map(|window| window.opens_at) }
            }
            Phase::Activating { version, .. } | Phase::Restarting { version } => {
                UpdateState::Installed { version: version.clone(), opens_at: None }
            }
            Phase::OnTrial { version } => UpdateState::OnTrial { version: version.clone() },
            Phase::Resting | Phase::Looking | Phase::Asking(_) => match &self.held {
                // What was heard once may long be over.
                Some((version, why)) if self.unchecked(now) < LONG_UNCHECKED => {
                    UpdateState::Held { version: version.clone(), why: why.clone() }
                }
                None if self.looked && self.blind.is_none() => UpdateState::Current,
                _ => UpdateState::Unchecked { why: self.blind.clone(), seconds: self.unchecked(now).as_secs() },
            },
        }
    }

    /// For how long nobody told of updates whose metadata was fresh.
    #[must_use]
    pub fn unchecked(&self, now: Now) -> Duration {
        now.instant.duration_since(self.fresh_at)
    }

    /// What went wrong last.
    #[must_use]
    pub fn failure(&self) -> Option<&UpdateFailure> {
        self.record.failure.as_ref().map(|failure| &failure.what)
    }

    pub(super) fn screen(&self, now: Now) -> Shown {
        let unchecked = self.unchecked(now);
        let days = u32::try_from(unchecked.as_secs() / DAY).unwrap_or(u32::MAX);
        Shown { updating: self.updating(), unchecked_days: (unchecked >= LONG_UNCHECKED).then_some(days) }
    }

    fn updating(&self) -> Option<Updating> {
        match &self.phase {
            Phase::Installing { percent, .. } => Some(Updating { percent: *percent, minutes: None }),
            Phase::Activating { .. } | Phase::Restarting { .. } => Some(Updating { percent: 100, minutes: None }),
            _ => None,
        }
    }
}
