//! Follows a repository: from a root that is trusted to the manifests of its releases.

use std::{cmp::Reverse, collections::BTreeMap, path::Path};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use tough::{ExpirationEnforcement, IntoVec, Limits, Repository, RepositoryLoader, TargetName, Transport, schema};
use updates::{MAX_MANIFEST, Manifest, ManifestError, ManifestHash, Name, Version};
use url::Url;

use crate::{
    MAX_METADATA, MAX_RELEASES, MAX_ROOTS,
    error::{FollowError, Role},
    kept::Kept,
    recording::Recording,
};

/// Under this name the publisher says of a target what only mirrors need: the hash of the whole bundle.
pub(crate) const BUNDLE_HASH: &str = "bundle_sha256";

/// A repository, and what vouches for it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The vendor's `root.json`, of any version: newer ones are followed from there.
    pub root: &'a [u8],
    /// A folder of its own, where is kept what is known of the repository.
    pub kept: &'a Path,
    /// The address of the metadata.
    pub metadata: &'a Url,
    /// The address of the targets.
    pub targets: &'a Url,
}

/// What a repository holds, all of it verified.
#[derive(Debug)]
pub struct Followed {
    /// Its releases; of each compatible string the newest first.
    pub releases: Vec<Release>,
    /// Releases that are published in a way that this version of the program does not read.
    pub unreadable: Vec<(String, ManifestError)>,
    /// Until when this may be believed.
    pub fresh: Fresh,
    /// The version of the root that counts.
    pub root_version: u64,
    /// The files of the metadata that this rests on, by name, byte for byte; of the root those that were followed now.
    pub metadata: BTreeMap<String, Vec<u8>>,
    /// The files of the releases beside the other targets, by name, byte for byte; those that are unreadable among them.
    pub targets: BTreeMap<String, Vec<u8>>,
}

/// Until when metadata may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// The part that ends first.
    pub role: Role,
    /// When.
    pub until: Timestamp,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// What is published of it.
    pub manifest: Manifest,
    /// The SHA-256 hash of its bundle as a whole, for those who store it.
    pub bundle_sha256: Option<ManifestHash>,
}

/// Follows a repository, and reads the newest releases of one compatible string, or of all. A screen reads those of its
/// own; a mirror, all.
///
/// # Errors
/// The repository cannot be read, or is not to be believed. What was verified up to there is kept all the same.
pub async fn follow(
    source: Source<'_>,
    compatible: Option<&Name>,
    transport: impl Transport + 'static,
) -> Result<Followed, FollowError> {
    let seen = Recording::new(Box::new(transport));
    let kept = Kept::open(source.kept)?;
    let root = kept.root(source.root)?;
    let (metadata, targets) = (&folder(source.metadata), &folder(source.targets));
    let source = Source { metadata, targets, ..source };
    let followed = read(source, &root, &kept, compatible, &seen).await;
    // The first error is the one that says what is wrong.
    let put_back = kept.put_back();
    let followed = followed?;
    put_back.map(|()| followed)
}

/// The address of what is within; without the slash its last part would count as a file.
fn folder(url: &Url) -> Url {
    let mut url = url.clone();
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

async fn read(
    source: Source<'_>,
    root: &[u8],
    kept: &Kept<'_>,
    compatible: Option<&Name>,
    seen: &Recording,
) -> Result<Followed, FollowError> {
    let limits = Limits {
        max_root_size: MAX_METADATA,
        max_targets_size: MAX_METADATA,
        max_timestamp_size: MAX_METADATA,
        max_snapshot_size: MAX_METADATA,
        max_root_updates: MAX_ROOTS,
    };
    // The one to begin with stands before the first, for when it is the one that has expired.
    if let Ok(before) = source.metadata.join("0.root.json") {
        seen.know(before, root);
    }
    let repository = RepositoryLoader::new(&root, source.metadata.clone(), source.targets.clone())
        .transport(seen.clone())
        .limits(limits)
        .datastore(kept.copies())
        .expiration_enforcement(ExpirationEnforcement::Safe)
        .load()
        .await
        .map_err(|error| FollowError::of(error, seen))?;
    let mut releases = Vec::new();
    let mut unreadable = Vec::new();
    let mut targets = BTreeMap::new();
    for (name, target) in newest(&repository, compatible) {
        let read = match manifest(&repository, &name, target, source.targets, seen).await? {
            Ok(bytes) => {
                let read = Manifest::read(&bytes);
                targets.insert(file_name(&repository, &name, target), bytes);
                read
            }
            Err(too_long) => Err(too_long),
        };
        match read {
            Ok(manifest) if manifest.target() != name.raw() => {
                return Err(FollowError::Mixed(format!("{} describes {}", name.raw(), manifest.target())));
            }
            Ok(manifest) => releases.push(Release { manifest, bundle_sha256: bundle_hash(target) }),
            Err(why) => unreadable.push((name.raw().to_owned(), why)),
        }
    }
    if releases.is_empty() && !unreadable.is_empty() {
        let (target, why) = unreadable.swap_remove(0);
        return Err(FollowError::Manifest { target, why });
    }
    Ok(Followed {
        releases,
        unreadable,
        fresh: fresh(&repository),
        root_version: repository.root().signed.version.get(),
        metadata: metadata(&repository, source.metadata, seen)?,
        targets,
    })
}

/// The targets that are releases: of each compatible string the newest, the newest first.
fn newest<'a>(repository: &'a Repository, compatible: Option<&Name>) -> Vec<(TargetName, &'a schema::Target)> {
    let mut found = BTreeMap::<&str, Vec<_>>::new();
    for (name, target) in &repository.targets().signed.targets {
        let Some((of, version)) = parts(name.raw()) else { continue };
        if compatible.is_none_or(|wanted| wanted.as_str() == of) {
            found.entry(of).or_default().push((version, name, target));
        }
    }
    let sorted = found.into_values().flat_map(|mut releases| {
        releases.sort_by(|(a, ..), (b, ..)| Reverse(a).cmp(&Reverse(b)));
        releases.truncate(MAX_RELEASES);
        releases
    });
    sorted.map(|(_, name, target)| (name.clone(), target)).collect()
}

/// The compatible string and the version in the name of a target: see [`Manifest::target`].
fn parts(target: &str) -> Option<(&str, Version)> {
    let stem = target.strip_suffix(".json")?;
    // Both parts may have hyphens; the version is the longest tail that reads as one.
    let dashes = stem.match_indices('-');
    dashes.map(|(at, _)| stem.split_at(at)).find_map(|(of, version)| {
        let version = version[1..].parse().ok()?;
        // A plain name, so that what is stored under it is stored where it should be.
        Name::try_from(of.to_owned()).ok().map(|_| (of, version))
    })
}

/// Reads the file of a release, if it is no longer than what is read.
async fn manifest(
    repository: &Repository,
    name: &TargetName,
    target: &schema::Target,
    targets: &Url,
    seen: &Recording,
) -> Result<Result<Vec<u8>, ManifestError>, FollowError> {
    if target.length > MAX_MANIFEST as u64 {
        return Ok(Err(ManifestError::TooLong(usize::try_from(target.length).unwrap_or(usize::MAX))));
    }
    let of = |error| FollowError::of(error, seen);
    let missing = || FollowError::Missing(format!("{targets}{}", name.raw()));
    let stream = repository.read_target(name).await.map_err(of)?.ok_or_else(missing)?;
    stream.into_vec().await.map_err(of).map(Ok)
}

fn file_name(repository: &Repository, name: &TargetName, target: &schema::Target) -> String {
    match repository.root().signed.consistent_snapshot {
        true => format!("{}.{}", HEXLOWER.encode(&target.hashes.sha256), name.raw()),
        false => name.raw().to_owned(),
    }
}

fn bundle_hash(target: &schema::Target) -> Option<ManifestHash> {
    target.custom.get(BUNDLE_HASH).and_then(|hash| serde_json::from_value(hash.clone()).ok())
}

fn fresh(repository: &Repository) -> Fresh {
    let timestamp = Fresh { role: Role::Timestamp, until: repository.timestamp().signed.expires };
    [
        Fresh { role: Role::Snapshot, until: repository.snapshot().signed.expires },
        Fresh { role: Role::Targets, until: repository.targets().signed.expires },
        Fresh { role: Role::Root, until: repository.root().signed.expires },
    ]
    .into_iter()
    .fold(timestamp, |first, other| if other.until < first.until { other } else { first })
}

fn metadata(repository: &Repository, base: &Url, seen: &Recording) -> Result<BTreeMap<String, Vec<u8>>, FollowError> {
    use schema::Role as _;
    let consistent = repository.root().signed.consistent_snapshot;
    let rest = [
        repository.timestamp().signed.filename(consistent),
        repository.snapshot().signed.filename(consistent),
        repository.targets().signed.filename(consistent),
    ];
    let roots = (1..=repository.root().signed.version.get()).map(|version| format!("{version}.root.json"));
    let mut files = BTreeMap::new();
    for name in roots.chain(rest) {
        let url = base.join(&name).map_err(|error| FollowError::Other(error.to_string()))?;
        if let Some(bytes) = seen.at(&url) {
            files.insert(name, bytes);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn the_name_of_a_target_is_a_compatible_string_and_a_version() {
        let read = |name| parts(name).map(|(of, version)| (of, version.to_string()));
        assert_eq!(read("nexus-amd64-1.4.0.json"), Some(("nexus-amd64", "1.4.0".to_owned())));
        assert_eq!(read("nexus-arm64-2.0.0-rc.1.json"), Some(("nexus-arm64", "2.0.0-rc.1".to_owned())));
        for none in ["nexus-amd64.json", "1.4.0.json", "-1.4.0.json", "../nexus-1.4.0.json", "nexus-amd64-1.4.0.raucb"]
        {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
