//! The repository as a folder: `metadata/` and `targets/`, to be put on any web server as it is.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    num::NonZeroU64,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use tough::{
    FilesystemTransport, TargetName, Transport, TransportError, TransportStream, async_trait,
    editor::signed::SignedRole,
    schema::{self, Role, RoleType, Root, Signed, Snapshot, Target, Targets},
};
use url::Url;

use super::{
    Keys, Plan, Published, Successor,
    keys::in_days,
    lifetime,
    signing::{SigningKey, hashes, metafile, next, sha256, sign},
};
use crate::{
    client::{BUNDLE_HASH, Source, follow},
    error::FollowError,
};

const SPEC: &str = "1.0.0";

/// A repository, and the keys by which it is published.
#[derive(Debug)]
pub struct Publisher {
    folder: PathBuf,
    keys: Keys,
    now: Timestamp,
}

/// The metadata as it is published now.
struct Present {
    root: Signed<Root>,
    root_bytes: Vec<u8>,
    targets: Option<Signed<Targets>>,
    targets_meta: Option<schema::Metafile>,
    snapshot: Option<Signed<Snapshot>>,
    snapshot_meta: Option<schema::Metafile>,
    timestamp: Option<Signed<schema::Timestamp>>,
}

impl Publisher {
    /// Publishes into this folder, at this time.
    #[must_use]
    pub fn new(folder: &Path, keys: Keys, now: Timestamp) -> Self {
        Self { folder: folder.to_owned(), keys, now }
    }

    /// Plans one more release.
    ///
    /// # Errors
    /// It was published before, a key is not here, or a client would not follow.
    pub async fn publish(self, release: &Published) -> anyhow::Result<Plan> {
        let mut plan = Plan::default();
        let present = self.present()?;
        let (manifest, bundle_sha256) = release.manifest(self.now)?;
        let name = TargetName::new(manifest.target())?;
        let mut targets =
            present.targets.as_ref().map_or_else(|| self.no_targets(), |targets| Ok(targets.signed.clone()))?;
        if targets.targets.contains_key(&name) {
            bail!("{} is published already; a release never changes, so publish another version", manifest.target());
        }
        let bytes = serde_json::to_vec_pretty(&manifest)?;
        let hash = sha256(&bytes);
        let file = format!("{}.{}", data_encoding::HEXLOWER.encode(&hash), manifest.target());
        let custom = HashMap::from([(BUNDLE_HASH.to_owned(), serde_json::to_value(bundle_sha256)?)]);
        let target = Target { length: bytes.len() as u64, hashes: hashes(hash), custom, _extra: HashMap::new() };
        targets.targets.insert(name, target);
        plan.copy(self.target(manifest.bundle.name.as_str()), release.bundle.clone());
        plan.write(self.target(&file), bytes);
        plan.say(format!("publishes {} {}, {} bytes", manifest.compatible, manifest.version, manifest.bundle.size));
        let keys = self.keys.present()?;
        if present.timestamp.is_none() {
            plan.write(self.metadata("1.root.json"), present.root_bytes.clone());
        }
        let root = present.root.signed.clone();
        self.sign(&root, Some(targets), &present, &keys, &mut plan).await?;
        self.tried(plan).await
    }

    /// Plans fresh metadata: that of the timestamp always, the rest where half of its life is over.
    ///
    /// # Errors
    /// Nothing is published yet, a key is not here, or a client would not follow.
    pub async fn refresh(self) -> anyhow::Result<Plan> {
        let mut plan = Plan::default();
        let present = self.published()?;
        let keys = self.keys.present()?;
        let root = present.root.signed.clone();
        self.sign(&root, None, &present, &keys, &mut plan).await?;
        self.tried(plan).await
    }

    /// Plans a new root without this key, and whatever it had signed signed anew.
    ///
    /// # Errors
    /// There is no such key, too few root keys are here, or a client would not follow.
    pub async fn take_out(self, name: &str, successor: Successor) -> anyhow::Result<Plan> {
        let mut plan = Plan::default();
        let present = self.published()?;
        let keys = self.keys.clone();
        let (root, bytes, signing) = keys.without(name, successor, &present.root.signed, self.now, &mut plan).await?;
        self.sign(&root, None, &present, &signing, &mut plan).await?;
        // Before the timestamp, which only the new root's key may have signed.
        let mut first = Plan::default();
        first.write(self.metadata(&format!("{}.root.json", root.version)), bytes);
        first.append(plan);
        self.tried(first).await
    }

    /// Signs the targets, the snapshot and the timestamp, as far as each has to be.
    async fn sign(
        &self,
        root: &Root,
        targets: Option<Targets>,
        present: &Present,
        keys: &[SigningKey],
        plan: &mut Plan,
    ) -> anyhow::Result<()> {
        let targets = match (targets, &present.targets) {
            (None, Some(old)) if self.is_good(old, root, lifetime::TARGETS)? => None,
            (None, Some(old)) => Some(old.signed.clone()),
            (None, None) => bail!("nothing is published yet"),
            (targets, _) => targets,
        };
        let mut targets_meta = present.targets_meta.clone();
        let is_new = targets.is_some();
        if let Some(mut targets) = targets {
            targets.version = present.targets.as_ref().map_or(NonZeroU64::MIN, |old| next(old.signed.version));
            targets.expires = in_days(self.now, lifetime::TARGETS)?;
            let signed = sign(targets, root, keys).await?;
            targets_meta = Some(self.write(&signed, plan));
        }
        let targets_meta = targets_meta.context("nothing is published yet")?;
        let mut snapshot_meta = present.snapshot_meta.clone();
        let is_good = match &present.snapshot {
            Some(old) => !is_new && self.is_good(old, root, lifetime::SNAPSHOT)?,
            None => false,
        };
        if !is_good {
            let version = present.snapshot.as_ref().map_or(NonZeroU64::MIN, |old| next(old.signed.version));
            let mut snapshot = Snapshot::new(SPEC.to_owned(), version, in_days(self.now, lifetime::SNAPSHOT)?);
            snapshot.meta.insert("targets.json".to_owned(), targets_meta);
            snapshot_meta = Some(self.write(&sign(snapshot, root, keys).await?, plan));
        }
        let version = present.timestamp.as_ref().map_or(NonZeroU64::MIN, |old| next(old.signed.version));
        let mut timestamp = schema::Timestamp::new(SPEC.to_owned(), version, in_days(self.now, lifetime::TIMESTAMP)?);
        timestamp.meta.insert("snapshot.json".to_owned(), snapshot_meta.context("nothing is published yet")?);
        let until = timestamp.expires;
        self.write(&sign(timestamp, root, keys).await?, plan);
        plan.say(format!("is believed until {until}; refresh it before"));
        Ok(())
    }

    /// Whether a part of the metadata has the signatures of this root, and more than half of its life before it.
    fn is_good<T: Role>(&self, signed: &Signed<T>, root: &Root, days: i64) -> anyhow::Result<bool> {
        let half = self.now.checked_add(SignedDuration::from_hours(12 * days))?;
        Ok(signed.signed.expires() > half && root.verify_role(signed).is_ok())
    }

    fn write<T: Role + serde::Serialize>(&self, signed: &SignedRole<T>, plan: &mut Plan) -> schema::Metafile {
        plan.write(self.metadata(&signed.signed().signed.filename(true)), signed.buffer().clone());
        metafile(signed)
    }

    /// Lets a client follow what would be published, from the first root on.
    async fn tried(&self, plan: Plan) -> anyhow::Result<Plan> {
        let planned = Planned { files: plan.public() };
        let root = planned.files.get(&self.metadata("1.root.json")).cloned();
        let root = root.map_or_else(|| fs::read(self.metadata("1.root.json")), Ok)?;
        let address = |name: &str| {
            let folder = std::path::absolute(self.folder.join(name))?;
            Url::from_directory_path(&folder).ok().with_context(|| format!("{} is no folder", folder.display()))
        };
        let (metadata, targets) = (address("metadata")?, address("targets")?);
        let kept = tempfile::tempdir()?;
        let source = Source { root: &root, kept: kept.path(), metadata: &metadata, targets: &targets };
        match follow(source, None, planned).await {
            // What is fresh is judged by this publisher's clock, and not by that of the machine.
            Err(FollowError::Expired { since: Some(since), .. }) if since > self.now => Ok(plan),
            Err(error) => bail!("nothing was written, because a screen would not follow: {error}"),
            Ok(followed) if !followed.unreadable.is_empty() => bail!("a release does not read as one"),
            Ok(_) => Ok(plan),
        }
    }

    fn no_targets(&self) -> anyhow::Result<Targets> {
        let mut targets = Targets::new(SPEC.to_owned(), NonZeroU64::MIN, in_days(self.now, lifetime::TARGETS)?);
        targets.delegations = None;
        Ok(targets)
    }

    fn published(&self) -> anyhow::Result<Present> {
        let present = self.present()?;
        if present.timestamp.is_none() {
            bail!("nothing is published in {} yet", self.folder.display());
        }
        Ok(present)
    }

    fn present(&self) -> anyhow::Result<Present> {
        let timestamp: Option<(Signed<schema::Timestamp>, _)> = self.read("timestamp.json")?;
        let Some((timestamp, _)) = timestamp else {
            let root_bytes = self.keys.first_root()?;
            let root: Signed<Root> = serde_json::from_slice(&root_bytes)?;
            if root.signed.version != NonZeroU64::MIN {
                bail!(
                    "{} holds no repository, and the keys are those of one that there was before; name its folder",
                    self.folder.display()
                );
            }
            return Ok(Present {
                root,
                root_bytes,
                targets: None,
                targets_meta: None,
                snapshot: None,
                snapshot_meta: None,
                timestamp: None,
            });
        };
        let newest = (1..).take_while(|n| self.metadata(&format!("{n}.root.json")).exists()).last().unwrap_or(1);
        let root = self.required(&format!("{newest}.root.json"))?;
        let of = |role: RoleType, file: &str, meta: &HashMap<String, schema::Metafile>| {
            meta.get(file).cloned().with_context(|| format!("the {role} does not name {file}"))
        };
        let snapshot_meta = of(RoleType::Timestamp, "snapshot.json", &timestamp.signed.meta)?;
        let snapshot: (Signed<Snapshot>, _) = self.required(&format!("{}.snapshot.json", snapshot_meta.version))?;
        let targets_meta = of(RoleType::Snapshot, "targets.json", &snapshot.0.signed.meta)?;
        let targets: (Signed<Targets>, _) = self.required(&format!("{}.targets.json", targets_meta.version))?;
        Ok(Present {
            root: root.0,
            root_bytes: root.1,
            targets: Some(targets.0),
            targets_meta: Some(targets_meta),
            snapshot: Some(snapshot.0),
            snapshot_meta: Some(snapshot_meta),
            timestamp: Some(timestamp),
        })
    }

    fn required<T: DeserializeOwned>(&self, name: &str) -> anyhow::Result<(T, Vec<u8>)> {
        self.read(name)?.with_context(|| format!("{} is missing", self.metadata(name).display()))
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> anyhow::Result<Option<(T, Vec<u8>)>> {
        let path = self.metadata(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let role = serde_json::from_slice(&bytes).with_context(|| format!("{} does not read", path.display()))?;
        Ok(Some((role, bytes)))
    }

    fn metadata(&self, name: &str) -> PathBuf {
        self.folder.join("metadata").join(name)
    }

    fn target(&self, name: &str) -> PathBuf {
        self.folder.join("targets").join(name)
    }
}

/// The repository as it will be.
#[derive(Clone, Debug)]
struct Planned {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

#[async_trait]
impl Transport for Planned {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let path = url.to_file_path().unwrap_or_default();
        let planned = self.files.iter().find(|(file, _)| std::path::absolute(file).is_ok_and(|file| file == path));
        match planned {
            Some((_, bytes)) => {
                let bytes = Bytes::from(bytes.clone());
                Ok(Box::pin(futures_util::stream::once(std::future::ready(Ok(bytes)))))
            }
            None => FilesystemTransport.fetch(url).await,
        }
    }
}
