use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, Seek};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

use crate::{Error, Fault, Manifest, archive};

/// What to do about a data folder that holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave it as it is, and restore nothing.
    Keep,
    /// Set it aside, under a name that tells when.
    SetAside,
}

/// What became of a restoration.
#[derive(Debug)]
pub struct Restored {
    /// What was restored.
    pub manifest: Manifest,
    /// Where that is which was there before, if there was something.
    pub set_aside: Option<PathBuf>,
}

/// Verifies an archive as a whole, and says what it holds.
///
/// # Errors
/// It cannot be read, or is not whole.
pub fn list(from: &Path) -> Result<Manifest, Error> {
    let file = File::open(from).map_err(|reason| Error::reading(from, reason))?;
    archive::verify(BufReader::new(file)).map_err(|fault| refused(from, fault))
}

/// Makes a data folder of an archive.
///
/// It is verified as a whole before anything is written; then unpacked beside the data folder, and verified once more on
/// the way; and then put in its place by one rename. A crash leaves the data folder as it was or as it shall be, and at
/// most a folder `.nexus-restore-…` beside it. What was there before is exchanged with it in the same instant, and kept.
/// `prepare` may change what was unpacked before it counts. Whose folder it was, it stays.
///
/// # Errors
/// It is not whole, or the folder holds something that is to be kept, or `prepare` fails. Nothing was changed then.
pub fn restore(
    from: &Path,
    data: &Path,
    existing: Existing,
    now: Timestamp,
    prepare: impl FnOnce(&Path) -> Result<(), Box<dyn std::error::Error + Send + Sync>>,
) -> Result<Restored, Error> {
    let file = File::open(from).map_err(|reason| Error::reading(from, reason))?;
    let mut file = BufReader::new(file);
    archive::verify(&mut file).map_err(|fault| refused(from, fault))?;
    file.rewind().map_err(|reason| Error::reading(from, reason))?;

    let data = std::path::absolute(data).map_err(|reason| Error::reading(data, reason))?;
    // Behind a link, what it leads to is exchanged.
    let data = data.canonicalize().unwrap_or(data);
    let occupied = is_occupied(&data)?;
    if occupied && existing == Existing::Keep {
        return Err(Error::Occupied(data));
    }
    let failed = |reason| Error::Exchange { path: data.clone(), reason };
    let beside = data.parent().ok_or_else(|| failed(io::ErrorKind::ResourceBusy.into()))?;
    fs::create_dir_all(beside).map_err(failed)?;
    let staging = tempfile::Builder::new()
        .prefix(".nexus-restore-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(beside)
        .map_err(failed)?;
    let whose = if data.exists() { &data } else { beside };
    File::open(staging.path()).and_then(|made| vault::file::give_to_owner_of(whose, &made)).map_err(failed)?;
    let manifest = archive::unpack(file, staging.path()).map_err(|fault| refused(from, fault))?;
    prepare(staging.path()).map_err(Error::Prepare)?;

    if !occupied {
        // An empty folder is replaced as well.
        fs::rename(staging.path(), &data).map_err(failed)?;
        // Its name is gone, and with it what there was to clean up.
        let _ = staging.keep();
        sync(beside).map_err(failed)?;
        return Ok(Restored { manifest, set_aside: None });
    }
    let aside = aside(&data, now);
    if aside.symlink_metadata().is_ok() {
        return Err(Error::Occupied(aside));
    }
    let exchanged = renameat2(AT_FDCWD, staging.path(), AT_FDCWD, &data, RenameFlags::RENAME_EXCHANGE);
    exchanged.map_err(|errno| failed(errno.into()))?;
    // From here on the staging folder holds what was there before, and must never be cleaned up.
    let before = staging.keep();
    let set_aside = match fs::rename(&before, &aside) {
        Ok(()) => aside,
        Err(_) => before,
    };
    sync(beside).map_err(failed)?;
    Ok(Restored { manifest, set_aside: Some(set_aside) })
}

fn refused(from: &Path, fault: Fault) -> Error {
    Error::Archive { path: from.to_owned(), fault }
}

fn is_occupied(data: &Path) -> Result<bool, Error> {
    match fs::read_dir(data) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(reason) => Err(Error::reading(data, reason)),
    }
}

/// `data-before-2026-03-02T080000Z`
fn aside(data: &Path, now: Timestamp) -> PathBuf {
    let mut name = data.file_name().unwrap_or_default().to_owned();
    name.push(now.strftime("-before-%Y-%m-%dT%H%M%SZ").to_string());
    data.with_file_name(name)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
