//! What is remembered of updates across restarts.

use device::fleet::{Slot, UpdateFailure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use updates::{Seed, Version};

/// What is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The device's place among all, drawn once.
    pub seed: Seed,
    /// The update that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// An update that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which.
    pub version: Version,
    /// Where to.
    pub slot: Slot,
    /// How far it came.
    pub stage: Stage,
}

/// How far an update came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is being written.
    Installing,
    /// It is written, and not the next to be started.
    Installed,
    /// It is the next to be started.
    Activated,
}

/// An update that did not come about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What is told of it.
    #[serde(flatten)]
    pub what: UpdateFailure,
    /// How often in a row.
    pub times: u32,
    /// When it may be tried again; not by itself where it started and did not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_at: Option<Timestamp>,
}

impl Record {
    /// Of a device that has never updated.
    #[must_use]
    pub const fn new(seed: Seed) -> Self {
        Self { seed, attempt: None, failure: None }
    }
}
