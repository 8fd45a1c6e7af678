//! The outbox: one delivery at a time, each again and again until the receiver has it, whatever becomes of others.

use std::{sync::Arc, time::Duration};

use connectors::webhook::{Delivered, NotSent, Webhook};
use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use crate::{
    app::App,
    random,
    store::{Delivery, Outgoing, StoreError},
};

/// After this an alert is no news, and is not sent any more.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Bounds of the pause after a failed try: doubled each time.
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// How often the outbox is looked at where nobody says that there is something in it: clocks of tests, and of machines that
/// slept, jump.
const LOOK: Duration = Duration::from_secs(1);

/// What a try brought.
enum Outcome {
    Delivered,
    /// The receiver wants nothing any more (410).
    Gone,
    /// There is no webhook.
    None,
    /// To be tried again, no sooner than after so many seconds if it says so.
    Again(String, Option<u64>),
}

/// Delivers alerts until the server stops. A try that is under way then is made again after the next start, under its id.
pub(crate) async fn deliver(app: Arc<App>, webhook: Webhook) {
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = app.alert_raised.notified() => {}
            () = sleep(LOOK) => {}
        }
        loop {
            let more = tokio::select! {
                () = app.stopping.cancelled() => return,
                more = next(&app, &webhook) => more,
            };
            match more {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "the outbox of alerts cannot be read or written");
                    break;
                }
            }
        }
    }
}

/// Sends the next alert whose time has come. Says whether there was one.
async fn next(app: &App, webhook: &Webhook) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let Some(mut alert) = app.store.next_due(now).await? else { return Ok(false) };
    let outcome = attempt(app, webhook, &alert).await?;
    alert.tries = alert.tries.saturating_add(1);
    (alert.delivery, alert.told) = match outcome {
        Outcome::Delivered => (Delivery::Delivered, String::new()),
        Outcome::Gone => (Delivery::GivenUp, "the receiver is gone (410); connect another webhook".to_owned()),
        Outcome::None => (Delivery::Unsent, "no webhook is set".to_owned()),
        Outcome::Again(told, _) if now.duration_since(alert.at) >= TRIED_FOR => (Delivery::GivenUp, told),
        Outcome::Again(told, wait) => {
            alert.next_at = now.saturating_add(pause(alert.tries, wait)).unwrap_or(now);
            (Delivery::Pending, told)
        }
    };
    app.store.record_try(&alert).await?;
    if !alert.told.is_empty() {
        tracing::warn!(id = %alert.id, rule = alert.rule, tries = alert.tries, "an alert was not delivered: {}", alert.told);
    }
    Ok(true)
}

async fn attempt(app: &App, webhook: &Webhook, alert: &Outgoing) -> Result<Outcome, StoreError> {
    let again = |error: NotSent| Outcome::Again(error.to_string(), None);
    let revision = match webhook.known().await {
        Ok(known) => known.revision,
        Err(error) => return Ok(again(error)),
    };
    let Some(revision) = revision else { return Ok(Outcome::None) };
    if app.store.gone_webhook().await?.as_ref() == Some(&revision) {
        return Ok(Outcome::Gone);
    }
    let id = alert.id.to_string();
    Ok(match webhook.send(&id, alert.body.clone()).await {
        Ok(None) => Outcome::None,
        Ok(Some(Delivered { status: 200..=299, .. })) => Outcome::Delivered,
        Ok(Some(Delivered { status: 410, .. })) => {
            app.store.webhook_is_gone(&revision).await?;
            Outcome::Gone
        }
        Ok(Some(Delivered { status, retry_after })) => {
            Outcome::Again(format!("the receiver answered {status}"), retry_after)
        }
        Err(error) => again(error),
    })
}

/// Between half of a doubling bound and all of it, or as long as the receiver asks for, within the longest.
fn pause(tries: u32, asked: Option<u64>) -> SignedDuration {
    let doubled = FIRST.saturating_mul(1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX)).min(LONGEST);
    let half = doubled / 2;
    let jittered = half + Duration::from_millis(random::below(half.as_millis() as u64 + 1));
    let asked = Duration::from_secs(asked.unwrap_or_default()).min(LONGEST);
    SignedDuration::try_from(jittered.max(asked)).unwrap_or(SignedDuration::from_hours(1))
}

/// When an alert is overdue, so that somebody should look: panel catalogue, section 3, panel 46.
pub(crate) fn is_overdue(alert: &Outgoing, now: Timestamp) -> bool {
    alert.delivery == Delivery::Pending
        && alert.tries > 0
        && now.duration_since(alert.at) > SignedDuration::from_mins(15)
}
