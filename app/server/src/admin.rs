//! The administrator's pages: forms and links, readable and usable without a script.

mod alerts;
pub(crate) mod cookie;
mod credential;
mod links;
mod origin;
mod page;
mod screens;
mod sessions;
mod sign_in;
mod signed_in;

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, map_response},
    response::{IntoResponse, Redirect, Response},
    routing::{any, get, post},
};
use http::{HeaderValue, header};

pub(crate) use credential::Credential;
pub use credential::{CredentialError, SetupCode, has_password};
pub(crate) use sessions::Sessions;

use crate::app::App;

const STYLE: &str = include_str!("../assets/admin.css");

pub(crate) fn routes() -> Router<Arc<App>> {
    let screens = Router::new()
        .route("/admin/screens", get(screens::list))
        .route("/admin/screens/add", get(screens::add::form).post(screens::add::enter))
        .route("/admin/screens/add/{attempt}", get(screens::add::attempt).post(screens::add::decide))
        .route("/admin/screens/{id}", get(screens::change::form).post(screens::change::change))
        .route("/admin/screens/{id}/remove", get(screens::remove::ask).post(screens::remove::remove));
    let links = Router::new()
        .route("/admin/screens/links", get(links::list))
        .route("/admin/screens/links/add", get(links::add::form).post(links::add::add))
        .route("/admin/screens/links/{id}/revoke", get(links::revoke::ask).post(links::revoke::revoke));
    Router::new()
        .merge(screens)
        .merge(links)
        .route("/admin/alerts", get(alerts::list))
        .route("/admin/alerts/test", post(alerts::test))
        .route("/admin/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/admin/sign-out", post(sign_in::sign_out))
        .route("/admin/authority.pem", get(page::authority))
        .route("/admin/{*path}", any(page::nothing_here))
        .layer(from_fn(origin::check))
        .layer(map_response(never_stored))
        .route("/", get(async || Redirect::to("/admin/screens")))
        .route("/admin", get(async || Redirect::to("/admin/screens")))
        .route("/s/{id}", get(links::landing))
        .route("/assets/admin.css", get(style))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")], STYLE)
}

/// Pages of a signed-in person do not belong into any cache.
async fn never_stored(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
