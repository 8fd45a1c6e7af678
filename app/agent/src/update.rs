//! Updates: what a screen installs, and when.
//!
//! [`rules`] are the rules, without I/O and with a clock that is handed in. What they need of the world are three small
//! traits: an [`UpdateSource`] tells which releases there are and whose turn it is, an [`Installer`] writes a bundle to the
//! other slot, and a [`BootFlow`] knows which slot was started and which is started next.

pub mod rauc;
mod record;
pub mod rules;

use std::future::Future;

use device::fleet::{Candidates, Turn};
use updates::{Manifest, Name, Version};

pub use record::{Attempt, Failure, Record, Stage};

/// Where updates come from. What it says of releases was verified; what it says of turns is the server's word.
pub trait UpdateSource {
    /// The releases that are published for an image.
    fn releases(&self, compatible: &Name) -> impl Future<Output = Result<Vec<Manifest>, String>> + Send;

    /// Whose turn it is.
    fn turn(&self, candidates: &Candidates) -> impl Future<Output = Result<Turn, String>> + Send;
}

/// Writes bundles to the slot that does not run.
pub trait Installer {
    /// Installs the bundle of a release, and of no other one, without making it the next to be started.
    fn install(
        &self,
        release: &Manifest,
        progress: impl Fn(u8) + Send + Sync,
    ) -> impl Future<Output = Result<(), String>> + Send;
}

/// Which slot runs, and which is started next.
pub trait BootFlow {
    /// How the machine was started.
    fn started(&self) -> impl Future<Output = Result<Started, String>> + Send;

    /// Whether the running slot has shown that it works.
    fn proven(&self) -> impl Future<Output = Result<bool, String>> + Send;

    /// Makes a slot the first to be started. Another one than the running one begins a trial.
    fn activate(&self, slot: Slot) -> impl Future<Output = Result<(), String>> + Send;

    /// Restarts the machine.
    fn restart(&self) -> impl Future<Output = Result<(), String>> + Send;
}

/// A place for a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// How the machine was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The slot.
    pub slot: Slot,
    /// The slot that the boot loader prefers. It is another one where that one has no starts left.
    pub primary: Slot,
    /// The version in it.
    pub version: Version,
    /// Which images it takes.
    pub compatible: Name,
    /// The version of what starts the slots, which an update does not change.
    pub boot: u32,
    /// Whether the slot has shown that it works.
    pub proven: bool,
}
