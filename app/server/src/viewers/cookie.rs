//! The cookie that carries a viewer's session.

use http::{HeaderMap, HeaderValue};
use jiff::SignedDuration;

use crate::admin::cookie;

/// The prefix binds it to this host, to HTTPS and to the whole site (RFC 6265bis, section 4.1.3.2).
const NAME: &str = "__Host-nexus-view";

/// The session token of a request.
pub(crate) fn session(headers: &HeaderMap) -> Option<String> {
    cookie::named(NAME, headers)
}

/// The header that gives a browser its session. `Lax`, because a board is opened from a bookmark, a chat or a wiki, which
/// `Strict` would turn into the question for the passcode; nothing can be changed by this cookie.
pub(super) fn set(token: &str, lifetime: SignedDuration) -> Option<HeaderValue> {
    let age = lifetime.as_secs();
    HeaderValue::from_str(&format!("{NAME}={token}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax")).ok()
}

/// The header that takes it away again.
pub(super) fn clear() -> HeaderValue {
    HeaderValue::from_static("__Host-nexus-view=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
}
