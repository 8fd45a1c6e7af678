//! A board's event stream as a TV reads it from a connection, in pieces, and the ids that come back to the server.
#![no_main]

use board::wire::{Decoder, EventId, Item, MAX_EVENT};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = decode(bytes, bytes.len());
    for length in [1, 2, 7] {
        assert_eq!(decode(bytes, length), whole, "the same stream in pieces of {length}");
    }
    for item in whole {
        let Item::Message(message) = item else { continue };
        assert!(message.data.len() <= MAX_EVENT && !message.name.is_empty());
        let Some(id) = message.id else { continue };
        if let Ok(read) = id.parse::<EventId>() {
            assert_eq!(read.to_string(), id, "an id has one spelling");
        }
    }
});

fn decode(bytes: &[u8], length: usize) -> Vec<Item> {
    let mut decoder = Decoder::default();
    let mut items = Vec::new();
    for piece in bytes.chunks(length.max(1)) {
        if decoder.push(piece, &mut items).is_err() {
            break;
        }
    }
    items
}
