use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// A provider's answer. Any status but those that were retried in vain.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers that the Broker passes on.
    pub headers: HeaderMap,
    /// The whole body; the Broker and [`crate::Connection`] bound it.
    pub body: Bytes,
}

impl Response {
    /// What `Retry-After` says, in seconds; an HTTP date (RFC 9110, section 10.2.3) is compared with the
    /// answer's own `Date`, so that our clock does not matter.
    pub fn retry_after(&self) -> Option<std::time::Duration> {
        let text = self.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(std::time::Duration::from_secs(seconds));
        }
        let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(until.duration_since(self.date()?).try_into().unwrap_or_default())
    }

    /// What the provider's clock said.
    pub fn date(&self) -> Option<jiff::Timestamp> {
        let text = self.headers.get(http::header::DATE)?.to_str().ok()?;
        Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
    }
}
