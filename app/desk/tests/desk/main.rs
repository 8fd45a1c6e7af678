//! The desk through its public door.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on shall stop")]
#![allow(missing_docs, reason = "test names are sentences")]

mod alerts;
mod applying;
mod durations;
mod formulas;
mod ratios;
mod schedules;
mod thresholds;
mod windows;
mod world;
