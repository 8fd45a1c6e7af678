//! The state folder: the sealed device key and those before and after it, the pairing, what was taken over from
//! `nexus.toml`, and the last known good time. Owner-only, and every file is replaced whole, so that a power cut leaves the
//! old one or the new one.

use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use pairing::device::Paired;
use pairing::rotation::device::{Ring, SealedRing};
use pairing::{DeviceKey, Entropy, MachineKey, SealedKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use tempfile::NamedTempFile;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::takeover::TakenOver;

const KEY: &str = "device-key.json";
const MACHINE: &str = "machine.key";
const RING: &str = "rotation.json";
const PAIRING: &str = "pairing.json";
const TAKEN: &str = "taken-over.json";
const CLOCK: &str = "clock";
/// Largest file that is read, in bytes: the anchor is most of it.
const MAX_FILE: u64 = 128 * 1024;

/// For the owner only.
const PRIVATE: u32 = 0o600;

/// The state folder of one stick.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    machine: MachineKey,
}

/// What the folder held.
#[derive(Debug)]
pub struct Stored {
    /// The device's key, new where there was none, with those before and after it.
    pub ring: Ring,
    /// The pairing, if there is one.
    pub pairing: Option<Pairing>,
    /// What was taken over from `nexus.toml`.
    pub taken: TakenOver,
    /// The newest instant that has surely passed: the last known good time, or the date of the newest file.
    pub passed: Timestamp,
}

/// A stored pairing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    /// The address that it was made with.
    pub server: Url,
    /// Who the device is there.
    #[serde(flatten)]
    pub paired: Paired,
}

/// Why the folder cannot be used. The file is left as it is.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct FolderError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
    /// Whether its content is damaged, as opposed to a disk that cannot be read or written.
    pub damaged: bool,
}

impl Folder {
    /// Opens the folder, and makes it and the device's key where there are none. `machine` is the file of the
    /// machine-bound secret, where it does not lie in the folder.
    ///
    /// # Errors
    /// The disk, or a file that is damaged.
    pub fn open(path: &Path, machine: Option<&Path>, entropy: &Entropy) -> Result<(Self, Stored), FolderError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| disk(path, &error))?;
        narrow(path, 0o700)?;
        let machine_path = machine.map_or_else(|| path.join(MACHINE), Path::to_owned);
        let (key_path, pairing_path, taken_path) = (path.join(KEY), path.join(PAIRING), path.join(TAKEN));
        for file in [&machine_path, &key_path, &path.join(RING), &pairing_path, &taken_path] {
            if file.exists() {
                narrow(file, 0o600)?;
            }
        }
        let newest = newest_file(path)?;
        let pairing: Option<Pairing> = read_json(&pairing_path)?;
        let sealed: Option<SealedKey> = read_json(&key_path)?;
        let taken = read_json(&taken_path)?.unwrap_or_default();
        let machine = match read(&machine_path)? {
            Some(bytes) => MachineKey::from_file(&bytes).map_err(|error| damaged(&machine_path, &error))?,
            None if sealed.is_some() => {
                return Err(damaged(&machine_path, &"it is missing, and without it the device key does not open"));
            }
            None => {
                let machine = MachineKey::draw(&entropy.split("machine key"));
                replace(&machine_path, machine.expose(), PRIVATE)?;
                machine
            }
        };
        let folder = Self { path: path.to_owned(), machine };
        let key = match sealed {
            Some(sealed) => sealed.open(&folder.machine).map_err(|error| damaged(&key_path, &error))?,
            None if pairing.is_some() => {
                return Err(damaged(&key_path, &"it is missing, although this screen was paired with it"));
            }
            None => {
                let key = DeviceKey::draw(&entropy.split("device key"));
                folder.store_key(&key, entropy)?;
                key
            }
        };
        let ring = folder.ring(key, pairing.as_ref())?;
        let passed = folder.known_time().into_iter().chain(newest).max().unwrap_or(Timestamp::UNIX_EPOCH);
        Ok((folder, Stored { ring, pairing, taken, passed }))
    }

    /// Stores the pairing.
    ///
    /// # Errors
    /// The disk.
    pub fn store(&self, pairing: &Pairing) -> Result<(), FolderError> {
        write_json(&self.path.join(PAIRING), pairing)
    }

    /// Stores the keys of the device of this id.
    ///
    /// # Errors
    /// The disk.
    pub fn store_keys(&self, device: Uuid, ring: &Ring, entropy: &Entropy) -> Result<(), FolderError> {
        // In this order: whatever the second file holds, old or new, is among the keys of the first.
        write_json(&self.path.join(RING), &ring.seal(device, &self.machine, &entropy.split("ring")))?;
        self.store_key(ring.present(), entropy)
    }

    /// Stores what was taken over from `nexus.toml`.
    ///
    /// # Errors
    /// The disk.
    pub fn take_over(&self, taken: &TakenOver) -> Result<(), FolderError> {
        write_json(&self.path.join(TAKEN), taken)
    }

    /// Forgets the pairing and the old key.
    ///
    /// # Errors
    /// The disk.
    pub fn forget(&self, key: &DeviceKey, entropy: &Entropy) -> Result<(), FolderError> {
        // In this order: a pairing without its key would be refused by the server for ever.
        for name in [PAIRING, RING] {
            let path = self.path.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(disk(&path, &error)),
                _ => sync(&self.path)?,
            }
        }
        self.store_key(key, entropy)
    }

    /// Remembers that it was this late, unless that is less than an hour's news.
    ///
    /// # Errors
    /// The disk.
    pub fn remember_time(&self, time: Timestamp) -> Result<(), FolderError> {
        match self.known_time() {
            Some(known) if known.duration_since(time).abs() < jiff::SignedDuration::from_hours(1) => Ok(()),
            _ => replace(&self.path.join(CLOCK), time.to_string().as_bytes(), PRIVATE),
        }
    }

    /// The last known good time. One that cannot be read is none: it is only ever a lower bound, and rewritten soon.
    fn known_time(&self) -> Option<Timestamp> {
        let bytes = read(&self.path.join(CLOCK)).ok()??;
        let known = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok());
        if known.is_none() {
            tracing::warn!(
                "the last known good time cannot be read; it is written anew when NTP or the server tells it"
            );
        }
        known
    }

    /// The key with those before and after it. What is there of another pairing than the present one does not count.
    fn ring(&self, key: DeviceKey, pairing: Option<&Pairing>) -> Result<Ring, FolderError> {
        let path = self.path.join(RING);
        let sealed: Option<SealedRing> = if pairing.is_some() { read_json(&path)? } else { None };
        match (sealed, pairing) {
            (Some(sealed), Some(pairing)) if sealed.device() == pairing.paired.device => {
                sealed.open(key, &self.machine).map_err(|error| damaged(&path, &error))
            }
            _ => Ok(Ring::new(Arc::new(key))),
        }
    }

    fn store_key(&self, key: &DeviceKey, entropy: &Entropy) -> Result<(), FolderError> {
        write_json(&self.path.join(KEY), &key.seal(&self.machine, &entropy.split("seal")))
    }
}

/// What was taken over from `nexus.toml`, as far as it can be read.
pub(crate) fn taken_over(path: &Path) -> TakenOver {
    read_json(&path.join(TAKEN)).ok().flatten().unwrap_or_default()
}

/// Puts the pairing and the keys aside, whatever state they are in, so that the next start pairs anew. Says what was
/// renamed to what.
///
/// # Errors
/// The disk.
pub fn put_aside(path: &Path, now: Timestamp) -> Result<Vec<(PathBuf, PathBuf)>, FolderError> {
    let mut renamed = Vec::new();
    // A key of the Wi-Fi that reads well is not to be lost: it was erased everywhere else.
    let taken = read_json::<TakenOver>(&path.join(TAKEN)).is_err().then_some(TAKEN);
    for name in [PAIRING, RING, KEY, MACHINE].into_iter().chain(taken) {
        let (from, to) = (path.join(name), path.join(format!("{name}.{}.old", now.as_second())));
        match fs::rename(&from, &to) {
            Ok(()) => renamed.push((from, to)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(disk(&from, &error)),
        }
    }
    sync(path)?;
    Ok(renamed)
}

fn disk(path: &Path, error: &io::Error) -> FolderError {
    FolderError { path: path.to_owned(), reason: error.to_string(), damaged: false }
}

fn damaged(path: &Path, reason: &dyn std::fmt::Display) -> FolderError {
    FolderError { path: path.to_owned(), reason: reason.to_string(), damaged: true }
}

fn narrow(path: &Path, mode: u32) -> Result<(), FolderError> {
    let now = fs::metadata(path).map_err(|error| disk(path, &error))?.permissions().mode() & 0o777;
    if now & !mode != 0 {
        tracing::warn!("{} could be read by others ({now:o}); it is {mode:o} now", path.display());
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(|error| disk(path, &error))?;
    }
    Ok(())
}

fn newest_file(path: &Path) -> Result<Option<Timestamp>, FolderError> {
    let mut newest = None;
    for entry in fs::read_dir(path).map_err(|error| disk(path, &error))? {
        let modified = entry.and_then(|entry| entry.metadata()).map_err(|error| disk(path, &error))?.mtime();
        newest = newest.max(Timestamp::from_second(modified).ok());
    }
    Ok(newest)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, FolderError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(disk(path, &error)),
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| disk(path, &error))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(damaged(path, &format!("it is longer than {MAX_FILE} bytes")));
    }
    Ok(Some(bytes))
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, FolderError> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| damaged(path, &unreadable(&error)))
}

/// What is wrong with a file, and where. The parser's own words quote what they met, and it may be a key.
fn unreadable(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Data => "something else than this version of Nexus writes",
        Category::Eof => "it is cut short",
        Category::Syntax | Category::Io => "it is no JSON",
    };
    format!("line {}, column {}: {what}", error.line(), error.column())
}

pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), FolderError> {
    let bytes = Zeroizing::new(serde_json::to_vec_pretty(value).map_err(|error| damaged(path, &error))?);
    replace(path, &bytes, PRIVATE)
}

/// Writes a file beside the old one and puts it in its place once it is on the disk.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FolderError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        // A file system without modes refuses every change of them, but not none.
        if file.as_file().metadata()?.permissions().mode() & 0o777 != mode {
            file.as_file().set_permissions(Permissions::from_mode(mode))?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map_err(|error| disk(path, &error))?;
    sync(folder)
}

fn sync(folder: &Path) -> Result<(), FolderError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| disk(folder, &error))
}

#[cfg(test)]
mod tests;
