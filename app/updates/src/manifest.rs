//! The manifest of a release: a small JSON target of the TUF repository.

use std::fmt;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::waves::Waves;

/// Longest manifest in bytes that is read.
pub const MAX_MANIFEST: usize = 16 * 1024;
/// Longest name of a bundle, and of what it is compatible with.
const MAX_NAME: usize = 128;

/// What is published of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its version.
    pub version: Version,
    /// RAUC's compatible string: which images it may replace.
    pub compatible: Name,
    /// The bundle.
    pub bundle: Bundle,
    /// The version of the boot partition's contract (`image/boot`) that it needs at least: what starts the slots is never
    /// written in the field.
    pub minimum_boot: u32,
    /// When it was published: the waves count from here.
    pub published_at: Timestamp,
    /// When whose turn it is.
    pub waves: Waves,
}

/// The RAUC bundle of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Its file name beside the repository's targets.
    pub name: Name,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 hash of the manifest in it, which `require-manifest-hash` takes.
    pub manifest_hash: ManifestHash,
}

/// A plain name: letters, digits, `.`, `-`, `_`, `+`; it begins with a letter or a digit, so it is no path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// RAUC's manifest hash: SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ManifestHash([u8; 32]);

/// A manifest that cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is too long.
    #[error("the release's manifest has {0} bytes; {MAX_MANIFEST} are read at most")]
    TooLong(usize),
    /// It does not read as one.
    #[error("the release's manifest: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// A text that is no [`Name`].
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no plain name (letters, digits, . - _ +; at most {MAX_NAME}; the first a letter or digit)")]
pub struct NoName(String);

/// A text that is no SHA-256 hash.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no SHA-256 hash: 64 digits of lower-case hexadecimal are")]
pub struct NoHash(String);

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// It is too long, or not what a manifest is. Names that are not known are those of a newer release, and passed over.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST {
            return Err(ManifestError::TooLong(bytes.len()));
        }
        Ok(serde_json::from_slice(bytes)?)
    }

    /// The name of the target in the repository.
    #[must_use]
    pub fn target(&self) -> String {
        format!("{}-{}.json", self.compatible, self.version)
    }
}

impl Name {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = NoName;

    fn try_from(text: String) -> Result<Self, NoName> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
        let is_name = text.len() <= MAX_NAME
            && text.bytes().all(plain)
            && text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
        if is_name { Ok(Self(text)) } else { Err(NoName(text)) }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for ManifestHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for ManifestHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for ManifestHash {
    type Error = NoHash;

    fn try_from(text: String) -> Result<Self, NoHash> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(NoHash(text))
    }
}

impl From<ManifestHash> for String {
    fn from(hash: ManifestHash) -> Self {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn published() -> Value {
        json!({
            "version": "1.4.0",
            "compatible": "nexus-amd64",
            "bundle": {
                "name": "nexus-amd64-1.4.0.raucb",
                "size": 62_914_560,
                "manifest_hash": "7a".repeat(32),
            },
            "minimum_boot": 1,
            "published_at": "2027-03-01T09:00:00Z",
            "waves": [{"percent": 5, "hours": 0}, {"percent": 100, "hours": 48}],
        })
    }

    fn read(json: &Value) -> Result<Manifest, ManifestError> {
        Manifest::read(json.to_string().as_bytes())
    }

    #[test]
    fn what_is_published_reads_back_and_a_newer_name_is_passed_over() {
        let mut json = published();
        let manifest = read(&json).unwrap();
        assert_eq!(serde_json::to_value(&manifest).unwrap(), json);
        assert_eq!(manifest.target(), "nexus-amd64-1.4.0.json");
        json["colour"] = json!("blue");
        assert_eq!(read(&json).unwrap(), manifest);
    }

    #[test]
    fn a_manifest_with_a_mistake_is_not_taken_and_the_error_names_it() {
        for (place, wrong, named) in [
            ("/version", json!("1.4"), "unexpected end of input"),
            ("/compatible", json!(""), "no plain name"),
            ("/bundle/name", json!("../nexus.raucb"), "no plain name"),
            ("/bundle/name", json!("a/b"), "no plain name"),
            ("/bundle/manifest_hash", json!("7A".repeat(32)), "no SHA-256 hash"),
            ("/bundle/manifest_hash", json!("7a".repeat(31)), "no SHA-256 hash"),
            ("/bundle/size", json!(-1), "invalid value"),
            ("/waves", json!([]), "no wave"),
        ] {
            let mut json = published();
            *json.pointer_mut(place).unwrap() = wrong;
            let error = read(&json).unwrap_err().to_string();
            assert!(error.contains(named), "{place}: {error}");
        }
        let long = format!("{}{}", published(), " ".repeat(MAX_MANIFEST));
        assert!(matches!(Manifest::read(long.as_bytes()), Err(ManifestError::TooLong(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Manifest::read(&bytes);
        }
    }
}
