//! Sessions of people who look at boards.

use std::net::IpAddr;

use jiff::Timestamp;
use pairing::link;
use sqlx::{Sqlite, query::Query, sqlite::SqliteArguments};
use uuid::Uuid;

use super::{Deed, Store, StoreError, instant};
use crate::admin::Epoch;

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
    pub(crate) async fn viewers(&self, epoch: &Epoch, now: Timestamp) -> Result<Vec<Viewer>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, link, address, agent, started_at, seen_at, expires_at FROM viewer_sessions
             WHERE expires_at > $1 AND epoch = $2 ORDER BY seen_at DESC, id",
        )
        .bind(now.as_millisecond())
        .bind(epoch.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| viewer(row).ok_or(WRONG)).collect()
    }

    /// The session of this id, if it has not ended.
    pub(crate) async fn viewer(&self, id: Uuid, epoch: &Epoch, now: Timestamp) -> Result<Option<Viewer>, StoreError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, link, address, agent, started_at, seen_at, expires_at FROM viewer_sessions
             WHERE id = $1 AND expires_at > $2 AND epoch = $3",
        )
        .bind(id.to_string())
        .bind(now.as_millisecond())
        .bind(epoch.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| viewer(row).ok_or(WRONG)).transpose()
    }

    /// Adds a session, and forgets those that have ended by themselves or are of another epoch.
    pub(crate) async fn add_viewer(&self, viewer: &Viewer, epoch: &Epoch, deed: &Deed) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM viewer_sessions WHERE expires_at <= $1 OR epoch <> $2")
            .bind(viewer.started_at.as_millisecond())
            .bind(epoch.as_str())
            .execute(&mut *transaction)
            .await?;
        insert(viewer, epoch).execute(&mut *transaction).await?;
        deed.commit(transaction).await
    }

    /// Takes a use of a link and adds the session that took it, both or neither. Says whether there was a use left: of
    /// two browsers that come at once for the last one, this decides.
    pub(crate) async fn admit_viewer(
        &self,
        link: &link::Id,
        viewer: &Viewer,
        epoch: &Epoch,
        deed: &Deed,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let taken =
            sqlx::query("UPDATE access_links SET used = used + 1 WHERE id = $1 AND used < uses AND revoked_at IS NULL")
                .bind(link.to_string())
                .execute(&mut *transaction)
                .await?;
        if taken.rows_affected() == 0 {
            return Ok(false);
        }
        insert(viewer, epoch).execute(&mut *transaction).await?;
        deed.commit(transaction).await?;
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

    pub(crate) async fn end_viewer(&self, id: Uuid, deed: &Deed) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM viewer_sessions WHERE id = $1")
            .bind(id.to_string())
            .execute(&mut *transaction)
            .await?;
        deed.commit(transaction).await
    }

    pub(crate) async fn end_all_viewers(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM viewer_sessions").execute(&self.pool).await?;
        Ok(())
    }

    /// Ends every session that came by this link.
    pub(crate) async fn end_viewers_of(&self, link: link::Id) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM viewer_sessions WHERE link = $1").bind(link.to_string()).execute(&self.pool).await?;
        Ok(())
    }

    /// Ends every session that came by the passcode.
    pub(crate) async fn end_viewers_by_passcode(&self, deed: &Deed) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM viewer_sessions WHERE link IS NULL").execute(&mut *transaction).await?;
        deed.commit(transaction).await
    }
}

const WRONG: StoreError = StoreError::Row { what: "viewer's session" };

fn insert<'q>(viewer: &'q Viewer, epoch: &'q Epoch) -> Query<'q, Sqlite, SqliteArguments> {
    sqlx::query(
        "INSERT INTO viewer_sessions (id, link, address, agent, started_at, seen_at, expires_at, epoch)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(viewer.id.to_string())
    .bind(viewer.link.map(|link| link.to_string()))
    .bind(viewer.address.to_string())
    .bind(&viewer.agent)
    .bind(viewer.started_at.as_millisecond())
    .bind(viewer.seen_at.as_millisecond())
    .bind(viewer.expires_at.as_millisecond())
    .bind(epoch.as_str())
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
