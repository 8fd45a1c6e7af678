//! A data folder as a server keeps it, and archives of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use backup::Created;
use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{Connection, query, query_scalar};
use tempfile::TempDir;

pub(crate) const SECRETS: &str = "{\"version\": 1, \"secrets\": {}}\n";

pub(crate) struct Stage {
    folder: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let stage = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(stage.data().join("pki")).unwrap();
        for (name, content) in [
            ("settings.json", "{}\n"),
            ("secrets.json", SECRETS),
            ("secrets.json.lock", ""),
            (".new-abc", "half"),
            ("pki/authority.key", "a key"),
            ("pki/authority.pem", "a certificate"),
        ] {
            fs::write(stage.data().join(name), content).unwrap();
        }
        stage
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.path("nexus.tar.zst")
    }

    pub(crate) async fn create(&self) -> Result<Created, backup::Error> {
        backup::create(&self.data(), &self.archive(), "1.2.3", now()).await
    }

    /// The bytes of an archive without a database.
    pub(crate) async fn bytes() -> Vec<u8> {
        let stage = Self::new();
        stage.create().await.unwrap();
        fs::read(stage.archive()).unwrap()
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

/// A connection to a database with a write-ahead log, as the server has one.
pub(crate) async fn database(path: &Path) -> SqliteConnection {
    let options =
        SqliteConnectOptions::new().filename(path).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    query("CREATE TABLE IF NOT EXISTS pairs (one BIGINT NOT NULL, other BIGINT NOT NULL)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

/// Adds a row to each side in one transaction.
pub(crate) async fn add_pair(connection: &mut SqliteConnection, number: i64) {
    let mut transaction = connection.begin().await.unwrap();
    for (one, other) in [(number, 0), (0, number)] {
        let insert = query("INSERT INTO pairs VALUES (?, ?)").bind(one).bind(other);
        insert.execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// The sums of both sides.
pub(crate) async fn sums(connection: &mut SqliteConnection) -> (i64, i64) {
    let one = query_scalar("SELECT COALESCE(SUM(one), 0) FROM pairs").fetch_one(&mut *connection).await.unwrap();
    let other = query_scalar("SELECT COALESCE(SUM(other), 0) FROM pairs").fetch_one(connection).await.unwrap();
    (one, other)
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The names in a folder, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
