//! What every response carries.

use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

/// The pages use style sheets, scripts and forms of our own, and the scripts ask nobody but us; nothing else may load or
/// run.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                                       img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

const BASELINE: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    // Every listener of this server is HTTPS. Browsers ignore it where they do not trust the certificate (RFC 6797, 8.1).
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
];

/// Adds the baseline of security headers.
pub(crate) async fn secure(mut response: Response) -> Response {
    for (name, value) in BASELINE {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
