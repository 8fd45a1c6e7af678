//! What is told of updates: to the server, and on the screen.

use std::time::Duration;

use device::Updating;
use device::fleet::{UpdateFailure, UpdateState};

use super::{Phase, Rules, opens_at};
use crate::core::Now;

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
                Some((version, why)) => UpdateState::Held { version: version.clone(), why: why.clone() },
                None if self.looked && self.blind.is_none() => UpdateState::Current,
                None => UpdateState::Unchecked { why: self.blind.clone(), seconds: self.unchecked(now).as_secs() },
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

    pub(super) fn screen(&self) -> Option<Updating> {
        match &self.phase {
            Phase::Installing { percent, .. } => Some(Updating { percent: *percent, minutes: None }),
            Phase::Activating { .. } | Phase::Restarting { .. } => Some(Updating { percent: 100, minutes: None }),
            _ => None,
        }
    }
}
