//! Who changed what.

use std::net::IpAddr;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Store, StoreError};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// The administrator's password was set with the setup code.
    PasswordSet,
    /// An administrator signed in.
    SignedIn,
    /// A code was typed.
    CodeEntered,
    /// A screen was added.
    ScreenAdded,
    /// A screen got another name or board.
    ScreenChanged,
    /// A screen was removed.
    ScreenRemoved,
    /// An access link was made.
    LinkCreated,
    /// A screen joined by an access link.
    ScreenJoined,
    /// An access link was revoked.
    LinkRevoked,
    /// A test alert was sent.
    AlertTested,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::PasswordSet => "password_set",
            Self::SignedIn => "signed_in",
            Self::CodeEntered => "code_entered",
            Self::ScreenAdded => "screen_added",
            Self::ScreenChanged => "screen_changed",
            Self::ScreenRemoved => "screen_removed",
            Self::LinkCreated => "link_created",
            Self::ScreenJoined => "screen_joined",
            Self::LinkRevoked => "link_revoked",
            Self::AlertTested => "alert_tested",
        }
    }
}

impl Store {
    /// Records what an administrator did, or a device by an access link. `subject` is an id, never a secret.
    pub(crate) async fn record(
        &self,
        actor: &str,
        action: Action,
        subject: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO audit (id, at, actor, action, subject, address) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(Uuid::new_v4().to_string())
            .bind(now.as_millisecond())
            .bind(actor)
            .bind(action.name())
            .bind(subject)
            .bind(address.to_canonical().to_string())
            .execute(&self.pool)
            .await?;
        tracing::info!(actor, action = action.name(), subject, "audit");
        Ok(())
    }
}
