//! The TUF repository of releases (theupdateframework.github.io): how screens and servers [follow] it, and how the vendor
//! [publishes](publish) it.
//!
//! A target is the small [`Manifest`](updates::Manifest) of a release. The bundles lie beside the targets and are none:
//! RAUC streams them in pieces, and requires the hash that the manifest names. Who carries the repository (a web server,
//! a Nexus server that mirrors it, a USB stick) is trusted with nothing: it can withhold, and that is noticed when the
//! metadata expires.

mod client;
mod error;
mod kept;
#[cfg(feature = "publish")]
pub mod publish;
mod recording;

pub use client::{Followed, Fresh, Release, Source, follow};
pub use error::{FollowError, Role};
pub use tough::{FilesystemTransport, Transport, TransportError, TransportErrorKind, TransportStream, async_trait};

/// The largest file of metadata that is read. Real ones have a few thousand bytes.
pub const MAX_METADATA: u64 = 256 * 1024;
/// The most new versions of the root that are followed at once: a key a month for twenty years.
pub const MAX_ROOTS: u64 = 240;
/// The most releases of each compatible string that are looked at: the newest ones.
pub const MAX_RELEASES: usize = 32;
