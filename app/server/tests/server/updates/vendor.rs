//! A vendor with real keys, and a screen that follows its server's mirror.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use repository::{
    FollowError, Followed, Source, Transport, TransportError, TransportErrorKind, TransportStream, async_trait, follow,
    publish::{Keys, Published, Publisher},
};
use server::{
    Folder,
    updates::{FillError, Mirror, Offered, Origin, fill},
};
use tempfile::TempDir;
use updates::{ManifestHash, Name, Wave, Waves};
use url::Url;

use crate::stage::Stage;

pub const COMPATIBLE: &str = "nexus-amd64";

pub struct Vendor {
    folder: TempDir,
}

impl Vendor {
    pub async fn new() -> Self {
        Self::since(Timestamp::now()).await
    }

    pub async fn since(then: Timestamp) -> Self {
        let vendor = Self { folder: tempfile::tempdir().unwrap() };
        Keys::make(&vendor.keys(), then).await.unwrap().carry_out().unwrap();
        vendor
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub fn root(&self) -> Vec<u8> {
        fs::read(self.keys().join("root.json")).unwrap()
    }

    pub fn bundle(version: &str) -> String {
        format!("the bundle of {version}, {}", "0123456789".repeat(100))
    }

    pub async fn publish(&self, version: &str) {
        self.publish_at(version, Timestamp::now()).await;
    }

    pub async fn publish_at(&self, version: &str, now: Timestamp) {
        let bundle = self.folder.path().join("bundle");
        fs::write(&bundle, Self::bundle(version)).unwrap();
        let waves = vec![Wave { percent: 50, hours: 0 }, Wave { percent: 100, hours: 48 }];
        let release = Published {
            bundle,
            manifest_hash: ManifestHash::try_from("7a".repeat(32)).unwrap(),
            version: version.parse().unwrap(),
            compatible: name(COMPATIBLE),
            minimum_boot: 1,
            waves: Waves::try_from(waves).unwrap(),
        };
        let publisher = Publisher::new(&self.repository(), Keys::open(&self.keys(), &[]).unwrap(), now);
        publisher.publish(&release).await.unwrap().carry_out().unwrap();
    }

    /// Brings the repository, or a copy of it, to a server.
    pub async fn bring(&self, stage: &Stage, folder: &Path) -> Result<Offered, FillError> {
        self.fill(stage, &Origin::Folder(folder.to_owned())).await
    }

    pub async fn fill(&self, stage: &Stage, origin: &Origin) -> Result<Offered, FillError> {
        let mirror = Mirror::open(&Folder::open(stage.data("")).unwrap()).unwrap();
        fill(&mirror, &self.root(), origin, Timestamp::now()).await
    }

    /// A copy of the repository as it is now, to be changed.
    pub fn copy(&self, place: &str) -> PathBuf {
        let copy = self.folder.path().join(place);
        for part in ["metadata", "targets"] {
            fs::create_dir_all(copy.join(part)).unwrap();
            for entry in fs::read_dir(self.repository().join(part)).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), copy.join(part).join(entry.file_name())).unwrap();
            }
        }
        copy
    }

    /// Follows a server's mirror as a screen does.
    pub async fn follow(&self, stage: &Stage) -> Result<Followed, FollowError> {
        let kept = tempfile::tempdir().unwrap();
        let address = |part: &str| Url::parse(&stage.url(&format!("/updates/{part}/"))).unwrap();
        let (root, metadata, targets) = (self.root(), address("metadata"), address("targets"));
        let source = Source { root: &root, kept: kept.path(), metadata: &metadata, targets: &targets };
        follow(source, Some(&name(COMPATIBLE)), OverHttps(stage.client())).await
    }
}

pub fn name(text: &str) -> Name {
    Name::try_from(text.to_owned()).unwrap()
}

pub fn days_ago(days: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * days)
}

#[derive(Clone, Debug)]
struct OverHttps(reqwest::Client);

#[async_trait]
impl Transport for OverHttps {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let answer = self.0.get(url.clone()).send().await.unwrap();
        if answer.status() == 404 {
            return Err(TransportError::new(TransportErrorKind::FileNotFound, url));
        }
        assert_eq!(answer.status(), 200);
        let bytes = answer.bytes().await.unwrap();
        Ok(Box::pin(futures_util::stream::once(std::future::ready(Ok(bytes)))))
    }
}
