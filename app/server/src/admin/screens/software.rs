//! What a screen runs, how its updates stand, and holding them back.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use device::fleet::{Health, LONG_UNCHECKED, Slot, UpdateState};
use serde::Deserialize;

use super::{
    super::{
        page::{failed, incomplete},
        signed_in::SignedIn,
    },
    Named,
};
use crate::{app::App, serve::Peer, store::Action, updates::Report};

/// What is said of a screen's software.
pub(super) struct Software {
    pub(super) version: String,
    pub(super) slot: &'static str,
    pub(super) state: String,
    pub(super) eligible_at: String,
    pub(super) failure: String,
    pub(super) told: String,
}

impl Software {
    pub(super) fn of(app: &App, report: &Report) -> Self {
        let Health { version, slot, update, failure, .. } = &report.health;
        let failure = failure
            .as_ref()
            .map(|failure| format!("{}, {}: {}", failure.version, app.worded(failure.at), failure.reason));
        let eligible_at = match update {
            UpdateState::Waiting { eligible_at, .. } => app.worded(*eligible_at),
            _ => String::new(),
        };
        Self {
            version: version.to_string(),
            slot: match slot {
                Some(Slot::A) => "A",
                Some(Slot::B) => "B",
                None => "",
            },
            state: words(app, update),
            eligible_at,
            failure: failure.unwrap_or_default(),
            told: app.worded(report.at),
        }
    }
}

/// Whether an update went wrong there, or none has been heard of for long.
pub(super) fn is_in_trouble(health: &Health) -> bool {
    let is_cut_off =
        matches!(health.update, UpdateState::Unchecked { seconds, .. } if seconds >= LONG_UNCHECKED.as_secs());
    is_cut_off || health.failure.is_some()
}

fn words(app: &App, state: &UpdateState) -> String {
    match state {
        UpdateState::Unavailable => "It takes none: its image was built without a vendor\u{2019}s keys".to_owned(),
        UpdateState::Current => "Up to date".to_owned(),
        UpdateState::Unchecked { why, seconds } => {
            let since = match seconds / 3600 {
                0 => "Nothing is known of updates yet".to_owned(),
                hours @ 1..48 => format!("Nothing fresh was heard of updates for {hours} h"),
                hours => format!("Nothing fresh was heard of updates for {} days", hours / 24),
            };
            why.as_ref().map_or_else(|| since.clone(), |why| format!("{since}: {why}"))
        }
        UpdateState::Held { version, why } => format!("{version} is held back: {why}"),
        UpdateState::Waiting { version, .. } => format!("{version} waits for its turn"),
        UpdateState::Installing { version, percent } => format!("{version} is being installed, {percent} %"),
        UpdateState::Installed { version, opens_at: None } => format!("{version} is installed, and starts next"),
        UpdateState::Installed { version, opens_at: Some(at) } => {
            format!("{version} is installed, and starts in the window that opens on {}", app.worded(*at))
        }
        UpdateState::OnTrial { version } => format!("{version} runs on trial"),
        UpdateState::Unknown => "It says something that this server does not know".to_owned(),
    }
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    held: String,
}

/// `POST /admin/screens/{id}/updates`
pub(crate) async fn hold(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    Named(entry): Named,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    let id = entry.screen.id;
    let deed = signed_in.deed(Action::ScreenChanged, id, peer, app.clock.now());
    match app.fleet.hold(id, fields.held == "yes", &deed).await {
        Ok(()) => Redirect::to(&format!("/admin/screens/{id}")).into_response(),
        Err(error) => failed(&error),
    }
}
