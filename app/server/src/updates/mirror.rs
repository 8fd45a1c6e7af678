//! The mirror's folder: `metadata/` and `targets/` as the vendor publishes them, and what is known of both.

use std::{collections::BTreeMap, path::PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use updates::{Manifest, Name};

use crate::folder::{Folder, FolderError};

const STATE: &str = "state.json";

/// The mirror within the data folder.
#[derive(Clone, Debug)]
pub struct Mirror {
    folder: Folder,
}

/// What is known of the mirror.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// When the vendor's repository was looked at last, whatever came of it.
    pub looked_at: Option<Timestamp>,
    /// Why that brought nothing, in words.
    pub failure: Option<String>,
    /// What is offered to screens.
    pub offered: Option<Offered>,
}

/// What a mirror offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// Where it is from.
    pub from: String,
    /// Until when screens believe it.
    pub fresh_until: Timestamp,
    /// The releases whose bundles are here; of each compatible string the newest first.
    pub releases: Vec<Manifest>,
}

impl Mirror {
    /// Opens the mirror of a data folder.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(data: &Folder) -> Result<Self, FolderError> {
        Ok(Self { folder: data.within("updates")? })
    }

    /// What is known of it. What does not read counts as nothing: the next look writes it anew.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn state(&self) -> Result<State, FolderError> {
        let json = self.folder.read(STATE)?;
        Ok(json.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default())
    }

    pub(super) fn remember(&self, state: &State) -> Result<(), FolderError> {
        self.folder.write_json(STATE, state)
    }

    pub(super) fn metadata(&self) -> Result<Folder, FolderError> {
        self.folder.within("metadata")
    }

    pub(super) fn targets(&self) -> Result<Folder, FolderError> {
        self.folder.within("targets")
    }

    /// Where bundles are until they are whole.
    pub(super) fn incoming(&self) -> Result<Folder, FolderError> {
        self.folder.within("incoming")
    }

    /// What is known of the repository of this root.
    pub(super) fn kept(&self, root: &str) -> Result<Folder, FolderError> {
        self.folder.within("kept")?.within(root)
    }

    /// One process at a time fills it.
    pub(super) fn lock(&self) -> Result<std::fs::File, FolderError> {
        self.folder.lock(STATE)
    }

    /// A file that is offered: one of the metadata, or a target.
    pub(crate) fn file(&self, part: &str, name: &str) -> Option<PathBuf> {
        // A plain name, so that it is no path.
        let name = Name::try_from(name.to_owned()).ok()?;
        Some(self.folder.path(part).join(name.as_str()))
    }
}

impl State {
    /// The releases that are offered.
    pub(crate) fn releases(&self) -> &[Manifest] {
        self.offered.as_ref().map_or(&[], |offered| &offered.releases)
    }

    /// The newest of each compatible string.
    pub(crate) fn newest(&self) -> Vec<&Manifest> {
        let mut newest = BTreeMap::<&str, &Manifest>::new();
        for release in self.releases() {
            let first = newest.entry(release.compatible.as_str()).or_insert(release);
            if release.version > first.version {
                *first = release;
            }
        }
        newest.into_values().collect()
    }
}
