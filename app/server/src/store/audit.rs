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
    /// A browser was let in by the passcode.
    ViewerSignedIn,
    /// A browser was let in by an access link.
    ViewerAdmitted,
    /// The view passcode was set, or became another.
    PasscodeSet,
    /// The view passcode was removed.
    PasscodeRemoved,
    /// The administrator's password became another.
    PasswordChanged,
    /// A session was ended by an administrator.
    SessionEnded,
    /// All sessions were ended by an administrator.
    AllSessionsEnded,
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
            Self::ViewerSignedIn => "viewer_signed_in",
            Self::ViewerAdmitted => "viewer_admitted",
            Self::PasscodeSet => "passcode_set",
            Self::PasscodeRemoved => "passcode_removed",
            Self::PasswordChanged => "password_changed",
            Self::SessionEnded => "session_ended",
            Self::AllSessionsEnded => "all_sessions_ended",
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
