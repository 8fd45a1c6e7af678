//! A one-time code, as a person types it into the admin interface.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pairing::Code;

const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fuzz_target!(|typed: &str| {
    let Ok(code) = typed.parse::<Code>() else { return };
    let shown = code.shown();
    assert_eq!(shown.parse().as_ref(), Ok(&code), "a code reads as it is shown");
    assert_eq!(shown.to_ascii_lowercase().replace('-', " ").parse().as_ref(), Ok(&code), "however it is typed");
    for (index, right) in shown.bytes().enumerate().filter(|(_, byte)| *byte != b'-') {
        for wrong in ALPHABET.iter().filter(|wrong| **wrong != right) {
            let mut slipped = shown.clone().into_bytes();
            slipped[index] = *wrong;
            let slipped = String::from_utf8(slipped).expect("codes are ASCII");
            assert!(slipped.parse::<Code>().is_err(), "{slipped} passes for {shown}");
        }
    }
});
