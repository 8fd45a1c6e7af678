//! Messages between a paired device and its server, read by both ends.
#![no_main]

use std::fmt::Debug;

use device::fleet::{Acknowledgement, Candidates, Command, Health, Turn};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};

fuzz_target!(|bytes: &[u8]| {
    read::<Candidates>(bytes);
    read::<Turn>(bytes);
    read::<Health>(bytes);
    read::<Command>(bytes);
    read::<Acknowledgement>(bytes);
});

fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    let Ok(message) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&message).expect("what can be read can be written");
    assert_eq!(serde_json::from_slice::<T>(&written).expect("what was written can be read"), message);
}
