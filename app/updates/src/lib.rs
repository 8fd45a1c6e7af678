//! Releases of the appliance: what is published of each, and when whose turn it is.
//!
//! A release is a RAUC bundle and a [`Manifest`] that says what it is. The manifest is a target of a TUF repository
//! signed by the vendor's keys; the bundle is not, because RAUC streams it in pieces: the manifest holds the hash of the
//! bundle's own manifest, which RAUC is told to require, and that one holds the hash tree of everything in the bundle.

mod manifest;
mod waves;

pub use manifest::{Bundle, MAX_MANIFEST, Manifest, ManifestError, ManifestHash, Name, NoHash, NoName};
pub use semver::Version;
pub use waves::{NoSeed, SEEDS, Seed, Wave, Waves, WavesError};
