//! `nexus.db`: screens, access links, sessions, history and the audit log.

mod alerts;
mod audit;
mod commands;
mod health;
mod keys;
mod links;
mod samples;
mod screens;
mod sessions;
mod viewers;

use std::{
    borrow::Cow,
    fs, io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use sqlx::{
    SqlStr, SqlitePool,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::folder::Folder;

pub(crate) use alerts::{Delivery, Outgoing, rule_name};
pub(crate) use audit::{Action, Deed, Place, Recorded};
pub(crate) use commands::Sent;
pub(crate) use links::{Link, Purpose, Sight};
pub(crate) use screens::Screen;
pub(crate) use sessions::AdminSession;
pub(crate) use viewers::Viewer;

/// The file's name within the data folder.
const FILE: &str = "nexus.db";

const CONNECTIONS: u32 = 2;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("../migrations/1_first.sql")),
    (2, "access links", include_str!("../migrations/2_access_links.sql")),
    (3, "access", include_str!("../migrations/3_access.sql")),
    (4, "alerts", include_str!("../migrations/4_alerts.sql")),
    (5, "keys", include_str!("../migrations/5_keys.sql")),
    (6, "sessions' epoch", include_str!("../migrations/6_epoch.sql")),
    (7, "updates", include_str!("../migrations/7_updates.sql")),
    (8, "commands", include_str!("../migrations/8_commands.sql")),
    (9, "groups of screens", include_str!("../migrations/9_groups.sql")),
];

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened.
    #[error("cannot open {}: {source}. If it is damaged, put it back from a backup; nothing was changed", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What was seen.
        source: sqlx::Error,
    },
    /// It is of another version.
    #[error("cannot bring {} up to date: {source}. A newer version of Nexus may have written it", path.display())]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What was seen.
        source: MigrateError,
    },
    /// A statement failed.
    #[error("the database failed: {0}")]
    Statement(#[from] sqlx::Error),
    /// A row does not read as what it should be.
    #[error("the database holds a {what} that does not read as one; put nexus.db back from a backup")]
    Row {
        /// What it should be.
        what: &'static str,
    },
}

/// The database of one installation.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the database, makes it where it is missing, and brings it up to date.
    ///
    /// # Errors
    /// It cannot be opened, or a newer version wrote it.
    pub(crate) async fn open(folder: &Folder) -> Result<Self, StoreError> {
        let path = folder.path(FILE);
        own(&path).map_err(|source| StoreError::Open { path: path.clone(), source: source.into() })?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            // What was answered is on the disk: a power cut must not undo that a screen was removed, a link revoked or used,
            // a session ended.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // The process may write nowhere but into the data folder: see `confinement`.
            .pragma("temp_store", "memory")
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_with(options)
            .await
            .map_err(|source| StoreError::Open { path: path.clone(), source })?;
        let migrations = MIGRATIONS
            .iter()
            .map(|(version, name, sql)| {
                let sql = SqlStr::from_static(sql);
                Migration::new(*version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
            })
            .collect();
        Migrator::with_migrations(migrations)
            .run(&pool)
            .await
            .map_err(|source| StoreError::Migrate { path: path.clone(), source })?;
        Ok(Self { pool })
    }

    /// Proves that the database can be asked.
    ///
    /// # Errors
    /// It cannot.
    pub(crate) async fn answers(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT COUNT(*) FROM screens").execute(&self.pool).await?;
        Ok(())
    }

    /// How many bytes it has.
    ///
    /// # Errors
    /// It cannot be asked.
    pub(crate) async fn size(&self) -> Result<i64, StoreError> {
        let sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.pool).await?)
    }

    /// Writes what is pending and closes the file.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Makes the file where it is missing, with mode 0600; SQLite gives its other files the same mode and owner.
fn own(path: &Path) -> io::Result<()> {
    let file = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    vault::file::give_to_owner_of(path.parent().unwrap_or(path), &file)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

fn instant(milliseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| StoreError::Row { what: "point in time" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_committed_is_on_the_disk_over_every_connection() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::open(folder.path()).unwrap()).await.unwrap();
        let mut held = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut connection = store.pool.acquire().await.unwrap();
            let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await.unwrap();
            // FULL: the write-ahead log is flushed at each commit (https://sqlite.org/pragma.html#pragma_synchronous).
            assert_eq!(synchronous, 2);
            held.push(connection);
        }
    }
}
