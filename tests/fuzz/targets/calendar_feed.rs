//! An on-call calendar's feed: whatever it holds, its shifts are in order and within the window, and reading it ends.
#![no_main]

use std::sync::LazyLock;

use connectors::calendar::Calendar;
use desk::Window;
use jiff::{Timestamp, tz::TimeZone};
use libfuzzer_sys::fuzz_target;

static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Berlin").expect("it is in the database"));

fuzz_target!(|feed: &[u8]| {
    let at = |text: &str| text.parse::<Timestamp>().expect("it is an instant");
    let window = Window { start: at("2026-03-01T00:00:00Z"), end: at("2026-07-01T00:00:00Z") };
    let Ok(calendar) = Calendar::read(&String::from_utf8_lossy(feed), &ZONE, window) else { return };
    for shift in calendar.on_call(at("2026-05-01T09:00:00Z")) {
        assert!(shift.start < shift.end && shift.end > window.start && shift.start < window.end, "{shift:?}");
        assert!(!shift.name.is_empty() && !shift.name.contains(char::is_control), "{shift:?}");
    }
    if let Some(next) = calendar.next(window.start, None) {
        assert!(next.start > window.start && next.start < window.end, "{next:?}");
    }
});
