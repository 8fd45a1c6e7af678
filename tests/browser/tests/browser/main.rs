//! The pages in a real Chromium. `scripts/test` builds the programs, installs Chromium and fetches axe-core first.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a panic is a failed test")]

mod administrator;
mod board;
mod boards;
mod desk;
mod everywhere;
mod forms;
mod guests;
mod one_time;
mod profile;
mod rules;
mod story;
mod strips;
mod suspended;
mod updates;
mod walk;
mod words;
