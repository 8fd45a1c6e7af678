//! Administrators' sessions: only hashes of their tokens.

use jiff::Timestamp;

use super::{Deed, Store, StoreError, instant};
use crate::admin::Epoch;

/// A signed-in administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AdminSession {
    /// Of its token: names the session, and gives nobody the token.
    pub(crate) token_hash: String,
    /// Where it was used last; empty for one that an older version began.
    pub(crate) address: String,
    /// What the browser calls itself.
    pub(crate) agent: String,
    pub(crate) started_at: Timestamp,
    pub(crate) seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

type Row = (String, String, String, i64, i64, i64);

impl Store {
    /// Begins a session, and forgets those that have ended by themselves or are of another epoch.
    pub(crate) async fn start_session(
        &self,
        session: &AdminSession,
        epoch: &Epoch,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM admin_sessions WHERE expires_at <= $1 OR epoch <> $2")
            .bind(session.started_at.as_millisecond())
            .bind(epoch.as_str())
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO admin_sessions (token_hash, address, agent, started_at, seen_at, expires_at, epoch)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&session.token_hash)
        .bind(&session.address)
        .bind(&session.agent)
        .bind(session.started_at.as_millisecond())
        .bind(session.seen_at.as_millisecond())
        .bind(session.expires_at.as_millisecond())
        .bind(epoch.as_str())
        .execute(&mut *transaction)
        .await?;
        deed.commit(transaction).await
    }

    /// Every session that has not ended, the one that was used last first.
    pub(crate) async fn sessions(&self, epoch: &Epoch, now: Timestamp) -> Result<Vec<AdminSession>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT token_hash, address, agent, started_at, seen_at, expires_at FROM admin_sessions
             WHERE expires_at > $1 AND epoch = $2 ORDER BY seen_at DESC, token_hash",
        )
        .bind(now.as_millisecond())
        .bind(epoch.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(session).collect()
    }

    /// The session of this hash, if it has not ended.
    pub(crate) async fn session(
        &self,
        token_hash: &str,
        epoch: &Epoch,
        now: Timestamp,
    ) -> Result<Option<AdminSession>, StoreError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT token_hash, address, agent, started_at, seen_at, expires_at FROM admin_sessions
             WHERE token_hash = $1 AND expires_at > $2 AND epoch = $3",
        )
        .bind(token_hash)
        .bind(now.as_millisecond())
        .bind(epoch.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.map(session).transpose()
    }

    /// Notes that a session was used.
    pub(crate) async fn saw_session(&self, token_hash: &str, address: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE admin_sessions SET seen_at = $2, address = $3 WHERE token_hash = $1")
            .bind(token_hash)
            .bind(now.as_millisecond())
            .bind(address)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub(crate) async fn end_session(&self, token_hash: &str, deed: &Deed) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM admin_sessions WHERE token_hash = $1")
            .bind(token_hash)
            .execute(&mut *transaction)
            .await?;
        deed.commit(transaction).await
    }

    /// Ends every session but this one.
    pub(crate) async fn end_other_sessions(&self, token_hash: &str, deed: &Deed) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM admin_sessions WHERE token_hash <> $1")
            .bind(token_hash)
            .execute(&mut *transaction)
            .await?;
        deed.commit(transaction).await
    }
}

fn session((token_hash, address, agent, started_at, seen_at, expires_at): Row) -> Result<AdminSession, StoreError> {
    let (started_at, seen_at, expires_at) = (instant(started_at)?, instant(seen_at)?, instant(expires_at)?);
    Ok(AdminSession { token_hash, address, agent, started_at, seen_at, expires_at })
}
