//! The Slint components that the TV draws, and Inter, their letters, embedded at build time.
//!
//! They are a crate of their own because what Slint generates of them takes long to compile, and changes seldom. What they
//! are told, and when, is the renderer's.

/// The version of the font package's Inter, as its files say.
pub const INTER_VERSION: &str = env!("NEXUS_INTER_VERSION");

/// How far each letter of ASCII advances in a row's type, in thousandths of its size.
pub static ADVANCES: [u16; 128] = include!(concat!(env!("OUT_DIR"), "/advances.rs"));

// Slint writes this module.
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::unwrap_used, reason = "generated code")]
mod generated {
    slint::include_modules!();
}

pub use generated::*;
