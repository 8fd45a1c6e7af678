//! The record of updates as a file of the state folder.

use std::path::{Path, PathBuf};

use pairing::{Entropy, Unavailable};
use updates::Seed;

use super::{Record, Store};
use crate::folder;

const FILE: &str = "update.json";

/// The file.
#[derive(Debug)]
pub struct Stored(PathBuf);

impl Stored {
    /// The file in this state folder.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// Reads it. What cannot be read is begun anew: it says what is under way and what failed, and both show again.
    ///
    /// # Errors
    /// No randomness for a new seed.
    pub fn read(&self) -> Result<Record, Unavailable> {
        match folder::read_json(&self.0) {
            Ok(Some(record)) => return Ok(record),
            Ok(None) => {}
            Err(error) => tracing::warn!("what was known of updates is lost: {error}"),
        }
        let record = Record::new(Seed::draw(u16::from_le_bytes(Entropy::system()?.draw("update seed"))));
        if let Err(error) = self.store(&record) {
            tracing::warn!("{error}");
        }
        Ok(record)
    }
}

impl Store for Stored {
    fn store(&self, record: &Record) -> Result<(), String> {
        folder::write_json(&self.0, record).map_err(|error| error.to_string())
    }
}
