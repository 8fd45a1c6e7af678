//! The server through its public doors: real TLS on loopback, a made-up desk and a clock that can be moved.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test may fail loudly and explains itself"
)]

mod admin;
mod alerts;
mod boards;
mod browser;
mod files;
mod input;
mod links;
mod on_call;
mod pairings;
mod settings;
mod stage;
mod stick;
mod streams;
mod tls;
