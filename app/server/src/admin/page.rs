//! Pages as responses.

use std::{fmt::Display, sync::Arc, time::Duration};

use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use http::{StatusCode, header};

use super::signed_in::SignedIn;
use crate::{app::App, tls::Anchor};

/// A page with this status.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            (StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made; the server's log says why.\n")
                .into_response()
        }
    }
}

/// A page that says what went wrong.
pub(crate) fn problem(status: StatusCode, headline: &str, detail: &str) -> Response {
    page(status, &Problem { headline, detail })
}

/// A page for a form that was cut off on its way, or is none.
pub(crate) fn incomplete() -> Response {
    problem(StatusCode::BAD_REQUEST, "The form did not arrive whole", "Go back and send it again.")
}

/// The answer to whoever tried too often: `show` makes the page of what is to be said.
pub(crate) fn throttled(wait: Duration, show: impl FnOnce(&str) -> Response) -> Response {
    // Rounded up: whoever comes back on time is let in.
    let seconds = wait.as_secs() + 1;
    let page = show(&format!("Too many tries. Wait {seconds} s, then try again."));
    ([(header::RETRY_AFTER, seconds.to_string())], page).into_response()
}

/// A page for an address at which there is none.
pub(super) async fn nothing_here() -> Response {
    problem(StatusCode::NOT_FOUND, "There is no such page", "The address may be mistyped, or from another version.")
}

/// A page for what only the log can explain.
pub(crate) fn failed(error: &impl Display) -> Response {
    tracing::error!(%error, "an admin page failed");
    problem(StatusCode::INTERNAL_SERVER_ERROR, "This did not work", "Try again. The server's log says why.")
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    headline: &'a str,
    detail: &'a str,
}

/// `GET /admin/authority.pem`: the private authority, for browsers of administrators.
pub(super) async fn authority(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    match app.identity.anchor() {
        Anchor::Certificates(pem) => {
            let kind = [
                (header::CONTENT_TYPE, "application/x-pem-file"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"nexus-authority.pem\""),
            ];
            (kind, pem.clone()).into_response()
        }
        Anchor::WebPki(_) => problem(
            StatusCode::NOT_FOUND,
            "There is no private authority",
            "This server's certificate is one that browsers trust by themselves.",
        ),
    }
}
