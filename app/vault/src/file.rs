//! Small files that belong to their owner alone: read, written atomically, locked.
//!
//! For `settings.json`, `auth.json`, `secrets.json` and the keys in `pki/`. Files get mode 0600 and
//! folders that are made here 0700; files with a wider mode are narrowed when they are read, whole folders when they are
//! claimed, and the log says so. A crash leaves the old content or the new one, never a mixture. On Windows files have no
//! mode: there the folder's own access list says who may read it. What root writes into a folder of another user is that
//! user's, so that a service can read what was done for it on the console.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Largest file that is read, in bytes. Settings and secrets are a few kilobytes.
pub const MAX_LENGTH: u64 = 4 << 20;

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;

/// How the name of a file begins that is not whole yet.
const UNFINISHED: &str = ".new-";

/// No write takes so long.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {reason}", path.display())]
pub struct Error {
    /// What was tried: "read", "write", "lock", "make the folder", "look through", "narrow".
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the operating system said.
    #[source]
    pub reason: io::Error,
}

/// Reads a whole file; `None` where there is none. Narrows a wider mode to 0600 first, and logs that.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let failed = failed("read", path);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    narrow(&file, path, FILE).map_err(&failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_LENGTH + 1).read_to_end(&mut bytes).map_err(&failed)?;
    if bytes.len() as u64 > MAX_LENGTH {
        return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 4 MiB")));
    }
    Ok(Some(bytes))
}

/// Puts `content` in the place of the file, whether it exists or not. Durable when it returns: the
/// bytes and the name are both on disk. The folder must exist.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let failed = failed("write", path);
    let folder = folder_of(path);
    // Made with mode 0600 beside its destination, so that the rename stays within one file system.
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder).map_err(&failed)?;
    give_to_owner_of(folder, file.as_file()).map_err(&failed)?;
    file.write_all(content).map_err(&failed)?;
    file.as_file().sync_all().map_err(&failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder).map_err(&failed)
}

/// Makes a folder, and those above it, for its owner only (0700). One that exists and is wider is
/// narrowed, and the log says so: call it only for folders that are ours.
pub fn make_folder(path: &Path) -> Result<(), Error> {
    let failed = failed("make the folder", path);
    let made =
        path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect::<Vec<_>>();
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(&failed)?;
    for folder in made.into_iter().rev() {
        give_folder(folder).map_err(&failed)?;
    }
    narrow_at(path, FOLDER).map_err(&failed)
}

/// Makes all that is in a folder of ours, at whatever depth, its owner's alone, and says so in the log. Removes what a
/// write left behind that was killed. Links are not followed, and what belongs to another user is only told of.
pub fn claim(folder: &Path) -> Result<(), Error> {
    let failed = failed("look through", folder);
    for entry in fs::read_dir(folder).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        match claim_one(&entry) {
            // The database removes files of its own at any time.
            Err(Error { reason, .. }) if reason.kind() == io::ErrorKind::NotFound => {}
            claimed => claimed?,
        }
    }
    Ok(())
}

fn claim_one(entry: &fs::DirEntry) -> Result<(), Error> {
    let path = entry.path();
    let failed = failed("narrow", &path);
    let metadata = entry.metadata().map_err(&failed)?;
    if metadata.is_dir() {
        return match narrow_at(&path, FOLDER) {
            Ok(()) => claim(&path),
            Err(error) => tolerate(&path, error).map_err(failed),
        };
    }
    if !metadata.is_file() {
        return Ok(());
    }
    let is_left_behind = || Some(metadata.modified().ok()?.elapsed().ok()? >= LEFT_BEHIND);
    if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) && is_left_behind() == Some(true) {
        tracing::info!(path = %path.display(), "a write that was cut off left this; it was removed");
        return fs::remove_file(&path).map_err(failed);
    }
    narrow_at(&path, FILE).or_else(|error| tolerate(&path, error)).map_err(failed)
}

/// A volume may hold what is root's, such as `lost+found`.
fn tolerate(path: &Path, error: io::Error) -> io::Result<()> {
    if error.kind() != io::ErrorKind::PermissionDenied {
        return Err(error);
    }
    tracing::warn!(path = %path.display(), "this belongs to another user and stays as it is");
    Ok(())
}

/// Waits until no other process holds this lock file, and holds it until the result is dropped.
pub fn lock(path: &Path) -> Result<File, Error> {
    let failed = failed("lock", path);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(&failed)?;
    give_to_owner_of(folder_of(path), &file).map_err(&failed)?;
    file.lock().map_err(&failed)?;
    Ok(file)
}

/// Gives what was made in a folder to the folder's owner, where root made it. For everybody else this does nothing, and where
/// root may not, it stays as it is.
///
/// # Errors
/// One of them cannot be looked at, or not given away.
#[cfg(unix)]
pub fn give_to_owner_of(folder: &Path, made: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let owner = fs::metadata(folder)?;
    // What root makes is root's at first.
    if made.metadata()?.uid() != 0 || owner.uid() == 0 {
        return Ok(());
    }
    match fchown(made, Some(owner.uid()), Some(owner.gid())) {
        // Without the capability, or where the owner is no user of this container.
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput) => Ok(()),
        given => given,
    }
}

/// Files have owners of another kind here, which go by the folder.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn give_to_owner_of(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

fn failed(action: &'static str, path: &Path) -> impl Fn(io::Error) -> Error {
    move |reason| Error { action, path: path.to_owned(), reason }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn narrow_at(path: &Path, mode: u32) -> io::Result<()> {
    narrow(&File::open(path)?, path, mode)
}

#[cfg(not(unix))]
fn narrow_at(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn narrow(file: &File, path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = file.metadata()?;
    let found = metadata.permissions().mode() & 0o7777;
    // A device that somebody names in the place of a file is everybody's.
    if found & !mode == 0 || !(metadata.is_file() || metadata.is_dir()) {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(found & mode))?;
    tracing::warn!(
        path = %path.display(),
        found = format_args!("{found:04o}"),
        now = format_args!("{:04o}", found & mode),
        "others could read what is ours alone; its mode was narrowed"
    );
    Ok(())
}

#[cfg(not(unix))]
fn narrow(_: &File, _: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn give_folder(made: &Path) -> io::Result<()> {
    give_to_owner_of(folder_of(made), &File::open(made)?)
}

#[cfg(not(unix))]
fn give_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
