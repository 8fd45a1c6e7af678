//! A line on the socket between agent and TV, read by both ends.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    let _ = device::lines::decode::<device::State>(line);
    let _ = device::lines::decode::<device::Report>(line);
});
