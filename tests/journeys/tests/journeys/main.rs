//! Journeys through the whole house. `scripts/test` builds the programs and starts a Request Tracker first.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a panic is a failed journey")]

mod bad_input;
mod finding;
mod helpdesk;
mod run;
mod screens;
mod traffic;
mod truth;
