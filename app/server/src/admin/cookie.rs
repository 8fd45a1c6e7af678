//! The cookie that carries an administrator's session. Its value is a secret; the server keeps a hash of it.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use http::{HeaderMap, HeaderValue, header};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

/// The prefix binds it to this host, to HTTPS and to the whole site (RFC 6265bis, section 4.1.3.2).
const NAME: &str = "__Host-nexus-admin";

/// A fresh session token.
pub(crate) fn token() -> String {
    BASE64URL_NOPAD.encode(&crate::random::bytes::<32>())
}

/// What the server keeps of a token.
pub(crate) fn hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// The session token of a request.
pub(crate) fn session(headers: &HeaderMap) -> Option<String> {
    named(NAME, headers)
}

/// The value of a cookie.
pub(crate) fn named(wanted: &str, headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, token)| token.to_owned())
}

/// The header that gives a browser its session.
pub(crate) fn set(token: &str, lifetime: SignedDuration) -> Option<HeaderValue> {
    let age = lifetime.as_secs();
    HeaderValue::from_str(&format!("{NAME}={token}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Strict")).ok()
}

/// The header that takes it away again.
pub(crate) fn clear() -> HeaderValue {
    HeaderValue::from_static("__Host-nexus-admin=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}
