//! `/s/{id}`: what an access link opens in a browser.
//!
//! The page is the same for every id, so nobody learns which links there are. The key stands behind the `#` and is sent by
//! no browser; the page's script takes it out of the address and its history first, and posts it once.

use std::{net::IpAddr, sync::Arc};

use askama::Template;
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    middleware::{from_fn, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use pairing::link::{Id, Key, Refusal, server::judge_bearer};
use serde::{Deserialize, Serialize};

use super::{cookie, sessions::Browser};
use crate::{
    admin::{never_stored, origin, page::page},
    agent,
    api::ApiError,
    app::App,
    routes::Routes,
    serve::Peer,
    store::{Action, Deed, Link, Purpose, Sight},
    strangers::{Door, Refused},
};

pub(super) fn routes() -> Routes<Arc<App>> {
    Routes::new()
        .route("/s/{id}", get(landing).post(exchange))
        .layer(from_fn(origin::check))
        .layer(map_response(never_stored))
}

#[derive(Template)]
#[template(path = "link_landing.html")]
struct LandingPage;

/// `GET /s/{id}`
async fn landing() -> Response {
    page(StatusCode::OK, &LandingPage)
}

/// What the script posts.
#[derive(Deserialize)]
struct Presented {
    key: Key,
}

/// Where it goes on.
#[derive(Serialize)]
struct Admitted {
    next: String,
}

/// `POST /s/{id}`: takes a use of the link, and gives the browser a session that sees what the link is for.
async fn exchange(
    State(app): State<Arc<App>>,
    Peer(client): Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Presented>, JsonRejection>,
) -> Result<Response, ApiError> {
    app.throttles.links.take(client.ip()).map_err(|wait| {
        app.strangers.refused(Door::AccessLink, Refused::TooOften, client.ip(), app.clock.now());
        ApiError::too_many("Too many links were opened from here; try again later.", wait)
    })?;
    let Json(Presented { key }) = body?;
    let id = id.parse::<Id>().map_err(|_| Refusal::Unknown)?;
    let now = app.clock.now();
    let (link, sight) = find(&app, &id, &key, client.ip(), now).await?;
    let browser = Browser { address: client.ip(), agent: agent::words(&headers) };
    let deed = Deed {
        actor: format!("link {id}"),
        action: Action::ViewerAdmitted,
        subject: id.to_string(),
        address: client.ip(),
        at: now,
    };
    let token = app.viewers.admit(&link, browser, &deed).await?.ok_or(Refusal::UsedUp)?;
    let left = SignedDuration::from_secs(link.issued.terms.expires_at - now.as_second());
    let cookie = cookie::set(&token, left).ok_or(ApiError::INTERNAL)?;
    let next = sight.boards.first().map_or_else(|| "/".to_owned(), |board| format!("/b/{board}"));
    Ok(([(header::SET_COOKIE, cookie)], Json(Admitted { next })).into_response())
}

async fn find(app: &App, id: &Id, key: &Key, from: IpAddr, now: Timestamp) -> Result<(Link, Sight), ApiError> {
    let link = app.store.link(id).await?;
    let judged = judge_bearer(link.as_ref().map(|link| &link.issued), id, key, from, now.as_second());
    if let Err(refusal) = judged {
        tracing::info!(link = %id, refusal = refusal.code(), "a browser was not let in by an access link");
        app.strangers.refused(Door::AccessLink, Refused::Wrong, from, now);
        return Err(refusal.into());
    }
    let link = link.ok_or(Refusal::Unknown)?;
    match &link.purpose {
        Purpose::Browsers(sight) => {
            let sight = sight.clone();
            Ok((link, sight))
        }
        Purpose::Screens { .. } => Err(ApiError::LINK_FOR_SCREENS),
    }
}
