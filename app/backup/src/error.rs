use std::io;
use std::path::{Path, PathBuf};

/// Why a backup was not made or not put back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing to back up.
    #[error("there is no installation in {}: it has no settings.json; name its folder in NEXUS_DATA", .0.display())]
    NoInstallation(PathBuf),
    /// The archive's name is taken.
    #[error("{} is there already and was left as it is; name another file", .0.display())]
    Taken(PathBuf),
    /// The archive would become part of the next one.
    #[error(
        "{} lies in the data folder, and the next backup would hold it; name a file elsewhere, or in the folder `backups` there",
        .0.display()
    )]
    Within(PathBuf),
    /// Something of the data folder cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Reading {
        /// What.
        path: PathBuf,
        /// What was seen.
        #[source]
        reason: io::Error,
    },
    /// A file's name does not fit.
    #[error("{} has a name that a backup cannot hold ({fault}); rename it or move it away", path.display())]
    Name {
        /// The file.
        path: PathBuf,
        /// Why not.
        fault: Fault,
    },
    /// The database cannot be copied.
    #[error("cannot copy {}: {reason}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What was seen.
        #[source]
        reason: sqlx::Error,
    },
    /// The archive cannot be written.
    #[error("cannot write the backup: {0}")]
    Writing(#[source] io::Error),
    /// What was written does not read as it should.
    #[error("the backup was written and does not read: {0}. Something changed a file in the middle; try again")]
    Unsound(#[source] Fault),
    /// The archive is no good.
    #[error("{}: {fault}. Nothing was changed", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        fault: Fault,
    },
    /// There is something where it should go.
    #[error(
        "there is something in {} already. Nothing was changed. Name an empty folder in NEXUS_DATA, or say --replace: what is there is then set aside, and kept",
        .0.display()
    )]
    Occupied(PathBuf),
    /// The data folder cannot be exchanged.
    #[error(
        "cannot put the restored folder in the place of {}: {reason}. Nothing was changed. If that is a mount point, name a folder within it in NEXUS_DATA",
        path.display()
    )]
    Exchange {
        /// The data folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        reason: io::Error,
    },
    /// What was unpacked could not be made ready.
    #[error("{0}. Nothing was changed")]
    Prepare(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A folder cannot be made.
    #[error(transparent)]
    Folder(#[from] vault::file::Error),
}

impl Error {
    pub(crate) fn reading(path: &Path, reason: io::Error) -> Self {
        Self::Reading { path: path.to_owned(), reason }
    }
}

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It is something else.
    #[error("this is no backup that Nexus made")]
    Foreign,
    /// A newer release made it.
    #[error("this backup is of version {0}, which this release does not know; use the release that made it")]
    Version(u32),
    /// Its manifest does not read.
    #[error("its manifest does not read: {0}")]
    Manifest(String),
    /// It cannot be read.
    #[error("it is damaged or cut short ({0})")]
    Reading(#[source] io::Error),
    /// Its end is missing.
    #[error("it is cut short")]
    Short,
    /// A file is not the one that was backed up.
    #[error("it is damaged: \"{0}\" does not have the checksum that the manifest names")]
    Digest(String),
    /// An entry that the manifest does not name in this place.
    #[error("it holds \"{0}\" where its manifest names something else")]
    Unexpected(String),
    /// A name that may lead out of the folder.
    #[error("\"{0}\" is no name of a file within a data folder")]
    Name(String),
    /// Two files of one name.
    #[error("it names \"{0}\" twice")]
    Twice(String),
    /// Bytes after its end.
    #[error("there is more after its end")]
    Trailing,
    /// What it holds cannot be written.
    #[error("cannot write {}: {}", .0.display(), .1)]
    Writing(PathBuf, #[source] io::Error),
}

impl Fault {
    /// What the very first bytes mean that cannot be read: mostly another kind of file.
    pub(crate) fn opening(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Short,
            _ => Self::Foreign,
        }
    }
}
