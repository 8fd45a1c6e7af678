//! A board's event stream, as a TV reads it from a connection, in pieces.
#![no_main]

use board::wire::{Decoder, Item};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], u8)| {
    let (bytes, length) = input;
    let whole = decode(std::iter::once(bytes));
    assert_eq!(decode(bytes.chunks(usize::from(length).max(1))), whole, "the same stream in other pieces");
});

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Item> {
    let mut decoder = Decoder::default();
    let mut items = Vec::new();
    for piece in pieces {
        if decoder.push(piece, &mut items).is_err() {
            break;
        }
    }
    items
}
