//! The pairing exchange and device sessions through their public door: honest runs, attacks, and noise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test may fail loudly and explains itself"
)]

mod attacks;
mod honest;
mod links;
mod rotation;
mod sessions;
mod stage;
