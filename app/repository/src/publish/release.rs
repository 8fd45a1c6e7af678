//! One more release.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use updates::{Bundle, Manifest, ManifestHash, Name, Version, Wave, Waves};

/// What is said of a bundle that is to be published.
#[derive(Clone, Debug)]
pub struct Published {
    /// The bundle.
    pub bundle: PathBuf,
    /// RAUC's manifest hash of it.
    pub manifest_hash: ManifestHash,
    /// Its version.
    pub version: Version,
    /// Which images it may replace.
    pub compatible: Name,
    /// The version of the boot partition's contract that it needs at least.
    pub minimum_boot: u32,
    /// When whose turn it is.
    pub waves: Waves,
}

/// The usual waves, after Bottlerocket: 1, 5, 15, 40, 60, 90 and 100 percent of all screens within six days.
#[must_use]
pub fn default_waves() -> Waves {
    let waves = [(1, 0), (5, 24), (15, 48), (40, 72), (60, 96), (90, 120), (100, 144)];
    let waves = waves.map(|(percent, hours)| Wave { percent, hours }).to_vec();
    // They grow, and end with everybody.
    Waves::try_from(waves).unwrap_or_else(|_| Waves::at_once())
}

impl Published {
    /// The manifest, and the hash of the bundle as a whole.
    pub(super) fn manifest(&self, now: Timestamp) -> anyhow::Result<(Manifest, ManifestHash)> {
        let (size, sha256) =
            measured(&self.bundle).with_context(|| format!("cannot read the bundle {}", self.bundle.display()))?;
        if size == 0 {
            bail!("the bundle {} is empty", self.bundle.display());
        }
        let manifest = Manifest {
            version: self.version.clone(),
            compatible: self.compatible.clone(),
            bundle: Bundle {
                // One name for one release: a bundle that was published never changes.
                name: Name::try_from(format!("{}-{}.raucb", self.compatible, self.version))?,
                size,
                manifest_hash: self.manifest_hash,
            },
            minimum_boot: self.minimum_boot,
            published_at: Timestamp::from_second(now.as_second())?,
            waves: self.waves.clone(),
        };
        Ok((manifest, sha256))
    }
}

fn measured(path: &Path) -> io::Result<(u64, ManifestHash)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        size += read as u64;
    }
    let text = data_encoding::HEXLOWER.encode(&hash.finalize());
    Ok((size, ManifestHash::try_from(text).map_err(io::Error::other)?))
}
