//! A data folder as one file: made while the server runs, and verified before it is put back.
//!
//! [`create()`] writes an archive, [`list`] verifies one and says what it holds, [`restore()`] makes a data folder of it.
//! An archive is as secret as the folder: it holds the authority's key, password hashes and the history in the clear.
//! The helpdesk's credentials stay sealed in it, and open with the passphrase of the day on which it was made.
//!
//! # The form
//!
//! A tar file in one zstd frame with a checksum. Its first entry is `manifest.json`, which names every other one in its
//! order, with length and SHA-256; then they follow, as plain files. Anything else, and anything more, is refused: the
//! form has no room for links, owners, modes or paths that lead elsewhere. The checksums tell damage, not malice: whoever
//! can write an archive can write another one.

mod archive;
mod create;
mod error;
mod manifest;
mod name;
mod restore;
mod snapshot;

pub use archive::{unpack, verify};
pub use create::{Created, create};
pub use error::{Error, Fault};
pub use manifest::{Entry, Manifest};
pub use name::Name;
pub use restore::{Existing, Restored, list, restore};
