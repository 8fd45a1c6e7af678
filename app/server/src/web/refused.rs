//! Pages for those who may not read what they asked for.

use askama::Template;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::StatusCode;
use url::form_urlencoded::byte_serialize;

use crate::api::ApiError;

#[derive(Template)]
#[template(path = "board/refused.html")]
struct Refused<'a> {
    headline: &'a str,
    detail: &'a str,
    sign_in: bool,
}

/// What the API would have said of `path`, as a page. Who lacks the passcode is led to where it is typed, and back.
pub(super) fn refused(error: ApiError, path: &str) -> Response {
    if error == ApiError::PASSCODE_NEEDED {
        let next: String = byte_serialize(path.as_bytes()).collect();
        return Redirect::to(&format!("/sign-in?next={next}")).into_response();
    }
    if error.status() == StatusCode::UNAUTHORIZED {
        return signed_out();
    }
    let headline = if error.status() == StatusCode::NOT_FOUND { "There is no such board" } else { "This did not work" };
    explained(error.status(), &Refused { headline, detail: error.message(), sign_in: false })
}

/// What a stranger is shown: the way in.
fn signed_out() -> Response {
    let detail = "It is open to paired screens, to signed-in administrators, and to the server’s own network. Open this \
                  address from that network, or sign in.";
    explained(StatusCode::UNAUTHORIZED, &Refused { headline: "This board is not open to you", detail, sign_in: true })
}

fn explained(status: StatusCode, page: &Refused<'_>) -> Response {
    written(status, page.render())
}

/// A page with this status, or word of why there is none.
pub(super) fn written(status: StatusCode, page: Result<String, askama::Error>) -> Response {
    match page {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            ApiError::INTERNAL.into_response()
        }
    }
}
