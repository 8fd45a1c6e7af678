use std::fs::{File, Permissions};
use std::io::{self, Seek};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::snapshot::{BACKUPS, Snapshot, Source};
use crate::{Error, Manifest, archive};

/// What became of a backup.
#[derive(Debug)]
pub struct Created {
    /// What it holds.
    pub manifest: Manifest,
    /// The length of the archive.
    pub length: u64,
    /// What is neither file nor folder, and was left out.
    pub left_out: Vec<PathBuf>,
}

/// Makes an archive of a data folder, whether a server runs on it or not, for its owner alone (0600). It is there as a
/// whole and verified, or not at all.
///
/// Every file is taken as it is at one moment: the JSON files are replaced by renaming, and the database copies itself in
/// one transaction. The moments differ by milliseconds, which no file minds: none names a row or a line of another.
///
/// # Errors
/// There is no installation, the archive's name is taken, or something cannot be read or written.
pub async fn create(data: &Path, to: &Path, nexus: &str, now: Timestamp) -> Result<Created, Error> {
    if !data.join("settings.json").is_file() {
        return Err(Error::NoInstallation(data.to_owned()));
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let data = data.canonicalize().map_err(|reason| Error::reading(data, reason))?;
    if data.join(BACKUPS) == std::path::absolute(folder).map_err(Error::Writing)? {
        vault::file::make_folder(folder)?;
    }
    let canonical = folder.canonicalize().map_err(|reason| Error::reading(folder, reason))?;
    if canonical.starts_with(&data) && !canonical.starts_with(data.join(BACKUPS)) {
        return Err(Error::Within(to.to_owned()));
    }
    if to.symlink_metadata().is_ok() {
        return Err(Error::Taken(to.to_owned()));
    }

    // Both are for their owner alone, and gone again should anything fail.
    let mut own = tempfile::Builder::new();
    own.prefix(".nexus-backup-");
    let mut file = own.tempfile_in(folder).map_err(Error::Writing)?;
    let scratch = own.permissions(Permissions::from_mode(0o700)).tempdir_in(folder).map_err(Error::Writing)?;
    let Snapshot { mut sources, left_out } = Snapshot::take(&data, scratch.path()).await?;
    let manifest = Manifest::new(nexus, now, sources.iter().map(Source::entry).collect());
    archive::write(&manifest, &mut sources, io::BufWriter::new(file.as_file_mut()))?;
    let length = file.as_file_mut().stream_position().map_err(Error::Writing)?;

    // What was never read is no backup.
    file.as_file_mut().rewind().map_err(Error::Writing)?;
    archive::verify(file.as_file_mut()).map_err(Error::Unsound)?;
    file.as_file().sync_all().map_err(Error::Writing)?;
    file.persist_noclobber(to).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => Error::Taken(to.to_owned()),
        _ => Error::Writing(error.error),
    })?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::Writing)?;
    Ok(Created { manifest, length, left_out })
}
