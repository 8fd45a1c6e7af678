//! The data folder: files that are whole or absent, and readable by their owner only.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use vault::file;

pub use vault::file::Error as FolderError;

/// A folder that belongs to its owner alone (mode 0700), as do the files in it (0600).
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the folder; makes it where it is missing, and narrows its mode where others could look into it.
    ///
    /// # Errors
    /// The folder cannot be made or narrowed.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FolderError> {
        let path = path.into();
        file::make_folder(&path)?;
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
    /// The file is there but cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FolderError> {
        file::read(&self.path(name))
    }

    /// Replaces a file as a whole: a power cut leaves the old one or the new one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<(), FolderError> {
        file::write(&self.path(name), contents)
    }

    /// Waits until nobody else holds the lock of a file, and holds it until the result is dropped.
    ///
    /// # Errors
    /// The lock cannot be made.
    pub fn lock(&self, name: &str) -> Result<File, FolderError> {
        file::lock(&self.path(name).with_added_extension("lock"))
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// It is there and stays.
    pub(crate) fn remove(&self, name: &str) -> Result<(), FolderError> {
        let path = self.path(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    /// Replaces a file by a value as JSON that a person can read.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), FolderError> {
        let path = self.path(name);
        let mut text = serde_json::to_vec_pretty(value).map_err(|error| failed("write", &path)(error.into()))?;
        text.push(b'\n');
        file::write(&path, &text)
    }
}

fn failed<'a>(action: &'static str, path: &'a Path) -> impl Fn(io::Error) -> FolderError + 'a {
    move |reason| FolderError { action, path: path.to_owned(), reason }
}
