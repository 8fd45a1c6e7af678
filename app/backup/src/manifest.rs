use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Fault, Name};

/// What an archive says of itself, and of each of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: Format,
    version: u32,
    /// The release that made it.
    pub nexus: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The files, in their order.
    pub files: Vec<Entry>,
}

/// One file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where it lies in the data folder.
    pub name: Name,
    /// Its bytes.
    pub length: u64,
    /// SHA-256 of them, in lower-case hexadecimal digits.
    pub sha256: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "nexus-backup")]
    NexusBackup,
}

/// What every version has, so that a newer one can be told from a damaged one.
#[derive(Deserialize)]
struct Outline {
    #[serde(rename = "format")]
    _format: Format,
    version: u32,
}

impl Manifest {
    /// The name of its entry, which no file of the data folder may have.
    pub(crate) const NAME: &str = "manifest.json";
    /// Largest manifest that is read, in bytes: ten thousand files.
    pub(crate) const MAX_LENGTH: u64 = 2 << 20;
    const VERSION: u32 = 1;

    pub(crate) fn new(nexus: &str, made_at: Timestamp, files: Vec<Entry>) -> Self {
        Self { format: Format::NexusBackup, version: Self::VERSION, nexus: nexus.to_owned(), made_at, files }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "text, numbers and lists always serialise")]
        let mut text = serde_json::to_vec_pretty(self).expect("a manifest serialises");
        text.push(b'\n');
        text
    }

    pub(crate) fn read(text: &[u8]) -> Result<Self, Fault> {
        let outline: Outline = serde_json::from_slice(text).map_err(|_| Fault::Foreign)?;
        if outline.version != Self::VERSION {
            return Err(Fault::Version(outline.version));
        }
        let manifest: Self = serde_json::from_slice(text).map_err(|error| Fault::Manifest(error.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// No name stands for two files, nor for a file and a folder.
    fn check(&self) -> Result<(), Fault> {
        let mut names = BTreeSet::new();
        for Entry { name, .. } in &self.files {
            if name.as_str() == Self::NAME || !names.insert(name.as_str()) {
                return Err(Fault::Twice(name.to_string()));
            }
        }
        let mut folders = self.files.iter().flat_map(|entry| entry.name.folders());
        match folders.find(|folder| names.contains(folder)) {
            Some(folder) => Err(Fault::Twice(folder.to_owned())),
            None => Ok(()),
        }
    }
}
