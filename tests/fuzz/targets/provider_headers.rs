//! The headers of a provider's answer: `Retry-After` on the first line, `Date` on the second.
#![no_main]

use bridge::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let mut lines = text.splitn(2, |byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in [header::RETRY_AFTER, header::DATE] {
        if let Some(value) = lines.next().and_then(|line| HeaderValue::from_bytes(line).ok()) {
            headers.insert(name, value);
        }
    }
    let answer = Response { status: StatusCode::SERVICE_UNAVAILABLE, headers, body: bytes::Bytes::new() };
    if let Some(date) = answer.date() {
        assert_eq!(date.subsec_nanosecond(), 0, "a date of HTTP has whole seconds");
    }
    answer.retry_after();
});
