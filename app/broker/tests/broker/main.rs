//! The Broker through its door: a provider on one side, the Bridge on the other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod address;
mod calendar;
mod kept;
mod one_time;
mod process;
mod proxy;
mod session_key;
mod stage;
mod tls;
mod webhook;
mod writes;
