//! Who changed what: the newest first, a page at a time.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    page::{failed, page},
    sign_in::sentence,
    signed_in::SignedIn,
};
use crate::{
    app::App,
    store::{Place, Recorded},
};

/// Entries of a page.
const ENTRIES: usize = 50;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    filter: String,
    entries: Vec<Row>,
    /// The query of the next page.
    older: Option<String>,
    is_first: bool,
}

struct Row {
    at: String,
    actor: String,
    action: String,
    subject: String,
    address: String,
}

/// What follows the `?`.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    filter: String,
    /// Where the page before ended.
    #[serde(default)]
    before: String,
}

/// `GET /admin/audit`
pub(super) async fn list(State(app): State<Arc<App>>, _: SignedIn, Query(asked): Query<Asked>) -> Response {
    let before = asked.before.parse::<Place>().ok();
    let filter = asked.filter.trim();
    // One more than is shown tells whether there is another page.
    let mut found = match app.store.recorded(filter, before.as_ref(), ENTRIES + 1).await {
        Ok(found) => found,
        Err(error) => return failed(&error),
    };
    let more = found.len() > ENTRIES;
    found.truncate(ENTRIES);
    let last = found.last().filter(|_| more).map(|entry| entry.place.to_string());
    let older = last.map(|place| {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("filter", filter)
            .append_pair("before", &place)
            .finish()
    });
    let entries = found.into_iter().map(|entry| row(&app, entry)).collect();
    page(StatusCode::OK, &AuditPage { filter: filter.to_owned(), entries, older, is_first: before.is_none() })
}

fn row(app: &App, entry: Recorded) -> Row {
    let Recorded { place, actor, action, subject, address } = entry;
    let action = sentence(&action.replace('_', " ")).trim_end_matches('.').to_owned();
    Row { at: app.worded(place.at), actor, action, subject, address }
}
