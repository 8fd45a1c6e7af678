//! Secret blobs and the file that keeps them, `secrets.json`.
//!
//! A [`Vault`] stores each secret under the name of its setting, sealed with a key stretched from
//! the operator's [`Passphrase`]. Only the Broker opens one; the server process has neither the
//! passphrase nor a reason to read the file. Without a passphrase a vault still says which secrets
//! exist, and refuses everything else. There is no recovery path. On Windows the system seals them instead, for one
//! account of one machine.
//!
//! [`mod@file`] writes small files atomically and for their owner only, for everything on `/data`.
#![cfg_attr(windows, allow(dead_code, reason = "the passphrase and its cost have no part in the scheme of Windows"))]

#[cfg(not(windows))]
mod aesgcm;
mod cost;
#[cfg(windows)]
mod dpapi;
mod error;
pub mod file;
mod name;
mod passphrase;
#[cfg(not(windows))]
mod rotation;
mod sealed;
mod vault;

pub use cost::Cost;
pub use error::Error;
pub use name::Name;
pub use passphrase::Passphrase;
#[cfg(not(windows))]
pub use rotation::Rotation;
pub use sealed::Sealed;
pub use secrecy::{ExposeSecret, SecretString};
pub use vault::Vault;
