//! Whether a form was sent from a page of ours (against request forgery, beside the cookie's `SameSite`).

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, header};

use super::page;
use crate::api::ApiError;

/// Refuses every request that changes something and does not come from here.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_ours(request.uri(), request.headers()) {
        next.run(request).await
    } else {
        page::problem(
            StatusCode::FORBIDDEN,
            "This form was sent from another site",
            "Open the page here and try again.",
        )
        .into_response()
    }
}

/// The same for what a script of ours sends, which reads no page.
pub(crate) async fn check_script(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_ours(request.uri(), request.headers()) {
        next.run(request).await
    } else {
        ApiError::FROM_ANOTHER_SITE.into_response()
    }
}

/// Browsers send `Origin` with every form; who does not say where it comes from is refused.
fn is_ours(uri: &Uri, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = uri.authority().map(http::uri::Authority::as_str).or_else(|| text(header::HOST)) else {
        return false;
    };
    text(header::ORIGIN).and_then(|origin| origin.strip_prefix("https://")).is_some_and(|origin| origin == host)
}
