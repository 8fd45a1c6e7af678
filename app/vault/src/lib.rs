//! Secret blobs and the file that keeps them, `secrets.json`.
//!
//! A [`Vault`] stores each secret under the name of its setting, sealed with a key stretched from
//! the operator's [`Passphrase`]. Only the Broker opens one; the server process has neither the
//! passphrase nor a reason to read the file. Without a passphrase a vault still says which secrets
//! exist, and refuses everything else. There is no recovery path.
//!
//! [`mod@file`] writes small files atomically and for their owner only, for everything on `/data`.

mod cost;
mod error;
pub mod file;
mod name;
mod passphrase;
mod sealed;
mod vault;

pub use cost::Cost;
pub use error::Error;
pub use name::Name;
pub use passphrase::Passphrase;
pub use sealed::Sealed;
pub use secrecy::{ExposeSecret, SecretString};
pub use vault::Vault;
