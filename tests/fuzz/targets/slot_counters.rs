//! The slot counters, as the boot loader or a power cut left them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use slots::{Counters, Slot, Starts};

fuzz_target!(|block: &[u8]| {
    let Some(counters) = Counters::read(block) else { return };
    assert!(counters.left_a <= Starts::GOOD && counters.left_b <= Starts::GOOD);
    assert_eq!(Counters::read(&counters.block()), Some(counters), "what was written can be read");
    for slot in [Slot::A, Slot::B] {
        assert_eq!(Counters::read(&counters.works(slot).block()), Some(counters.works(slot)));
    }
});
