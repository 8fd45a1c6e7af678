//! Small files that belong to their owner alone: read, written atomically, locked.
//!
//! For `settings.json`, `auth.json`, `secrets.json` and the keys in `pki/`. Files get mode 0600 and
//! folders that are made here 0700; files with a wider mode are narrowed when they are read, and the
//! log says so. A crash leaves the old content or the new one, never a mixture.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes. Settings and secrets are a few kilobytes.
pub const MAX_LENGTH: u64 = 4 << 20;

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {reason}", path.display())]
pub struct Error {
    /// What was tried: "read", "write", "lock", "make the folder".
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
    narrow(&file, path, 0o600).map_err(&failed)?;
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
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(&failed)?;
    file.write_all(content).map_err(&failed)?;
    file.as_file().sync_all().map_err(&failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder).map_err(&failed)
}

/// Makes a folder, and those above it, for its owner only (0700). One that exists and is wider is
/// narrowed, and the log says so: call it only for folders that are ours.
pub fn make_folder(path: &Path) -> Result<(), Error> {
    let failed = failed("make the folder", path);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(&failed)?;
    narrow(&File::open(path).map_err(&failed)?, path, 0o700).map_err(&failed)
}

/// Waits until no other process holds this lock file, and holds it until the result is dropped.
pub fn lock(path: &Path) -> Result<File, Error> {
    let failed = failed("lock", path);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(&failed)?;
    file.lock().map_err(&failed)?;
    Ok(file)
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
fn narrow(file: &File, path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let found = file.metadata()?.permissions().mode() & 0o7777;
    if found & !mode == 0 {
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
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
