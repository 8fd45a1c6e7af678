//! Request Tracker's connector through its door: against a scripted stand-in for the Broker, and, where
//! one is given, against a real Request Tracker behind a real Broker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod clocks;
mod large;
mod log;
mod meanings;
mod people;
mod real;
mod scripted;
mod stand_in;
mod vault_trouble;
