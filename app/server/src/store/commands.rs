//! Commands to screens.

use device::fleet::{Acknowledgement, Command};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Deed, Store, StoreError, instant};

const BROKEN: StoreError = StoreError::Row { what: "command" };

/// A command to a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) screen: Uuid,
    pub(crate) command: Command,
    pub(crate) made_at: Timestamp,
    /// What the screen said of it.
    pub(crate) outcome: Option<Acknowledgement>,
}

type Row = (String, String, i64, i64, String, Option<String>);

impl Store {
    /// Keeps a command; those of the screen that are older than `since` are forgotten.
    pub(crate) async fn add_command(&self, sent: &Sent, since: Timestamp, deed: &Deed) -> Result<(), StoreError> {
        let order = serde_json::to_string(&sent.command.order).map_err(|_| BROKEN)?;
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM commands WHERE screen = $1 AND made_at < $2")
            .bind(sent.screen.to_string())
            .bind(since.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO commands (id, screen, made_at, expires_at, command) VALUES ($1, $2, $3, $4, $5)")
            .bind(sent.command.id.to_string())
            .bind(sent.screen.to_string())
            .bind(sent.made_at.as_millisecond())
            .bind(sent.command.expires_at.as_millisecond())
            .bind(order)
            .execute(&mut *transaction)
            .await?;
        deed.commit(transaction).await
    }

    /// A screen says what became of a command; the first word counts. Says whether there is such a command.
    pub(crate) async fn end_command(
        &self,
        screen: Uuid,
        id: Uuid,
        outcome: &Acknowledgement,
    ) -> Result<bool, StoreError> {
        let outcome = serde_json::to_string(outcome).map_err(|_| BROKEN)?;
        let ended = sqlx::query("UPDATE commands SET outcome = COALESCE(outcome, $3) WHERE id = $1 AND screen = $2")
            .bind(id.to_string())
            .bind(screen.to_string())
            .bind(outcome)
            .execute(&self.pool)
            .await?;
        Ok(ended.rows_affected() > 0)
    }

    /// Every command that has no answer and does not expire before `now`, the oldest first.
    pub(crate) async fn open_commands(&self, now: Timestamp) -> Result<Vec<Sent>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, screen, made_at, expires_at, command, outcome FROM commands
             WHERE outcome IS NULL AND expires_at > $1 ORDER BY made_at, id",
        )
        .bind(now.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(sent).collect()
    }

    /// The newest commands to a screen, the newest first.
    pub(crate) async fn newest_commands(&self, screen: Uuid, most: u32) -> Result<Vec<Sent>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, screen, made_at, expires_at, command, outcome FROM commands WHERE screen = $1
             ORDER BY made_at DESC, id DESC LIMIT $2",
        )
        .bind(screen.to_string())
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(sent).collect()
    }
}

fn sent((id, screen, made_at, expires_at, order, outcome): Row) -> Result<Sent, StoreError> {
    let command = Command {
        id: id.parse().map_err(|_| BROKEN)?,
        expires_at: instant(expires_at)?,
        order: serde_json::from_str(&order).map_err(|_| BROKEN)?,
    };
    let outcome = outcome.map(|outcome| serde_json::from_str(&outcome)).transpose().map_err(|_| BROKEN)?;
    Ok(Sent { screen: screen.parse().map_err(|_| BROKEN)?, command, made_at: instant(made_at)?, outcome })
}
