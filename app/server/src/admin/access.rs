//! Access: the passcode by which people look at boards, the administrator's password, and who is signed in.

pub(super) mod one_time;
pub(super) mod passcode;
pub(super) mod password;
pub(super) mod sessions;

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{page::page, signed_in::SignedIn};
use crate::{app::App, config::OpenRead};

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage<'a> {
    has_passcode: bool,
    open_read: OpenRead,
    allowlist: Option<String>,
    error: Option<&'a str>,
}

/// `GET /admin/access`
pub(super) async fn show(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    overview(&app, StatusCode::OK, None)
}

fn overview(app: &App, status: StatusCode, error: Option<&str>) -> Response {
    let shown = AccessPage {
        has_passcode: app.credential.has_passcode(),
        open_read: app.gate.open_read,
        allowlist: app.gate.allowlist.as_ref().map(ToString::to_string),
        error,
    };
    page(status, &shown)
}
