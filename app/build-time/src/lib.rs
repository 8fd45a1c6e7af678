//! When this program was built: a clock that is earlier than that is wrong.

use jiff::Timestamp;

/// When this program was built; a reproducible build says when its sources were committed (`SOURCE_DATE_EPOCH`).
#[must_use]
pub fn built_at() -> Timestamp {
    let seconds = env!("NEXUS_BUILT_AT").parse().ok();
    seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}
