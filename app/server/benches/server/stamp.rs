//! When something was published, written into what is published.

use std::time::{Duration, SystemTime};

/// What stands before the digits. JSON leaves it as it is.
const MARK: &[u8] = b"stamp-";
const DIGITS: usize = 19;

/// Now, as text for an event: always of one length.
pub(crate) fn now() -> String {
    format!("stamp-{:0DIGITS$}", nanoseconds())
}

/// The stamp of these bytes, and how long ago that was.
pub(crate) fn age(bytes: &[u8]) -> Option<(u64, Duration)> {
    let start = place(bytes)? + MARK.len();
    let digits = std::str::from_utf8(bytes.get(start..start + DIGITS)?).ok()?;
    let stamp: u64 = digits.parse().ok()?;
    Some((stamp, Duration::from_nanos(nanoseconds().saturating_sub(stamp))))
}

/// The same text, stamped anew.
pub(crate) fn renew(text: &str) -> String {
    let start = place(text.as_bytes()).expect("a stamped event");
    format!("{}{}{}", &text[..start], now(), &text[start + MARK.len() + DIGITS..])
}

fn place(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK)
}

fn nanoseconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64
}
