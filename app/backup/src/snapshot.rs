//! What is taken of a data folder: every file as it is at one moment, while others write.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::{Entry, Error, Name};

const DATABASE: &str = "nexus.db";

/// Folders of the data folder that are left out: sockets, earlier backups, and the mirror of updates, which is filled anew.
pub(crate) const BACKUPS: &str = "backups";
const SOCKETS: &str = "run";
const UPDATES: &str = "updates";

/// A file, open: whoever replaces it meanwhile replaces its name, and not what is read here.
pub(crate) struct Source {
    pub(crate) name: Name,
    pub(crate) length: u64,
    pub(crate) file: File,
    sha256: String,
}

impl Source {
    fn open(name: Name, path: &Path) -> Result<Self, Error> {
        let failed = |reason| Error::reading(path, reason);
        let mut file = File::open(path).map_err(failed)?;
        let (length, sha256) = digest(&mut file).map_err(failed)?;
        Ok(Self { name, length, file, sha256 })
    }

    pub(crate) fn entry(&self) -> Entry {
        Entry { name: self.name.clone(), length: self.length, sha256: self.sha256.clone() }
    }
}

fn digest(file: &mut File) -> io::Result<(u64, String)> {
    let mut digest = Sha256::new();
    let mut part = vec![0; 64 << 10];
    let mut length = 0;
    loop {
        match file.read(&mut part)? {
            0 => return Ok((length, HEXLOWER.encode(&digest.finalize()))),
            count => {
                digest.update(&part[..count]);
                length += count as u64;
            }
        }
    }
}

/// What was found in a data folder.
#[derive(Default)]
pub(crate) struct Snapshot {
    pub(crate) sources: Vec<Source>,
    /// What is neither file nor folder.
    pub(crate) left_out: Vec<PathBuf>,
}

impl Snapshot {
    /// Takes everything, in the order of names. The copy of the database is made in `scratch`.
    pub(crate) async fn take(data: &Path, scratch: &Path) -> Result<Self, Error> {
        let mut snapshot = Self::default();
        snapshot.gather(data, data)?;
        let database = data.join(DATABASE);
        if database.try_exists().map_err(|reason| Error::reading(&database, reason))? {
            let copy = scratch.join(DATABASE);
            copy_database(&database, &copy).await?;
            snapshot.sources.push(Source::open(name(Path::new(DATABASE), &database)?, &copy)?);
        }
        snapshot.sources.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(snapshot)
    }

    fn gather(&mut self, data: &Path, folder: &Path) -> Result<(), Error> {
        let failed = |reason| Error::reading(folder, reason);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            let kind = entry.file_type().map_err(failed)?;
            let within = path.strip_prefix(data).unwrap_or(&path);
            if is_of_the_moment(within) {
                continue;
            }
            if kind.is_dir() {
                self.gather(data, &path)?;
            } else if kind.is_file() {
                match Source::open(name(within, &path)?, &path) {
                    // Removed since it was listed.
                    Err(Error::Reading { reason, .. }) if reason.kind() == io::ErrorKind::NotFound => {}
                    source => self.sources.push(source?),
                }
            } else {
                self.left_out.push(path);
            }
        }
        Ok(())
    }
}

/// Whether something only counts while a process runs, or is taken in another way.
fn is_of_the_moment(within: &Path) -> bool {
    let Some(text) = within.to_str() else { return false };
    let name = text.rsplit('/').next().unwrap_or(text);
    matches!(text, SOCKETS | BACKUPS | UPDATES | "lost+found")
        // The database, and its log, shared memory and rollback journal.
        || text.strip_prefix(DATABASE).is_some_and(|rest| matches!(rest, "" | "-wal" | "-shm" | "-journal"))
        || name.ends_with(".lock")
        || name.starts_with(".new-")
}

fn name(within: &Path, path: &Path) -> Result<Name, Error> {
    let text = within.to_string_lossy();
    text.parse().map_err(|fault| Error::Name { path: path.to_owned(), fault })
}

/// Copies a database as it is at one moment, with what stands in its write-ahead log. Nobody who writes to it waits.
async fn copy_database(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = |reason| Error::Database { path: from.to_owned(), reason };
    // Made beforehand, because SQLite would give it a wider mode.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(Error::Writing)?;
    let options = SqliteConnectOptions::new().filename(from).busy_timeout(Duration::from_secs(30));
    let mut connection: SqliteConnection = options.disable_statement_logging().connect().await.map_err(failed)?;
    let copied = sqlx::query("VACUUM INTO ?").bind(to.to_string_lossy().into_owned()).execute(&mut connection).await;
    connection.close().await.map_err(failed)?;
    copied.map_err(failed)?;
    Ok(())
}
