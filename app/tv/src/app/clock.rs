//! What time it is on a device whose clock may be wrong.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A difference up to this is the network's and the header's, which has no fractions of a second.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

/// The two clocks of the device, read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since the program started; never jumps. Ages and waits are told by it.
    pub since_start: Duration,
    /// The device's idea of the time; may be a year off, and may jump.
    pub wall: Timestamp,
}

/// The time that the wall tells.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// What the verified server said, and when.
    server: Option<(Timestamp, Duration)>,
    agent: SignedDuration,
}

impl Clock {
    pub(super) fn server_says(&mut self, date: Timestamp, now: Now) {
        self.server = Some((date, now.since_start));
    }

    pub(super) fn agent_says(&mut self, seconds: i64) {
        self.agent = SignedDuration::from_secs(seconds);
    }

    pub(super) fn time(&self, now: Now) -> Timestamp {
        let trusted = match self.server {
            Some((date, heard)) => date.checked_add(now.since_start.saturating_sub(heard)),
            None => now.wall.checked_add(self.agent),
        };
        match trusted {
            Ok(trusted) if trusted.duration_since(now.wall).abs() > TOLERANCE => trusted,
            _ => now.wall,
        }
    }
}
