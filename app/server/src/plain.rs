//! What may be asked over plain HTTP, where an operator opened that door for browsers on a LAN: boards that are open
//! to read, and nothing by which anybody is known. Whatever carries a secret goes by HTTPS alone.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, header};

use crate::{api::ApiError, app::App, serve::Transport};

/// Routes that need nobody to be known.
const OPEN: [&str; 11] = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/openapi.json",
    "/api/v1/boards/{id}/state",
    "/api/v1/boards/{id}/events",
    "/",
    "/b",
    "/b/{id}",
    "/b/{id}/events",
    "/assets/{*name}",
];

#[derive(Template)]
#[template(path = "https_needed.html")]
struct HttpsNeeded {
    address: String,
}

/// Refuses what does not belong on plain HTTP, and forgets who the browser says it is: a cookie that travels here was
/// read by others.
pub(crate) async fn check(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    if request.extensions().get::<Transport>() != Some(&Transport::Plain) {
        return next.run(request).await;
    }
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_open = reads && route.is_some_and(|route| OPEN.contains(&route));
    if is_open && !request.headers().contains_key(header::AUTHORIZATION) {
        request.headers_mut().remove(header::COOKIE);
        return next.run(request).await;
    }
    if reads && wants_a_page(request.headers()) {
        return page(&app, &request);
    }
    ApiError::HTTPS_REQUIRED.into_response()
}

/// Programs, and sticks among them, hear JSON.
fn wants_a_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

fn page(app: &App, request: &Request) -> Response {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    let host = match (app.names.first(), &named) {
        (Some(name), _) => name.to_string(),
        // It was looked at before: a name or an address of ours.
        (None, Some(named)) => http::uri::Authority::host(named).to_owned(),
        (None, None) => return ApiError::HTTPS_REQUIRED.into_response(),
    };
    let path = request.uri().path();
    let page = HttpsNeeded { address: format!("https://{host}:{}{path}", app.https_port) };
    match page.render() {
        Ok(html) => (StatusCode::FORBIDDEN, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            ApiError::HTTPS_REQUIRED.into_response()
        }
    }
}
