//! How long the demo desk takes for eight weeks of history, and for one poll.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures")]

use std::time::Instant;

use connectors::Source;
use demo::{Demo, Settings};
use jiff::{Timestamp, ToSpan};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // The middle of the ISO year is the ordinary case; in its first weeks the desk has a whole year before it to go through.
    for (name, now) in [
        ("in March, the quickest", "2026-03-18T11:00:00Z"),
        ("in the middle of the year", "2026-07-01T11:00:00Z"),
        ("in January, the slowest", "2027-01-27T11:00:00Z"),
    ] {
        let now: Timestamp = now.parse().unwrap();
        let mut demo = Demo::new(Settings::default());
        let started = Instant::now();
        let batch = demo.poll(now).await.unwrap();
        println!("demo history {name}: {} tickets in {} ms", batch.tickets.len(), started.elapsed().as_millis());
        let started = Instant::now();
        let polls = 180;
        let mut changed = 0;
        for poll in 1..=polls {
            changed += demo.poll(now + (20 * poll).seconds()).await.unwrap().tickets.len();
        }
        println!(
            "  one poll 20 s later: {} µs, {:.1} tickets",
            started.elapsed().as_micros() / polls as u128,
            changed as f64 / polls as f64
        );
    }
}
