//! The repository through its doors: the vendor's on one side, the client's on the other, and whoever is between them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod attacks;
mod endless;
mod honest;
mod keys;
mod stage;
