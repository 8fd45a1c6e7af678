//! A vendor, its repository, and a client that follows it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use repository::{
    FilesystemTransport, FollowError, Followed, Source, Transport, follow,
    publish::{Keys, Published, Publisher, Successor},
};
use serde_json::Value;
use tempfile::TempDir;
use updates::{ManifestHash, Name, Version, Waves};
use url::Url;

pub(crate) const COMPATIBLE: &str = "nexus-amd64";

/// The vendor.
pub(crate) struct Vendor {
    folder: TempDir,
}

/// Somebody who follows: with the vendor's first root, and a memory.
pub(crate) struct Client {
    root: Vec<u8>,
    kept: TempDir,
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * days)
}

impl Vendor {
    pub(crate) async fn new() -> Self {
        Self::since(Timestamp::now()).await
    }

    pub(crate) async fn since(then: Timestamp) -> Self {
        let vendor = Self { folder: tempfile::tempdir().unwrap() };
        Keys::make(&vendor.keys(), then).await.unwrap().carry_out().unwrap();
        vendor
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    /// A further folder of this stage.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As somebody publishes into a folder with the keys of a folder, at some time.
    pub(crate) fn publisher(&self, repository: &Path, keys: &Path, now: Timestamp) -> Publisher {
        Publisher::new(repository, Keys::open(keys, &[]).unwrap(), now)
    }

    fn own_publisher(&self, now: Timestamp) -> Publisher {
        self.publisher(&self.repository(), &self.keys(), now)
    }

    pub(crate) async fn publish(&self, version: &str) {
        self.publish_at(version, Timestamp::now()).await;
    }

    pub(crate) async fn publish_at(&self, version: &str, now: Timestamp) {
        let release = self.release(version);
        self.own_publisher(now).publish(&release).await.unwrap().carry_out().unwrap();
    }

    pub(crate) fn release(&self, version: &str) -> Published {
        let bundle = self.place("bundle");
        fs::write(&bundle, format!("the bundle of {version}")).unwrap();
        Published {
            bundle,
            manifest_hash: ManifestHash::try_from("7a".repeat(32)).unwrap(),
            version: version.parse().unwrap(),
            compatible: name(COMPATIBLE),
            minimum_boot: 1,
            waves: Waves::at_once(),
        }
    }

    pub(crate) async fn refresh(&self) {
        self.own_publisher(Timestamp::now()).refresh().await.unwrap().carry_out().unwrap();
    }

    pub(crate) async fn take_out(&self, key: &str, successor: Successor) -> anyhow::Result<()> {
        self.own_publisher(Timestamp::now()).take_out(key, successor).await?.carry_out()
    }

    /// A file of the metadata.
    pub(crate) fn metadata(&self, name: &str) -> PathBuf {
        self.repository().join("metadata").join(name)
    }

    /// Changes a file of the metadata as somebody would who has no keys.
    pub(crate) fn tamper(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let path = self.metadata(name);
        let mut json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut json);
        fs::write(path, json.to_string()).unwrap();
    }

    /// A copy of the repository as it is now.
    pub(crate) fn copy(&self, name: &str) -> PathBuf {
        let copy = self.place(name);
        for folder in ["metadata", "targets"] {
            copy_files(&self.repository().join(folder), &copy.join(folder));
        }
        copy
    }

    pub(crate) fn client(&self) -> Client {
        Client { root: fs::read(self.keys().join("root.json")).unwrap(), kept: tempfile::tempdir().unwrap() }
    }
}

impl Client {
    /// The folder of what it remembers.
    pub(crate) fn kept(&self) -> &Path {
        self.kept.path()
    }

    /// Looks at a repository in a folder; the versions of its releases.
    pub(crate) async fn look(&self, repository: &Path) -> Result<Vec<String>, FollowError> {
        self.look_by(repository, FilesystemTransport).await.map(|followed| versions(&followed))
    }

    pub(crate) async fn look_by(
        &self,
        repository: &Path,
        transport: impl Transport + 'static,
    ) -> Result<Followed, FollowError> {
        let address = |name| Url::from_directory_path(repository.join(name)).unwrap();
        let (metadata, targets) = (address("metadata"), address("targets"));
        let source = Source { root: &self.root, kept: self.kept.path(), metadata: &metadata, targets: &targets };
        follow(source, Some(&name(COMPATIBLE)), transport).await
    }
}

pub(crate) fn versions(followed: &Followed) -> Vec<String> {
    followed.releases.iter().map(|release| release.manifest.version.to_string()).collect()
}

pub(crate) fn name(text: &str) -> Name {
    Name::try_from(text.to_owned()).unwrap()
}

pub(crate) fn version(text: &str) -> Version {
    text.parse().unwrap()
}

pub(crate) fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
