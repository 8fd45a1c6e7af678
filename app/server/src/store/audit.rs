//! Who changed what.

use std::{fmt, net::IpAddr, str::FromStr};

use jiff::Timestamp;
use sqlx::{Sqlite, Transaction};
use uuid::Uuid;

use super::{Store, StoreError, instant};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// The administrator's password was set with the setup code.
    PasswordSet,
    /// An administrator signed in.
    SignedIn,
    /// An administrator signed out.
    SignedOut,
    /// A code was typed.
    CodeEntered,
    /// A screen was added.
    ScreenAdded,
    /// A screen got another name or board.
    ScreenChanged,
    /// A screen was removed.
    ScreenRemoved,
    /// A screen was suspended, because two devices use its identity.
    ScreenSuspended,
    /// An access link was made.
    LinkCreated,
    /// A screen joined by an access link.
    ScreenJoined,
    /// An access link was revoked.
    LinkRevoked,
    /// A connection to a helpdesk was tried.
    DeskTried,
    /// A helpdesk was connected.
    DeskConnected,
    /// The connection to a helpdesk was given up for the demo desk.
    DeskDisconnected,
    /// A secret was set.
    SecretSet,
    /// A secret was removed.
    SecretRemoved,
    /// Settings were changed.
    SettingsChanged,
    /// A browser was let in by the passcode.
    ViewerSignedIn,
    /// A browser signed out that looked at boards.
    ViewerSignedOut,
    /// A browser was let in by an access link.
    ViewerAdmitted,
    /// The view passcode was set, or became another.
    PasscodeSet,
    /// The view passcode was removed.
    PasscodeRemoved,
    /// The administrator's password became another.
    PasswordChanged,
    /// One-time codes are asked for from here on.
    OneTimeCodesSet,
    /// They are not any more.
    OneTimeCodesRemoved,
    /// A session was ended by an administrator.
    SessionEnded,
    /// All sessions were ended by an administrator.
    AllSessionsEnded,
    /// A test alert was sent.
    AlertTested,
    /// A screen was asked to say which one it is.
    IdentifyAsked,
    /// A screen was told to restart.
    RestartAsked,
    /// A screen was told to look for an update, and to take it.
    UpdateAsked,
    /// A message was sent to a screen.
    MessageSent,
    /// Strangers were refused, so many that one entry stands for all of them.
    StrangersRefused,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::PasswordSet => "password_set",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::CodeEntered => "code_entered",
            Self::ScreenAdded => "screen_added",
            Self::ScreenChanged => "screen_changed",
            Self::ScreenRemoved => "screen_removed",
            Self::ScreenSuspended => "screen_suspended",
            Self::LinkCreated => "link_created",
            Self::ScreenJoined => "screen_joined",
            Self::LinkRevoked => "link_revoked",
            Self::DeskTried => "desk_tried",
            Self::DeskConnected => "desk_connected",
            Self::DeskDisconnected => "desk_disconnected",
            Self::SecretSet => "secret_set",
            Self::SecretRemoved => "secret_removed",
            Self::SettingsChanged => "settings_changed",
            Self::ViewerSignedIn => "viewer_signed_in",
            Self::ViewerSignedOut => "viewer_signed_out",
            Self::ViewerAdmitted => "viewer_admitted",
            Self::PasscodeSet => "passcode_set",
            Self::PasscodeRemoved => "passcode_removed",
            Self::PasswordChanged => "password_changed",
            Self::OneTimeCodesSet => "one_time_codes_set",
            Self::OneTimeCodesRemoved => "one_time_codes_removed",
            Self::SessionEnded => "session_ended",
            Self::AllSessionsEnded => "all_sessions_ended",
            Self::AlertTested => "alert_tested",
            Self::IdentifyAsked => "identify_asked",
            Self::RestartAsked => "restart_asked",
            Self::UpdateAsked => "update_asked",
            Self::MessageSent => "message_sent",
            Self::StrangersRefused => "strangers_refused",
        }
    }
}

/// Something that is done, for the log. Whatever changes the database takes it into the same transaction, so that nothing
/// changes without its entry.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) actor: String,
    pub(crate) action: Action,
    /// An id, never a secret.
    pub(crate) subject: String,
    pub(crate) address: IpAddr,
    pub(crate) at: Timestamp,
}

impl Deed {
    /// Enters it beside what was changed, and commits both.
    pub(super) async fn commit(&self, mut transaction: Transaction<'_, Sqlite>) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO audit (id, at, actor, action, subject, address) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(Uuid::new_v4().to_string())
            .bind(self.at.as_millisecond())
            .bind(&self.actor)
            .bind(self.action.name())
            .bind(&self.subject)
            .bind(self.address.to_canonical().to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        tracing::info!(actor = self.actor, action = self.action.name(), subject = self.subject, "audit");
        Ok(())
    }
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) place: Place,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) subject: String,
    pub(crate) address: String,
}

/// Where an entry stands in the order of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) at: Timestamp,
    id: Uuid,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.as_millisecond(), self.id)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        let at = at.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok()).ok_or(())?;
        Ok(Self { at, id: id.parse().map_err(|_| ())? })
    }
}

impl Store {
    /// Entries of the log from the newest on, those before `before` where it is given, with `filter` somewhere in their
    /// action, subject, actor or address; `most` at most.
    pub(crate) async fn recorded(
        &self,
        filter: &str,
        before: Option<&Place>,
        most: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let (at, id) =
            before.map_or((i64::MAX, String::new()), |place| (place.at.as_millisecond(), place.id.to_string()));
        // As people read it: "screen added" is the action screen_added.
        let action = containing(&filter.to_ascii_lowercase().replace(' ', "_"));
        let rows: Vec<(String, i64, String, String, String, String)> = sqlx::query_as(
            "SELECT id, at, actor, action, subject, address FROM audit WHERE (at < $1 OR (at = $1 AND id < $2)) AND \
             (action LIKE $3 ESCAPE '!' OR subject LIKE $4 ESCAPE '!' OR actor LIKE $4 ESCAPE '!' OR address LIKE $4 ESCAPE '!') \
             ORDER BY at DESC, id DESC LIMIT $5",
        )
        .bind(at)
        .bind(id)
        .bind(action)
        .bind(containing(filter))
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        let entry = |(id, at, actor, action, subject, address): (String, i64, String, String, String, String)| {
            let id = id.parse().map_err(|_| StoreError::Row { what: "audit entry" })?;
            Ok(Recorded { place: Place { at: instant(at)?, id }, actor, action, subject, address })
        };
        rows.into_iter().map(entry).collect()
    }

    /// From where administrators signed in since then, oldest first.
    pub(crate) async fn sign_ins(&self, since: Timestamp) -> Result<Vec<(IpAddr, Timestamp)>, StoreError> {
        let query = "SELECT address, at FROM audit WHERE at >= $1 AND action IN ($2, $3) ORDER BY at";
        let rows: Vec<(String, i64)> = sqlx::query_as(query)
            .bind(since.as_millisecond())
            .bind(Action::SignedIn.name())
            .bind(Action::PasswordSet.name())
            .fetch_all(&self.pool)
            .await?;
        let sign_in = |(address, at): (String, i64)| {
            let address = address.parse().map_err(|_| StoreError::Row { what: "audit entry" })?;
            Ok((address, instant(at)?))
        };
        rows.into_iter().map(sign_in).collect()
    }

    /// Records what an administrator or a device did outside the database; see [`Deed`] for what is done in it. `subject`
    /// is an id, never a secret.
    pub(crate) async fn record(
        &self,
        actor: &str,
        action: Action,
        subject: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.enter(&Deed { actor: actor.to_owned(), action, subject: subject.to_owned(), address, at: now }).await
    }

    /// Records something that nothing else changes with.
    pub(crate) async fn enter(&self, deed: &Deed) -> Result<(), StoreError> {
        deed.commit(self.pool.begin().await?).await
    }
}

/// A pattern for whatever holds this text.
fn containing(text: &str) -> String {
    let literal = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{literal}%")
}
