//! Every state of both copies, and every moment of a power cut, for the boot script and for the running system.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail loudly")]

mod backend;
mod boot_script;
mod copies;
mod trial;

use std::{fs, path::Path};

use slots::{Counters, GOOD, Order, Slot, Starts, Store};

/// A copy that lost its place in a power cut.
const TORN: Option<Counters> = None;

fn every() -> Vec<Counters> {
    let mut all = Vec::new();
    for order in [Order::A, Order::B, Order::AB, Order::BA] {
        for left_a in 0..=GOOD {
            for left_b in 0..=GOOD {
                let [left_a, left_b] = [left_a, left_b].map(|left| Starts::new(left).unwrap());
                all.push(Counters { order, left_a, left_b });
            }
        }
    }
    all
}

/// What a reader of two copies goes by.
fn counts(copies: [Option<Counters>; 2]) -> Counters {
    copies[0].or(copies[1]).unwrap_or(Counters::UNKNOWN)
}

fn partition(folder: &Path, copies: [Option<Counters>; 2]) -> Store {
    let mut bytes = vec![0; 1024 * 1024];
    for (at, copy) in [64 * 1024, 128 * 1024].into_iter().zip(copies) {
        match copy {
            Some(copy) => bytes[at..at + 1024].copy_from_slice(&copy.block()),
            None => bytes[at..at + 1024].fill(0xff),
        }
    }
    let path = folder.join("nexus-slots");
    fs::write(&path, bytes).unwrap();
    Store::open(&path).unwrap()
}

#[test]
fn what_is_written_reads_back() {
    for counters in every() {
        assert_eq!(Counters::read(&counters.block()), Some(counters));
    }
}

#[test]
fn what_u_boot_writes_reads_back() {
    for counters in every() {
        let Counters { order, left_a, left_b } = counters;
        let mut block = format!("check={counters}\nleft_a={left_a}\nleft_b={left_b}\norder={order}\n").into_bytes();
        block.resize(1024, 0);
        assert_eq!(Counters::read(&block), Some(counters));
    }
    assert_eq!(Counters::read(&[0; 1024]), None);
}

#[test]
fn a_copy_with_any_damaged_byte_is_not_whole_or_says_the_same() {
    let counters = Counters { order: Order::AB, left_a: Starts::new(2).unwrap(), left_b: Starts::GOOD };
    for at in 0..1024 {
        for damage in [0x00, 0x01, 0x04, 0xff] {
            let mut block = counters.block();
            block[at] ^= damage;
            assert!(Counters::read(&block).is_none_or(|read| read == counters), "byte {at} ^ {damage}");
        }
    }
}

#[test]
fn what_the_boot_loader_could_not_mend_is_mended_as_it_started_the_slot() {
    let folder = tempfile::tempdir().unwrap();
    let counted = Counters { order: Order::B, left_a: Starts::GOOD, left_b: Starts::TRIAL };
    let two = Starts::new(2).unwrap();
    for (copies, slot, after) in [
        ([TORN, Some(counted)], Slot::B, counted),
        ([Some(counted), TORN], Slot::B, counted),
        ([TORN, TORN], Slot::A, Counters { left_a: two, ..Counters::UNKNOWN }),
        ([TORN, TORN], Slot::B, Counters { left_b: two, ..Counters::UNKNOWN }),
    ] {
        let store = partition(folder.path(), copies);
        assert!(store.mend(slot).unwrap());
        assert_eq!(store.read().unwrap(), after, "{copies:?}");
        assert!(!store.mend(slot).unwrap(), "{copies:?}");
    }
}

#[test]
fn a_system_that_works_gets_all_its_starts_back_whatever_the_copies_said() {
    let folder = tempfile::tempdir().unwrap();
    let some = every();
    for first in some.iter().copied().step_by(7).map(Some).chain([TORN]) {
        for second in [TORN, first, Some(Counters::UNKNOWN)] {
            let store = partition(folder.path(), [first, second]);
            let before = counts([first, second]);
            assert_eq!(store.read().unwrap(), before);
            store.write(before.works(Slot::B)).unwrap();
            assert_eq!(store.read().unwrap(), Counters { left_b: Starts::GOOD, ..before });
        }
    }
}
