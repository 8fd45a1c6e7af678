//! A line on the socket between agent and TV, read by both ends.
#![no_main]

use std::fmt::Debug;

use device::lines::{self, LineError};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};

fuzz_target!(|line: &[u8]| {
    read::<device::Said>(line);
    read::<device::State>(line);
    read::<device::Report>(line);
});

fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(line: &[u8]) {
    let Ok(message) = lines::decode::<T>(line) else { return };
    match lines::encode(&message) {
        Ok(line) => {
            assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1, "a message is one line");
            assert_eq!(lines::decode::<T>(&line).expect("what was written can be read"), message);
        }
        // An address grows where its characters are escaped.
        Err(LineError::TooLong(_)) => {}
        Err(LineError::Malformed(error)) => panic!("{message:?} can be read but not written: {error}"),
    }
}
