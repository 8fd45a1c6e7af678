//! What time it is. Tests bring a clock of their own.

use std::sync::Arc;

use jiff::Timestamp;

/// A source of the present time.
pub trait Clock: Send + Sync {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that many tasks share.
pub type SharedClock = Arc<dyn Clock>;
