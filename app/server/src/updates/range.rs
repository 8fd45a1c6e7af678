//! Which part of a file is asked for (RFC 9110, sections 13 and 14).

use http::{HeaderMap, header};

/// What to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The whole file.
    Whole,
    /// From the first to the last of these bytes, both counted from 0.
    Part { first: u64, last: u64 },
    /// There is no such part.
    Nothing,
}

/// Reads a request for a file of `length` bytes that is tagged `tag`. Several parts at once are not sent; by the standard,
/// that is answered with all of it.
pub(super) fn wanted(headers: &HeaderMap, length: u64, tag: &str) -> Wanted {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let Some(range) = text(header::RANGE) else { return Wanted::Whole };
    // Of another file than now, a part is of no use. Strong comparison: a date or a weak tag is none of ours.
    if text(header::IF_RANGE).is_some_and(|held| held != tag) {
        return Wanted::Whole;
    }
    part(range, length).unwrap_or(Wanted::Whole)
}

/// The one part that a `Range` names; `None` where it is to be passed over.
fn part(range: &str, length: u64) -> Option<Wanted> {
    let (unit, ranges) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = ranges.trim().split_once('-')?;
    if first.is_empty() {
        let suffix = number(last)?.min(length);
        return Some(if suffix == 0 {
            Wanted::Nothing
        } else {
            Wanted::Part { first: length - suffix, last: length - 1 }
        });
    }
    let first = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    if last < first {
        return None;
    }
    Some(if first >= length { Wanted::Nothing } else { Wanted::Part { first, last: last.min(length - 1) } })
}

fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // More than fits is past the end of everything.
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(range: &str, if_range: &str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().unwrap());
        if !if_range.is_empty() {
            headers.insert(header::IF_RANGE, if_range.parse().unwrap());
        }
        wanted(&headers, 1000, "\"a\"")
    }

    #[test]
    fn one_part_is_read_as_the_standard_has_it() {
        for (range, first, last) in [
            ("bytes=0-0", 0, 0),
            ("bytes=0-999", 0, 999),
            ("Bytes=500-", 500, 999),
            ("bytes=-1", 999, 999),
            ("bytes=-5000", 0, 999),
            ("bytes=10-99999999999999999999999", 10, 999),
        ] {
            assert_eq!(asked(range, ""), Wanted::Part { first, last }, "{range}");
        }
        for range in ["bytes=1000-", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(asked(range, ""), Wanted::Nothing, "{range}");
        }
        for range in ["bytes=0-1,5-6", "bytes=9-3", "bytes=+1-2", "bytes=1", "lines=1-2", "bytes=-", "bytes="] {
            assert_eq!(asked(range, ""), Wanted::Whole, "{range}");
        }
    }

    #[test]
    fn a_part_of_another_file_is_not_sent() {
        assert_eq!(asked("bytes=5-9", "\"a\""), Wanted::Part { first: 5, last: 9 });
        for other in ["\"b\"", "W/\"a\"", "Sat, 28 Nov 2026 10:00:00 GMT"] {
            assert_eq!(asked("bytes=5-9", other), Wanted::Whole, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_always_within_the_file(range in "(bytes=)?[0-9,-]{0,12}", length in 0_u64..50) {
            if let Some(Wanted::Part { first, last }) = part(&range, length) {
                prop_assert!(first <= last && last < length);
            }
        }
    }
}
