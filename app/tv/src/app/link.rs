//! How the connection to the server stands, and what of it the wall tells.
//!
//! A reconnection that a person would not notice is not told. One that breaks again before it proved itself is none: the
//! loss that came first is told until a connection holds.

use std::time::Duration;

use crate::stream::{Loss, PROVEN};

/// A signalled loss is shown after this much: less than a person notices, more than an ordinary reconnection takes.
/// With a tick each second it is on the wall well within 5 s.
const GRACE: Duration = Duration::from_secs(2);

/// The connection to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The first attempt is under way.
    Connecting,
    /// It speaks; after a loss, if there was one.
    Open {
        since: Duration,
        after: Option<Lost>,
    },
    Lost(Lost),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    /// From when on it is told.
    told_from: Duration,
    why: Loss,
    /// Whether a connection that came after it broke as well, before it had proved itself.
    again: bool,
}

impl Link {
    /// The server speaks.
    pub(super) fn opened(&mut self, now: Duration) {
        let after = match *self {
            Self::Lost(lost) => Some(lost),
            Self::Connecting | Self::Open { .. } => None,
        };
        *self = Self::Open { since: now, after };
    }

    /// It was lost.
    pub(super) fn lost(&mut self, why: Loss, now: Duration) {
        // A silent one was dead for 12 s already.
        let told_from = if why == Loss::Silent { now } else { now + GRACE };
        *self = Self::Lost(match *self {
            Self::Lost(before) => Lost { why, ..before },
            Self::Open { since, after: Some(before) } if now < since + PROVEN => {
                Lost { told_from: before.told_from.min(told_from), why, again: true }
            }
            Self::Connecting | Self::Open { .. } => Lost { told_from, why, again: false },
        });
    }

    /// Whether there is a connection that can be relied on.
    pub(super) fn holds(&self, now: Duration) -> bool {
        matches!(self, Self::Open { .. }) && self.unreliable(now).is_none()
    }

    /// Why there is no connection that can be relied on.
    pub(super) fn trouble(&self, now: Duration) -> Option<Loss> {
        self.unreliable(now).map(|lost| lost.why)
    }

    /// The same, where it is told by now.
    pub(super) fn told(&self, now: Duration) -> Option<Loss> {
        self.unreliable(now).filter(|lost| now >= lost.told_from).map(|lost| lost.why)
    }

    fn unreliable(&self, now: Duration) -> Option<Lost> {
        match *self {
            Self::Lost(lost) => Some(lost),
            Self::Open { since, after } => after.filter(|lost| lost.again && now < since + PROVEN),
            Self::Connecting => None,
        }
    }
}
