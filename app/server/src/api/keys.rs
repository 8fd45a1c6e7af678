//! How a device's key is replaced, and what happens where two devices have one. The rules are those of
//! [`pairing::rotation`]; here they get a wire.

use std::{
    sync::{Arc, PoisonError},
    time::Instant,
};

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
};
use http::{HeaderName, StatusCode, header};
use pairing::{
    rotation::{Refusal, Rotated, Rotation, server::Ask},
    session::Proof,
};
use uuid::Uuid;

use super::{ApiError, openapi::messages, sessions::throttle};
use crate::{
    alerts,
    app::App,
    screens::Entry,
    serve::Peer,
    store::{Action, StoreError},
};

type NoStore = [(HeaderName, &'static str); 1];

/// A device hands in its next key.
#[utoipa::path(
    post,
    path = "/api/v1/keys",
    tag = "sessions",
    request_body = messages::Rotation,
    responses(
        (status = 200, description = "It is stored, and becomes the present one with the first session under it", body = messages::Rotated),
        (status = 400, description = "The body is no JSON, or this server does not take it"),
        (status = 401, description = "The device is unknown, does not prove that it holds both keys, used an old nonce, or is one of two that use one identity"),
        (status = 409, description = "It is for another screen, does not follow the present key, was used before, or comes too soon"),
        (status = 415, description = "The body is not `application/json`"),
        (status = 422, description = "The body is JSON, but not what belongs here"),
        (status = 429, description = "Too many were handed in, from here or in all"),
    )
)]
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    peer: Peer,
    body: Result<Json<Rotation>, JsonRejection>,
) -> Result<(NoStore, Json<Rotated>), ApiError> {
    throttle(&app, peer)?;
    let Json(rotation) = body?;
    let Some(entry) = app.screens.of_device(rotation.device) else { return Err(Refusal::UnknownDevice.into()) };
    let screen = entry.screen.id;
    let unix_now = app.clock.now().as_second();
    let judged = app.screens.judge(screen, |keys| {
        let ask = Ask { instance: app.instance, screen, rotation: &rotation };
        let mut nonces = app.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        keys.rotate(&ask, &mut nonces, Instant::now(), unix_now)
    });
    let entry = app.suspends_copies(screen, judged.await?, peer).await??;
    let generation = entry.screen.keys.generation().saturating_add(1);
    tracing::info!(%screen, generation, "a device handed in its next key");
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Rotated { generation })))
}

impl App {
    /// A device proved that it holds a key of this screen, and asks for a session.
    pub(super) async fn session(
        &self,
        screen: Uuid,
        proof: &Proof,
        peer: Peer,
    ) -> Result<Result<Arc<Entry>, Refusal>, StoreError> {
        let unix_now = self.clock.now().as_second();
        let judged = self
            .screens
            .judge(screen, |keys| keys.session(&proof.key, proof.nonce_given_at, Instant::now(), unix_now))
            .await?;
        self.suspends_copies(screen, judged, peer).await
    }

    /// Where it came out that two devices have one identity, the screen is suspended, and people hear of it.
    async fn suspends_copies(
        &self,
        screen: Uuid,
        judged: Result<Arc<Entry>, Refusal>,
        peer: Peer,
    ) -> Result<Result<Arc<Entry>, Refusal>, StoreError> {
        if let (Err(Refusal::Copied), Some(entry)) = (&judged, self.screens.find(screen)) {
            self.suspend(&entry, peer).await?;
        }
        Ok(judged)
    }

    async fn suspend(&self, entry: &Entry, peer: Peer) -> Result<(), StoreError> {
        let (screen, now) = (&entry.screen, self.clock.now());
        let alert = alerts::suspended(&self.settings(), &screen.name, now)?;
        if !self.screens.suspend(screen.id, now, &alert).await? {
            return Ok(());
        }
        self.alert_raised.notify_one();
        let (actor, subject) = (format!("device {}", screen.device), screen.id.to_string());
        if let Err(error) = self.store.record(&actor, Action::ScreenSuspended, &subject, peer.0.ip(), now).await {
            tracing::error!(%error, "the audit log misses that a screen was suspended");
        }
        tracing::warn!(screen = %screen.id, "two devices use the identity of one screen; it is suspended until it is removed");
        Ok(())
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::Version => StatusCode::BAD_REQUEST,
            Refusal::UnknownDevice
            | Refusal::Signature
            | Refusal::StaleNonce
            | Refusal::Copied
            | Refusal::Suspended => StatusCode::UNAUTHORIZED,
            Refusal::Screen | Refusal::Generation | Refusal::Key | Refusal::TooSoon => StatusCode::CONFLICT,
        };
        Self::new(status, refusal.code(), refusal)
    }
}
