//! The appliance as people get it: the image in a virtual machine, a server, and nobody who touches anything.
//!
//! Each takes minutes where guests are emulated, and needs an image: `scripts/test --all` builds it, and names it in
//! NEXUS_TEST_IMAGE.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a panic is a failed scenario")]
#![allow(clippy::print_stderr, reason = "a failed scenario shows what can be repeated")]

mod bundles;
mod clock;
mod command;
mod cost;
mod counters;
mod first_start;
mod inside;
mod interrupted;
mod lost_writes;
mod ranges;
mod scenarios;
mod stage;
mod start_cost;
mod trouble;
mod updates;
mod wireless;
mod wishes;
