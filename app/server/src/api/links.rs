//! The device's side of access links. The rules are those of [`pairing::link::server`]; here they get a wire.

use std::{
    net::IpAddr,
    sync::{Arc, PoisonError},
    time::Instant,
};

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
};
use http::{HeaderName, StatusCode, header};
use pairing::{
    device::Paired,
    link::{
        self, Anchor, Exchange, Refusal,
        server::{Admission, Ask, judge},
    },
    message::Payload,
    rotation::server::Keys,
};
use uuid::Uuid;

use super::{ApiError, id::Id, openapi::messages};
use crate::{
    app::App,
    serve::Peer,
    store::{Action, Deed, Link, Purpose, Screen},
    strangers::{self, Door},
    tls,
};

type NoStore = [(HeaderName, &'static str); 1];

/// What a device holds against the hash in its link.
#[utoipa::path(
    get,
    path = "/api/v1/anchor",
    tag = "links",
    responses((status = 200, description = "The anchor", body = messages::Anchor))
)]
pub(super) async fn anchor(State(app): State<Arc<App>>) -> (NoStore, Json<Anchor>) {
    let certificates = match app.identity.anchor() {
        tls::Anchor::Certificates(pem) => Some(pem.clone()),
        tls::Anchor::WebPki(_) => None,
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(Anchor { certificates }))
}

/// A device joins.
#[utoipa::path(
    post,
    path = "/api/v1/links/{id}",
    tag = "links",
    params(("id" = String, Path, description = "The link's id")),
    request_body = messages::Exchange,
    responses(
        (status = 200, description = "The device is registered, or was before", body = messages::Paired),
        (status = 400, description = "The body is no JSON, or this server does not take it"),
        (status = 415, description = "The body is not `application/json`"),
        (status = 422, description = "The body is JSON, but not what belongs here"),
        (status = 401, description = "The nonce is too old, or was used"),
        (status = 403, description = "The link is not for this network, or the request came over plain HTTP"),
        (status = 404, description = "There is no such link"),
        (status = 410, description = "The link was revoked, has expired, or has been used up"),
        (status = 429, description = "Too many joined, from here or in all"),
    )
)]
pub(super) async fn exchange(
    State(app): State<Arc<App>>,
    peer: Peer,
    Id(id): Id,
    body: Result<Json<Exchange>, JsonRejection>,
) -> Result<(NoStore, Json<Paired>), ApiError> {
    let from = peer.0.ip().to_canonical();
    app.attempt(&app.throttles.links, Door::AccessLink, from)
        .map_err(|wait| ApiError::too_many("Too many devices joined from here; try again later.", wait))?;
    let Json(exchange) = body?;
    let id = id.parse::<link::Id>().map_err(|_| Refusal::Unknown)?;
    let screen = admit(&app, &id, &exchange, from).await.inspect_err(|refused| {
        if let Refused::By(refusal) = refused {
            tracing::info!(link = %id, refusal = refusal.code(), "a device may not join by an access link");
            app.strangers.refused(Door::AccessLink, strangers::Refused::Wrong, from, app.clock.now());
        }
    })?;
    let payload = Payload { instance: app.instance, trust: app.trust(), screen: screen.place()? };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Paired { device: screen.device, payload })))
}

/// Why a device was not let in.
enum Refused {
    By(Refusal),
    Failed(ApiError),
}

async fn admit(app: &App, id: &link::Id, exchange: &Exchange, from: IpAddr) -> Result<Screen, Refused> {
    let failed = |error| Refused::Failed(ApiError::from(error));
    let link = app.store.link(id).await.map_err(failed)?;
    let before = app.screens.of_link(*id).into_iter().find(|entry| *entry.screen.keys.present() == exchange.device_key);
    let ask = Ask { id, exchange, from, joined: before.is_some() };
    let admission = {
        let mut nonces = app.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let unix_now = app.clock.now().as_second();
        judge(link.as_ref().map(|link| &link.issued), &ask, &mut nonces, Instant::now(), unix_now)
    };
    match (admission.map_err(Refused::By)?, before, link) {
        (Admission::Again, Some(entry), _) => Ok(entry.screen.clone()),
        (Admission::New, _, Some(link)) => {
            // One for browsers is none for screens.
            let Purpose::Screens { board } = &link.purpose else { return Err(Refused::By(Refusal::Unknown)) };
            let screen = screen(app, &link, board, exchange, from);
            let deed = Deed {
                actor: format!("link {id}"),
                action: Action::ScreenJoined,
                subject: screen.id.to_string(),
                address: from,
                at: app.clock.now(),
            };
            match app.screens.join(id, screen.clone(), &deed).await.map_err(failed)? {
                true => Ok(screen),
                false => Err(Refused::By(Refusal::UsedUp)),
            }
        }
        _ => Err(Refused::By(Refusal::Unknown)),
    }
}

fn screen(app: &App, link: &Link, board: &str, exchange: &Exchange, from: IpAddr) -> Screen {
    let description = &exchange.description;
    // Where several join, they are told apart by number.
    let name = match link.issued.terms.uses {
        1 => link.name.clone(),
        _ => format!("{} {}", link.name, link.issued.used + 1),
    };
    Screen {
        id: Uuid::new_v4(),
        name,
        board: board.to_owned(),
        group: None,
        device: Uuid::new_v4(),
        keys: Keys::new(exchange.device_key),
        model: description.model.to_string(),
        serial: description.serial.to_string(),
        software: description.software.to_string(),
        address: from,
        added_at: app.clock.now(),
        link: Some(link.issued.id),
        suspended_at: None,
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::By(refusal) => refusal.into(),
            Refused::Failed(error) => error,
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::Version | Refusal::Signature => StatusCode::BAD_REQUEST,
            Refusal::Unknown => StatusCode::NOT_FOUND,
            Refusal::StaleNonce => StatusCode::UNAUTHORIZED,
            Refusal::Revoked | Refusal::Expired | Refusal::UsedUp => StatusCode::GONE,
            Refusal::Elsewhere => StatusCode::FORBIDDEN,
        };
        Self::new(status, refusal.code(), refusal)
    }
}
