//! The vault through its door.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod file;
mod secrets;
