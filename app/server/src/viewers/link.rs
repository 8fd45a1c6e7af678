//! `/s/{id}`: what an access link opens in a browser.
//!
//! The page is the same for every id, so nobody learns which links there are. The key stands behind the `#` and is sent by
//! no browser; the page's script takes it out of the address and its history first, and posts it once.

use std::{net::IpAddr, sync::Arc};

use askama::Template;
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    middleware::{from_fn, map_response},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use pairing::link::{self, Key, Refusal, server::judge_bearer};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{cookie, sessions::Browser};
use crate::{
    admin::{never_stored, origin, page::page},
    agent,
    api::{ApiError, Id, messages},
    app::App,
    serve::Peer,
    store::{Action, Deed, Link, Purpose, Sight},
    strangers::{Door, Refused},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(landing, exchange))
        .layer(from_fn(origin::check_script))
        .layer(map_response(never_stored))
}

#[derive(Template)]
#[template(path = "link_landing.html")]
struct LandingPage;

/// What an access link opens in a browser.
///
/// The page is the same for every id.
#[utoipa::path(
    get,
    path = "/s/{id}",
    tag = "shares",
    params(("id" = String, Path, description = "The link's id")),
    responses((status = 200, description = "A page whose script posts the key", body = String, content_type = "text/html"))
)]
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

/// A browser is let in.
///
/// Takes a use of the link, and gives the browser a session that sees what the link is for.
#[utoipa::path(
    post,
    path = "/s/{id}",
    tag = "shares",
    params(
        ("id" = String, Path, description = "The link's id"),
        ("Origin" = Option<String>, Header, description = "Ours; what another site sends is refused"),
    ),
    request_body = messages::Presented,
    responses(
        (status = 200, description = "It is let in", body = messages::Admitted, headers(
            ("Set-Cookie" = String, description = "Its session"),
        )),
        (status = 400, description = "The body is no JSON"),
        (status = 403, description = "The link is not for this network, or another site sent this"),
        (status = 404, description = "There is no such link, or the key is another"),
        (status = 409, description = "The link is for a screen"),
        (status = 410, description = "The link was revoked, has expired, or has been used up"),
        (status = 415, description = "The body is not `application/json`"),
        (status = 422, description = "The body is JSON, but not what belongs here"),
        (status = 429, description = "Too many were opened, from here or in all"),
    )
)]
async fn exchange(
    State(app): State<Arc<App>>,
    Peer(client): Peer,
    Id(id): Id,
    headers: HeaderMap,
    body: Result<Json<Presented>, JsonRejection>,
) -> Result<Response, ApiError> {
    app.attempt(&app.throttles.links, Door::AccessLink, client.ip())
        .map_err(|wait| ApiError::too_many("Too many links were opened from here; try again later.", wait))?;
    let Json(Presented { key }) = body?;
    let id = id.parse::<link::Id>().map_err(|_| Refusal::Unknown)?;
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
    let settings = app.settings();
    let mut boards = sight.boards.iter().filter(|id| settings.boards.iter().any(|board| board.id.0 == **id));
    let next = boards.next().map_or_else(|| "/".to_owned(), |board| format!("/b/{board}"));
    Ok(([(header::SET_COOKIE, cookie)], Json(Admitted { next })).into_response())
}

async fn find(app: &App, id: &link::Id, key: &Key, from: IpAddr, now: Timestamp) -> Result<(Link, Sight), ApiError> {
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
