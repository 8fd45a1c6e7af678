//! Administrators' sessions: only hashes of their tokens.

use jiff::Timestamp;

use super::{Store, StoreError, instant};

impl Store {
    pub(crate) async fn start_session(
        &self,
        token_hash: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM admin_sessions WHERE expires_at <= $1")
            .bind(now.as_millisecond())
            .execute(&self.pool)
            .await?;
        sqlx::query("INSERT INTO admin_sessions (token_hash, started_at, expires_at) VALUES ($1, $2, $3)")
            .bind(token_hash)
            .bind(now.as_millisecond())
            .bind(expires_at.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// When the session ends; `None` where there is none or it has ended.
    pub(crate) async fn session(&self, token_hash: &str, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let row: Option<(i64,)> =
            sqlx::query_as("SELECT expires_at FROM admin_sessions WHERE token_hash = $1 AND expires_at > $2")
                .bind(token_hash)
                .bind(now.as_millisecond())
                .fetch_optional(&self.pool)
                .await?;
        row.map(|(expires_at,)| instant(expires_at)).transpose()
    }

    pub(crate) async fn end_session(&self, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM admin_sessions WHERE token_hash = $1").bind(token_hash).execute(&self.pool).await?;
        Ok(())
    }
}
