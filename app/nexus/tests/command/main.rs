//! The command as a person uses it: start, stop, kill, and mistakes.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test may fail loudly and explains itself")]

mod browser;
mod configuration;
mod connect;
mod console;
mod doubles;
mod life;
mod pages;
mod stage;
mod updates;
