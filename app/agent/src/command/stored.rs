//! What is remembered of commands, as a file of the state folder.

use std::path::{Path, PathBuf};

use super::rules::Record;
use crate::folder;

const FILE: &str = "commands.json";

/// The file.
#[derive(Debug)]
pub struct Stored(PathBuf);

impl Stored {
    /// The file in this state folder.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// Reads it. What cannot be read is begun anew: a command is of use for minutes.
    pub(super) fn read(&self) -> Record {
        match folder::read_json(&self.0) {
            Ok(record) => record.unwrap_or_default(),
            Err(error) => {
                tracing::warn!("what was known of commands is lost: {error}");
                Record::default()
            }
        }
    }

    /// Stores it, so that it is there after a power cut.
    pub(super) fn store(&self, record: &Record) -> Result<(), String> {
        folder::write_json(&self.0, record).map_err(|error| error.to_string())
    }
}
