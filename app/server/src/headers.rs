//! What every response carries.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue, header};

use crate::serve::Transport;

/// The pages use style sheets and scripts of our own, the scripts read from us alone, and forms post to us; nothing else
/// may load or run.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                                       img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

/// What no page of ours asks a browser for, and nothing that finds its way into one shall.
const PERMISSIONS_POLICY: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
                                  hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

const BASELINE: [(HeaderName, &str); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    // No window of another site keeps a handle on ours, and none embeds what we answer.
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Browsers ignore it where they do not trust the certificate (RFC 6797, 8.1).
const HSTS: &str = "max-age=31536000";

/// Adds the baseline of security headers; and where the request truly came over HTTPS, that it shall again.
pub(crate) async fn secure(request: Request, next: Next) -> Response {
    let https = came_over_https(&request);
    let mut response = next.run(request).await;
    for (name, value) in BASELINE {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if https {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    response
}

/// Whether the browser spoke HTTPS. Only our own listener's word counts: anybody can write `X-Forwarded-Proto`.
pub(crate) fn came_over_https(request: &Request) -> bool {
    request.extensions().get::<Transport>() == Some(&Transport::Tls)
}
