//! The vault through its door.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

// Modes of files, and the scheme of macOS and Linux.
#[cfg(unix)]
mod file;
#[cfg(unix)]
mod rotation;
#[cfg(unix)]
mod secrets;
#[cfg(windows)]
mod windows;
