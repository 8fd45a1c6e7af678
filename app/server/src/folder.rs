//! The data folder: files that are whole or absent, and readable by their owner only.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde::Serialize;
use tempfile::NamedTempFile;

/// Why the data folder could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct FolderError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl FolderError {
    fn of<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self { action, path: path.to_owned(), source }
    }
}

/// A folder that belongs to its owner alone (mode 0700), as do the files in it (0600).
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the folder, makes it where it is missing, and narrows wider modes of it and of the files in it.
    ///
    /// # Errors
    /// The folder cannot be made, read or narrowed.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FolderError> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(FolderError::of("make the folder", &path))?;
        narrow(&path, 0o700)?;
        for entry in fs::read_dir(&path).map_err(FolderError::of("list", &path))? {
            let entry = entry.map_err(FolderError::of("list", &path))?;
            if entry.file_type().map_err(FolderError::of("read", &path))?.is_file() {
                narrow(&entry.path(), 0o600)?;
            }
        }
        Ok(Self { path })
    }

    /// Opens a folder within this one.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn within(&self, name: &str) -> Result<Self, FolderError> {
        Self::open(self.path.join(name))
    }

    /// Where a file of this folder is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads a file; `None` where there is none.
    ///
    /// # Errors
    /// The file is there but cannot be read, or is not UTF-8.
    pub fn read(&self, name: &str) -> Result<Option<String>, FolderError> {
        let path = self.path(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FolderError::of("read", &path)(error)),
        }
    }

    /// Replaces a file as a whole: a power cut leaves the old one or the new one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<(), FolderError> {
        let path = self.path(name);
        let write = || -> io::Result<()> {
            // A named temporary file has mode 0600 from the start.
            let mut file = NamedTempFile::new_in(&self.path)?;
            file.write_all(contents)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            fs::File::open(&self.path)?.sync_all()
        };
        write().map_err(FolderError::of("write", &path))
    }

    /// Replaces a file by a value as JSON that a person can read.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), FolderError> {
        let mut text = serde_json::to_vec_pretty(value)
            .map_err(|error| FolderError::of("write", &self.path(name))(error.into()))?;
        text.push(b'\n');
        self.write(name, &text)
    }
}

fn narrow(path: &Path, mode: u32) -> Result<(), FolderError> {
    let metadata = fs::metadata(path).map_err(FolderError::of("read the mode of", path))?;
    let found = metadata.permissions().mode() & 0o777;
    if found & !mode != 0 {
        let narrowed = found & mode;
        fs::set_permissions(path, fs::Permissions::from_mode(narrowed))
            .map_err(FolderError::of("narrow the mode of", path))?;
        tracing::warn!(path = %path.display(), found = format!("{found:o}"), "others could read this; its mode is now {narrowed:o}");
    }
    Ok(())
}
