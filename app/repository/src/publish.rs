//! The vendor's side: keys, and a folder that is published as it is.
//!
//! Whatever is to be written is a [`Plan`] first: it can be looked at instead of carried out, and before it is carried out
//! a client has followed it.

mod authority;
mod keys;
mod plan;
mod release;
mod repository;
mod signing;

pub use keys::{Keys, Successor};
pub use plan::Plan;
pub use release::{Published, default_waves};
pub use repository::Publisher;

/// The roots that sign a new root.
pub const ROOT_KEYS: usize = 3;
/// How many of them are needed.
pub const ROOT_THRESHOLD: u64 = 2;

/// How long each part of the metadata is believed, in days.
pub(crate) mod lifetime {
    pub(crate) const ROOT: i64 = 365;
    pub(crate) const TARGETS: i64 = 180;
    pub(crate) const SNAPSHOT: i64 = 30;
    /// A screen that saw no fresh one for so long says so.
    pub(crate) const TIMESTAMP: i64 = 14;
}
