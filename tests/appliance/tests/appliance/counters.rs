//! The slot counters, as the boot loader of the real image finds them after power cuts, rot and bad updates: it starts,
//! and leaves two whole copies that say what it did.

use std::{
    fs::File,
    os::unix::fs::FileExt as _,
    thread,
    time::{Duration, Instant},
};

use appliance::{Card, Display};
use slots::{Counters, GOOD, Order, Starts};

use crate::stage::{START, Stage, is_debug, start, wait_for_picture, wait_for_state};

/// Where the copies begin on a card. Partition layout v1 freezes the partition's place, `image/build/disk` theirs in it.
const COPIES: [u64; 2] = [PARTITION + 64 * 1024, PARTITION + 128 * 1024];
const PARTITION: u64 = 81 * 1024 * 1024;
/// Bytes of a copy.
const LENGTH: usize = 1024;
/// Within which a system that works has told the boot loader so: it waits for 90 s itself, and may ask again.
pub(crate) const TOLD: Duration = Duration::from_secs(400);

#[test]
#[ignore = "takes minutes and an image"]
fn a_copy_that_is_torn_is_mended_from_the_other_and_the_slot_counted_down() {
    let whole = counters(Order::A, 5, 0);
    for copies in [[torn(whole), whole.block()], [whole.block(), torn(whole)]] {
        leads_to(copies, [Some(counters(Order::A, 4, 0)); 2]);
    }
}

#[test]
#[ignore = "takes minutes and an image"]
fn a_screen_whose_slots_have_no_start_left_starts_and_both_have_new_ones() {
    leads_to([counters(Order::AB, 0, 0).block(); 2], [Some(counters(Order::AB, 2, 3)); 2]);
}

#[test]
#[ignore = "takes minutes and an image"]
fn an_update_that_cannot_even_be_loaded_leads_back_to_the_slot_that_works() {
    leads_to([counters(Order::BA, 9, 1).block(); 2], [Some(counters(Order::BA, 8, 0)); 2]);
}

#[test]
#[ignore = "takes minutes and an image"]
fn a_screen_starts_with_both_copies_torn_and_once_it_works_both_say_so() {
    let whole = counters(Order::A, 5, 0);
    let card = leads_to([torn(whole); 2], [Some(counters(Order::AB, 2, 3)); 2]);
    let _machine = start(&card, Display::Connected(1280, 720));
    let good = Some(counters(Order::AB, GOOD, 3));
    wait_for_counters(&card, "the proof", TOLD, |copies| copies == [good; 2]);
}

/// Starts a screen with these copies until it shows a code, and compares what was left in them before the system could
/// say anything.
fn leads_to(before: [[u8; LENGTH]; 2], after: [Option<Counters>; 2]) -> Card {
    let stage = Stage::new();
    let card = stage.card(&format!("server = \"{}\"\n", stage.url()));
    let disk = File::options().write(true).open(card.disk()).unwrap();
    for (at, copy) in COPIES.into_iter().zip(before) {
        disk.write_all_at(&copy, at).unwrap();
    }
    let mut machine = start(&card, Display::Connected(1280, 720));
    wait_for_picture(&mut machine, START, "that it starts", appliance::picture::Picture::is_ours);
    wait_for_state(&mut machine, "pairing");
    assert_eq!(copies(&card), after);
    if is_debug() {
        let said = machine.run("cat /proc/cmdline", Duration::from_secs(60)).unwrap();
        assert!(said.contains("nexus.slot=a "), "{said}");
    }
    drop(machine);
    card
}

/// Waits until the copies on a card that runs are as they shall be.
pub(crate) fn wait_for_counters(
    card: &Card,
    what: &str,
    patience: Duration,
    are: impl Fn([Option<Counters>; 2]) -> bool,
) {
    let until = Instant::now() + patience;
    while !are(copies(card)) {
        assert!(Instant::now() < until, "never {what}: {:?}", copies(card));
        thread::sleep(Duration::from_secs(1));
    }
}

pub(crate) fn copies(card: &Card) -> [Option<Counters>; 2] {
    let disk = File::open(card.disk()).unwrap();
    COPIES.map(|at| {
        let mut block = [0; LENGTH];
        disk.read_exact_at(&mut block, at).unwrap();
        Counters::read(&block)
    })
}

fn counters(order: Order, left_a: u8, left_b: u8) -> Counters {
    let [left_a, left_b] = [left_a, left_b].map(|left| Starts::new(left).expect("0 to 9"));
    Counters { order, left_a, left_b }
}

/// A copy of which the power cut left the first line, and flash what it likes.
fn torn(counters: Counters) -> [u8; LENGTH] {
    let mut block = [0xff; LENGTH];
    block[..32].copy_from_slice(&counters.block()[..32]);
    block
}
