//! The demo desk, watched for weeks.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod board;
mod director;
mod figures;
mod repeatable;

use super::*;

/// A desk in UTC with another seed.
fn settings(seed: u64) -> Settings {
    Settings { seed, ..Settings::default() }
}

fn at(instant: &str) -> i64 {
    instant.parse::<Timestamp>().unwrap().as_second()
}

/// The ISO year 2026, advanced to an instant.
fn simulation(settings: &Settings, instant: &str) -> Simulation {
    let now = at(instant);
    let mut simulation =
        Simulation::new(settings.seed, settings.scenario, Era::at(now, &settings.zone), &settings.zone);
    simulation.advance(now);
    simulation.take_changes();
    simulation
}
