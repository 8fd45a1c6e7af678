//! Telling a screen to do something.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use device::fleet::{Acknowledgement, MAX_MESSAGE, Order, is_message};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    super::{
        page::{failed, incomplete, problem},
        signed_in::SignedIn,
    },
    Named,
};
use crate::{
    app::App,
    commands::is_alive,
    serve::Peer,
    store::{Action, Sent, StoreError},
};

/// How many are listed.
const LISTED: u32 = 5;
/// For how long a message may be shown.
const MINUTES: std::ops::RangeInclusive<i64> = 1..=60;

/// What is said of a command that was given.
pub(super) struct Row {
    pub(super) order: String,
    pub(super) state: String,
    pub(super) at: String,
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    command: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    minutes: String,
}

/// `POST /admin/screens/{id}/commands`
pub(crate) async fn give(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    peer: Peer,
    Named(entry): Named,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = fields else { return incomplete() };
    if entry.screen.keys.is_suspended() {
        return problem(
            StatusCode::CONFLICT,
            "The screen was told nothing",
            "It is suspended: nobody knows which of two devices would hear it. Remove it, then add the right one again.",
        );
    }
    let now = app.clock.now();
    let Some((order, action)) = fields.order(now) else {
        let words = format!(
            "A message is one line of 1 to {MAX_MESSAGE} characters, and is shown for {} to {} minutes. Go back and write \
             it again.",
            MINUTES.start(),
            MINUTES.end()
        );
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "The screen was told nothing", &words);
    };
    let id = entry.screen.id;
    let deed = signed_in.deed(action, id, peer, now);
    match app.commands.give(id, order, &deed).await {
        Ok(()) => Redirect::to(&format!("/admin/screens/{id}#tell")).into_response(),
        Err(error) => failed(&error),
    }
}

impl Fields {
    /// What is wanted, and how the log calls it.
    fn order(self, now: Timestamp) -> Option<(Order, Action)> {
        match self.command.as_str() {
            "update_now" => Some((Order::UpdateNow, Action::UpdateAsked)),
            "reboot" => Some((Order::Reboot, Action::RestartAsked)),
            "identify" => Some((Order::Identify, Action::IdentifyAsked)),
            "message" => {
                let text = self.text.trim().to_owned();
                let minutes = self.minutes.trim().parse().ok().filter(|minutes| MINUTES.contains(minutes))?;
                let until = now.checked_add(SignedDuration::from_mins(minutes)).ok()?;
                is_message(&text).then_some((Order::Message { text, until }, Action::MessageSent))
            }
            _ => None,
        }
    }
}

/// The newest commands to a screen.
pub(super) async fn newest(app: &App, screen: Uuid) -> Result<Vec<Row>, StoreError> {
    let newest = app.store.newest_commands(screen, LISTED).await?;
    Ok(newest.iter().map(|sent| row(app, sent)).collect())
}

fn row(app: &App, sent: &Sent) -> Row {
    let order = match &sent.command.order {
        Order::UpdateNow => "Update now".to_owned(),
        Order::Reboot => "Restart".to_owned(),
        Order::Identify => "Identify".to_owned(),
        Order::Message { text, until } => format!("Show \u{201c}{text}\u{201d} until {}", app.worded(*until)),
        Order::Unknown => "Something that this server does not know".to_owned(),
    };
    let state = match &sent.outcome {
        Some(Acknowledgement::Done) => "done".to_owned(),
        Some(Acknowledgement::Refused { why }) => format!("refused: {why}"),
        Some(Acknowledgement::Expired) => "not done: it reached the screen too late".to_owned(),
        Some(Acknowledgement::Unknown) => "the screen says something that this server does not know".to_owned(),
        None if is_alive(sent, app.clock.now()) => "not answered yet".to_owned(),
        None => "expired: the screen did not answer in time".to_owned(),
    };
    Row { order, state, at: app.worded(sent.made_at) }
}
