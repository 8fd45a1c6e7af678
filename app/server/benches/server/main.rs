//! What it costs to serve screens: streams, memory, the time from a change to the last screen, sign-ins, requests; and
//! the same fan-out by nginx with nchan, with the same bytes.
//!
//! Run with `scripts/bench server [STREAMS]`; `scripts/bench panels` asks it how large the events of real panels are. The
//! server, nginx and the screens are processes of their own, so that the screens' memory and time do not count as the
//! server's. Every screen has a TLS connection of its own. All share the machine's cores: what a screen needs to read an
//! event is part of the time until the last one has it.
//!
//! Of a stream's memory, 4 KiB are rustls' buffer for what a client might say; the rest are its keys and our task. Of the
//! processor time of an event, two thirds and more are the kernel's, in the one write that each stream gets. That is why it
//! is not half of nchan's: the bare writes that are printed beside it, without TLS, HTTP or a scheduler, are more than that
//! already.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench fails loudly and prints its figures"
)]

mod board_server;
mod nchan;
mod panels;
mod process;
mod requests;
mod screens;
mod stamp;
mod writes;

use std::{process::Command, time::Duration};

use board_server::BoardServer;
use nchan::Nchan;
use process::{Measured, raise_limits};
use screens::{Deliveries, Screens};

const DEFAULT_STREAMS: usize = 1000;
/// How many events are watched for each size. There is one a second.
const WATCHED: u32 = 20;
/// So long subjects make an event of the panel that changes about 600 bytes, and 12 kB: a small one, and one that no panel
/// of the demo's boards comes near.
const SUBJECTS: [usize; 2] = [20, 2850];

/// Where a server of events is, and what a screen asks it for.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: std::net::SocketAddr,
    pub(crate) path: &'static str,
    /// The certificate that it is verified against, PEM.
    pub(crate) anchor: String,
}

fn main() {
    rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap();
    raise_limits();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let arguments = std::env::args().skip(1).filter(|argument| argument != "--bench").collect::<Vec<_>>();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["panels"] => runtime.block_on(panels::sizes()),
        ["serve"] => runtime.block_on(board_server::serve()),
        ["writes", streams] => writes::write(streams),
        ["readers", address, streams] => runtime.block_on(writes::read(address, streams)),
        ["screens", address, path, anchor, streams] => runtime.block_on(screens::read(address, path, anchor, streams)),
        [] => runtime.block_on(measure(DEFAULT_STREAMS)),
        [streams] => runtime.block_on(measure(streams.parse().expect("a number of streams"))),
        _ => panic!("one number of streams, please"),
    }
}

async fn measure(streams: usize) {
    let mut ours = BoardServer::start();
    println!("-- nexus, {streams} streams over TLS");
    let idle = ours.process.measure();
    let mut screens = Screens::open(&ours.target, streams);
    opened(&screens, &idle, &ours.process.measure(), streams);
    let mut published = Vec::new();
    for length in SUBJECTS {
        ours.lengthen_subjects(length);
        // What the change of size itself sends is not watched.
        tokio::time::sleep(Duration::from_secs(3)).await;
        screens.take();
        let before = ours.process.measure();
        tokio::time::sleep(Duration::from_secs(1) * WATCHED).await;
        let deliveries = screens.take();
        delivered(&deliveries, &before, &ours.process.measure(), streams);
        published.push(deliveries.event);
    }
    screens.close();
    requests::sign_in(&ours).await;
    requests::state(&ours).await;
    ours.stop();

    println!("-- bare writes of as many bytes, {streams} streams");
    writes::measure(streams, published.iter().map(String::len));

    if Command::new("nginx").arg("-v").output().is_err() {
        println!("-- nginx with nchan: not installed, not compared");
        return;
    }
    println!("-- nginx with nchan, {streams} streams over TLS, the same events");
    let nchan = Nchan::start().await;
    let idle = nchan.measure();
    let mut screens = Screens::open(&nchan.target, streams);
    opened(&screens, &idle, &nchan.measure(), streams);
    for event in published {
        screens.take();
        let before = nchan.measure();
        nchan.publish(&event, WATCHED).await;
        delivered(&screens.take(), &before, &nchan.measure(), streams);
    }
    screens.close();
}

fn opened(screens: &Screens, idle: &Measured, held: &Measured, streams: usize) {
    println!("{:>9.0} streams opened a second", streams as f64 / screens.opening.as_secs_f64());
    let each = held.memory.saturating_sub(idle.memory) as f64 / 1024.0 / streams as f64;
    println!("{each:>9.1} KiB of memory a stream");
}

fn delivered(deliveries: &Deliveries, before: &Measured, after: &Measured, streams: usize) {
    assert!(deliveries.events > 0, "no event reached every screen");
    let kind = format!("{} events of {} bytes", deliveries.events, deliveries.event.len());
    println!("{:>9.1} ms from a change to half of all deliveries: {kind}", milliseconds(deliveries.median));
    println!("{:>9.1} ms to 99 % of all deliveries", milliseconds(deliveries.p99));
    println!("{:>9.1} ms to the last screen, in half of the events", milliseconds(deliveries.last_median));
    println!("{:>9.1} ms to the last screen, in the slowest event", milliseconds(deliveries.last_slowest));
    let events = deliveries.count as f64 / streams as f64;
    println!("{:>9.1} ms of processor time an event", milliseconds(after.cpu - before.cpu) / events);
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
