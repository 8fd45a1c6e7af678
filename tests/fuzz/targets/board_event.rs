//! An event of a board's stream, as a TV reads it from a server.
#![no_main]

use board::wire::Event;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (name, data) = input;
    if let Ok(Some(event)) = Event::from_fields(name, data) {
        // What was accepted can be sent on, and reads as the same event.
        let sent = event.to_data().expect("an event that was read can be written");
        assert_eq!(Event::from_fields(event.name(), &sent).expect("what was written can be read"), Some(event));
    }
});
