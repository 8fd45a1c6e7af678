//! Fills the mirror: from the vendor's server, or from a folder that somebody brought.
//!
//! Whatever is taken over was followed as a client first, and bundles are held against the hash that the vendor signed. The
//! order makes it whole at any instant: bundles, then manifests, then the metadata that names them, the timestamp last.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use repository::{FilesystemTransport, FollowError, Followed, Release, Source, Transport, follow};
use sha2::{Digest, Sha256};
use updates::{Manifest, ManifestHash, Name};
use url::Url;

use super::{
    mirror::{Mirror, Offered},
    remote::{PIECE, Remote},
};
use crate::folder::{Folder, FolderError};

/// Of so many releases of each compatible string there are bundles here.
const KEPT: usize = 3;
const TIMESTAMP: &str = "timestamp.json";

/// Where a mirror is filled from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The vendor's server.
    Address(Url),
    /// A folder with `metadata/` and `targets/` in it, such as a USB stick.
    Folder(PathBuf),
}

/// Why a mirror stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// The repository is not followed.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// A bundle is missing, or not the one that the vendor signed.
    #[error("the bundle {name}: {why}")]
    Bundle {
        /// Which.
        name: Name,
        /// Why.
        why: String,
    },
    /// The address leads nowhere.
    #[error("{0} is no address of a repository; write it like https://updates.example.com/nexus/")]
    Address(String),
    /// The way out cannot be opened.
    #[error(transparent)]
    Egress(#[from] egress::Unusable),
    /// The mirror cannot be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Fills the mirror from there, trusting this root, and remembers what came of it. Returns what is offered now.
///
/// # Errors
/// What is there is not to be believed, or cannot be stored. What was offered before stays.
pub async fn fill(mirror: &Mirror, root: &[u8], origin: &Origin, now: Timestamp) -> Result<Offered, FillError> {
    let _others_wait = mirror.lock()?;
    let filled = match origin {
        Origin::Folder(folder) => {
            let base = folder_address(folder)?;
            Filling { mirror, base, bundles: Bundles::Folder(folder) }.fill(root, FilesystemTransport, origin).await
        }
        Origin::Address(address) => {
            let remote = Remote::new(address)?.ok_or_else(|| FillError::Address(address.to_string()))?;
            let filling = Filling { mirror, base: with_slash(address), bundles: Bundles::Remote(&remote) };
            filling.fill(root, remote.clone(), origin).await
        }
    };
    let mut state = mirror.state()?;
    state.looked_at = Some(now);
    state.failure = filled.as_ref().err().map(ToString::to_string);
    if let Ok(offered) = &filled {
        state.offered = Some(offered.clone());
    }
    mirror.remember(&state)?;
    filled
}

struct Filling<'a> {
    mirror: &'a Mirror,
    base: Url,
    bundles: Bundles<'a>,
}

enum Bundles<'a> {
    Folder(&'a Path),
    Remote(&'a Remote),
}

impl Filling<'_> {
    async fn fill(
        &self,
        root: &[u8],
        transport: impl Transport + Clone + 'static,
        origin: &Origin,
    ) -> Result<Offered, FillError> {
        let (metadata, targets) = (self.within("metadata/")?, self.within("targets/")?);
        // Another root is another vendor, or a beginning anew that the operator wants.
        let kept = self.mirror.kept(&HEXLOWER.encode(&Sha256::digest(root)[..8]))?;
        let kept = kept.path("");
        let source = Source { root, kept: &kept, metadata: &metadata, targets: &targets };
        let followed = follow(source, None, transport.clone()).await?;
        let releases = self.take_bundles(&followed).await?;
        self.take_files(&followed, &metadata, &transport).await?;
        self.remove_others(&releases)?;
        Ok(Offered { from: origin.to_string(), fresh_until: followed.fresh.until, releases })
    }

    fn within(&self, part: &str) -> Result<Url, FillError> {
        self.base.join(part).map_err(|_| FillError::Address(self.base.to_string()))
    }

    /// The bundles of the newest releases.
    async fn take_bundles(&self, followed: &Followed) -> Result<Vec<Manifest>, FillError> {
        let mut taken = BTreeMap::<&str, usize>::new();
        let mut releases = Vec::new();
        for release in &followed.releases {
            let count = taken.entry(release.manifest.compatible.as_str()).or_default();
            *count += 1;
            if *count <= KEPT {
                self.take_bundle(release).await?;
                releases.push(release.manifest.clone());
            }
        }
        Ok(releases)
    }

    async fn take_bundle(&self, release: &Release) -> Result<(), FillError> {
        let bundle = &release.manifest.bundle;
        let failed = |why: String| FillError::Bundle { name: bundle.name.clone(), why };
        let place = self.mirror.targets()?.path(bundle.name.as_str());
        // Only whole ones are there, and one name is one bundle for ever.
        if fs::metadata(&place).is_ok_and(|there| there.len() == bundle.size) {
            return Ok(());
        }
        let part = self.mirror.incoming()?.path(bundle.name.as_str());
        self.fetch(release, &part).await.map_err(failed)?;
        if let Err(why) = check(&part, bundle.size, release.bundle_sha256) {
            // The next look begins it anew.
            fs::remove_file(&part).map_err(|error| failed(error.to_string()))?;
            return Err(failed(why));
        }
        let put = || File::open(&part)?.sync_all().and_then(|()| fs::rename(&part, &place));
        put().map_err(|error| failed(error.to_string()))
    }

    async fn fetch(&self, release: &Release, part: &Path) -> Result<(), String> {
        let bundle = &release.manifest.bundle;
        let words = |error: io::Error| error.to_string();
        match &self.bundles {
            Bundles::Folder(folder) => {
                let mut from = File::open(folder.join("targets").join(bundle.name.as_str())).map_err(words)?;
                let mut to = File::create(part).map_err(words)?;
                // No more than it may be, whatever is there.
                io::copy(&mut (&mut from).take(bundle.size + 1), &mut to).map(drop).map_err(words)
            }
            Bundles::Remote(remote) => {
                let url = self.within("targets/").and_then(|targets| {
                    targets.join(bundle.name.as_str()).map_err(|_| FillError::Address(targets.to_string()))
                });
                let url = url.map_err(|error| error.to_string())?;
                let mut to = File::options().create(true).append(true).open(part).map_err(words)?;
                let mut have = to.metadata().map_err(words)?.len();
                while have < bundle.size {
                    let length = PIECE.min(bundle.size - have);
                    let piece = remote.piece(&url, have, length).await.map_err(|error| error.to_string())?;
                    to.write_all(&piece).map_err(words)?;
                    have += length;
                }
                Ok(())
            }
        }
    }

    async fn take_files(
        &self,
        followed: &Followed,
        metadata: &Url,
        transport: &impl Transport,
    ) -> Result<(), FillError> {
        let targets = self.mirror.targets()?;
        for (name, bytes) in &followed.targets {
            targets.write(name, bytes)?;
        }
        let folder = self.mirror.metadata()?;
        self.take_roots(followed, metadata, transport, &folder).await?;
        for (name, bytes) in followed.metadata.iter().filter(|(name, _)| *name != TIMESTAMP) {
            folder.write(name, bytes)?;
        }
        if let Some(bytes) = followed.metadata.get(TIMESTAMP) {
            folder.write(TIMESTAMP, bytes)?;
        }
        Ok(())
    }

    /// The roots that there were before: a screen that comes out of a drawer follows them one by one, and judges each.
    async fn take_roots(
        &self,
        followed: &Followed,
        metadata: &Url,
        transport: &impl Transport,
        folder: &Folder,
    ) -> Result<(), FillError> {
        use futures_util::TryStreamExt;
        for version in 1..=followed.root_version {
            let name = format!("{version}.root.json");
            if followed.metadata.contains_key(&name) || folder.path(&name).exists() {
                continue;
            }
            let Ok(url) = metadata.join(&name) else { continue };
            let Ok(stream) = transport.fetch(url).await else { continue };
            let read = stream.try_fold(Vec::new(), |mut all: Vec<u8>, chunk| {
                let fits = (all.len() + chunk.len()) as u64 <= repository::MAX_METADATA;
                if fits {
                    all.extend_from_slice(&chunk);
                }
                let too_long = || repository::TransportError::new(repository::TransportErrorKind::Other, &name);
                std::future::ready(if fits { Ok(all) } else { Err(too_long()) })
            });
            if let Ok(bytes) = read.await {
                folder.write(&name, &bytes)?;
            }
        }
        Ok(())
    }

    /// Removes bundles that are not offered any more.
    fn remove_others(&self, releases: &[Manifest]) -> Result<(), FillError> {
        for folder in [self.mirror.targets()?, self.mirror.incoming()?] {
            let list = fs::read_dir(folder.path(""));
            for entry in list.into_iter().flatten().flatten() {
                let name = entry.file_name();
                let Some(name) = name.to_str().filter(|name| name.ends_with(".raucb")) else { continue };
                if !releases.iter().any(|release| release.bundle.name.as_str() == name) {
                    folder.remove(name)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether a bundle is the one that the vendor signed.
fn check(path: &Path, size: u64, sha256: Option<ManifestHash>) -> Result<(), String> {
    let measure = || {
        let mut file = File::open(path)?;
        let (mut hash, mut buffer, mut length) = (Sha256::new(), vec![0; 1 << 20], 0);
        loop {
            match file.read(&mut buffer)? {
                0 => return io::Result::Ok((length, HEXLOWER.encode(&hash.finalize()))),
                read => {
                    hash.update(&buffer[..read]);
                    length += read as u64;
                }
            }
        }
    };
    let (length, hash) = measure().map_err(|error| error.to_string())?;
    if length != size {
        return Err(format!("it has {length} bytes, and {size} are published"));
    }
    match sha256 {
        Some(signed) if signed.to_string() != hash => Err("it is not the one that the vendor signed".to_owned()),
        _ => Ok(()),
    }
}

fn folder_address(folder: &Path) -> Result<Url, FillError> {
    let wrong = || FillError::Address(folder.display().to_string());
    let whole = folder.canonicalize().map_err(|_| wrong())?;
    Url::from_directory_path(whole).map_err(|()| wrong())
}

fn with_slash(address: &Url) -> Url {
    let mut address = address.clone();
    if !address.path().ends_with('/') {
        address.set_path(&format!("{}/", address.path()));
    }
    address
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Folder(folder) => write!(f, "the folder {}", folder.display()),
        }
    }
}
