//! Updates: what a screen installs, and when.
//!
//! [`rules`] are the rules, without I/O and with a clock that is handed in. What they need of the world are three small
//! traits: an [`UpdateSource`] tells which releases there are and whose turn it is, an [`Installer`] writes a bundle to the
//! other slot, and a [`BootFlow`] knows which slot was started and which is started next.

mod follow;
mod health;
pub mod mirror;
pub mod rauc;
mod record;
pub mod rules;
pub mod stored;

use std::future::Future;
use std::path::PathBuf;

use device::fleet::{Candidates, Slot, Turn};
use updates::{Manifest, Name, Version};
use url::Url;

pub use follow::{Store, World};
pub use health::report_without_updates;
pub use record::{Attempt, Failure, Record, Stage};

/// Where updates come from. What it says of releases was verified; what it says of turns is the server's word.
pub trait UpdateSource {
    /// The releases that are published for an image.
    fn releases(&self, compatible: &Name) -> impl Future<Output = Result<Vec<Manifest>, String>> + Send;

    /// Whose turn it is.
    fn turn(&self, candidates: &Candidates) -> impl Future<Output = Result<Turn, String>> + Send;

    /// Where the bundle of a release is.
    ///
    /// # Errors
    /// Nobody has it now, in words.
    fn origin(&self, release: &Manifest) -> Result<Origin, String>;
}

/// Where a bundle is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its address.
    pub url: Url,
    /// A file of certificates (PEM) by which that server is verified.
    pub ca: PathBuf,
}

/// Writes bundles to the slot that does not run.
pub trait Installer {
    /// Installs the bundle of a release, and of no other one, without making it the next to be started.
    fn install(
        &self,
        release: &Manifest,
        origin: &Origin,
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

/// How the machine was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The slot.
    pub slot: Slot,
    /// The version in it.
    pub version: Version,
    /// Which images it takes.
    pub compatible: Name,
    /// The version of what starts the slots, which an update does not change.
    pub boot: u32,
    /// Whether the slot has shown that it works.
    pub proven: bool,
    /// Why the other slot was left, where its system could still say so.
    pub left: Option<String>,
}
