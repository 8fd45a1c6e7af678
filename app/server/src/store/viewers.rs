//! Sessions of people who look at boards.

use std::net::IpAddr;

use jiff::Timestamp;
use pairing::link;
use sqlx::{Sqlite, query::Query, sqlite::SqliteArguments};
use uuid::Uuid;

use super::{Store, StoreError, instant};

/// A browser that may look at boards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Viewer {
    pub(crate) id: Uuid,
    /// The access link by which it came; none where somebody typed the passcode.
    pub(crate) link: Option<link::Id>,
    pub(crate) address: IpAddr,
    /// What it calls itself.
    pub(crate) agent: String,
    pub(crate) started_at: Timestamp,
    pub(crate) seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

type Row = (String, Option<String>, String, String, i64, i64, i64);

impl Store {
    /// Every session that has not ended, the one that was used last first.
    pub(crate) async fn viewers(&self, now: Timestamp) -> Result<Vec<Viewer>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, link, address, agent, started_at, seen_at, expires_at FROM viewer_sessions
             WHERE expires_at > $1 ORDER BY seen_at DESC, id",
        )
        .bind(now.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| viewer(row).ok_or(WRONG)).collect()
    }

    /// The session of this id, if it has not ended.
    pub(crate) async fn viewer(&self, id: Uuid, now: Timestamp) -> Result<Option<Viewer>, StoreError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, link, address, agent, started_at, seen_at, expires_at FROM viewer_sessions
             WHERE id = $1 AND expires_at > $2",
        )
        .bind(id.to_string())
        .bind(now.as_millisecond())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| viewer(row).ok_or(WRONG)).transpose()
    }

    /// Adds a session, and forgets those that have ended by themselves.
    pub(crate) async fn add_viewer(&self, viewer: &Viewer) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM viewer_sessions WHERE expires_at <= $1")
            .bind(viewer.started_at.as_millisecond())
            .execute(&self.pool)
            .await?;
        insert(viewer).execute(&self.pool).await?;
        Ok(())
    }

    /// Takes a use of a link and adds the session that took it, both or neither. Says whether there was a use left: of
    /// two browsers that come at once for the last one, this decides.
    pub(crate) async fn admit_viewer(&self, link: &link::Id, viewer: &Viewer) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let taken =
            sqlx::query("UPDATE access_links SET used = used + 1 WHERE id = $1 AND used < uses AND revoked_at IS NULL")
                .bind(link.to_string())
                .execute(&mut *transaction)
                .await?;
        if taken.rows_affected() == 0 {
            return Ok(false);
        }
        insert(viewer).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes that a session was used.
    pub(crate) async fn saw_viewer(&self, id: Uuid, address: IpAddr, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE viewer_sessions SET seen_at = $2, address = $3 WHERE id = $1")
            .bind(id.to_string())
            .bind(now.as_millisecond())
            .bind(address.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub(crate) async fn end_viewer(&self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM viewer_sessions WHERE id = $1").bind(id.to_string()).execute(&self.pool).await?;
        Ok(())
    }

    pub(crate) async fn end_all_viewers(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM viewer_sessions").execute(&self.pool).await?;
        Ok(())
    }

    /// Ends every session that came by this link, or by the passcode where there is none.
    pub(crate) async fn end_viewers_of(&self, link: Option<link::Id>) -> Result<(), StoreError> {
        match link {
            Some(link) => sqlx::query("DELETE FROM viewer_sessions WHERE link = $1").bind(link.to_string()),
            None => sqlx::query("DELETE FROM viewer_sessions WHERE link IS NULL"),
        }
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

const WRONG: StoreError = StoreError::Row { what: "viewer's session" };

fn insert(viewer: &Viewer) -> Query<'_, Sqlite, SqliteArguments> {
    sqlx::query(
        "INSERT INTO viewer_sessions (id, link, address, agent, started_at, seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(viewer.id.to_string())
    .bind(viewer.link.map(|link| link.to_string()))
    .bind(viewer.address.to_string())
    .bind(&viewer.agent)
    .bind(viewer.started_at.as_millisecond())
    .bind(viewer.seen_at.as_millisecond())
    .bind(viewer.expires_at.as_millisecond())
}

fn viewer((id, link, address, agent, started_at, seen_at, expires_at): Row) -> Option<Viewer> {
    Some(Viewer {
        id: id.parse().ok()?,
        link: link.map(|link| link.parse()).transpose().ok()?,
        address: address.parse().ok()?,
        agent,
        started_at: instant(started_at).ok()?,
        seen_at: instant(seen_at).ok()?,
        expires_at: instant(expires_at).ok()?,
    })
}
