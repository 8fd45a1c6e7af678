//! The vendor and a stranger: each has keys and a repository, and publishes by the vendor's own program.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use journeys::{clock::Clock, process::program};
use tempfile::TempDir;

use super::Release;
use crate::{
    bundles::small,
    stage::{compatible, image, told},
};

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;
/// What is older than every image.
const OLDER: &str = "0.0.1";

/// Who publishes.
pub(crate) struct Vendor {
    keys: PathBuf,
    /// The version of the image that screens begin with.
    ours: String,
    newer: Bundle,
    folder: TempDir,
    /// By how many seconds its clock is off.
    clock: i64,
}

/// A bundle, and what has to be known of it to publish it.
#[derive(Clone)]
struct Bundle {
    file: PathBuf,
    version: String,
    manifest_hash: String,
}

impl Bundle {
    /// One that scripts/image has made.
    fn of(file: &Path) -> Self {
        Self { file: file.to_owned(), version: told(file, "version"), manifest_hash: told(file, "manifest_hash") }
    }
}

impl Vendor {
    /// The vendor with these keys, who has made a newer image.
    pub(crate) fn new(keys: &Path, newer: &Path) -> Self {
        let (ours, newer) = (told(&image(), "version"), Bundle::of(newer));
        Self { keys: keys.to_owned(), ours, newer, folder: tempfile::tempdir().unwrap(), clock: 0 }
    }

    /// The version of the image that screens begin with.
    pub(super) fn ours(&self) -> &str {
        &self.ours
    }

    /// From now on it is so many days ago.
    pub(super) fn set_back(&mut self, days: u32) -> i64 {
        self.clock = -DAY * i64::from(days);
        self.clock
    }

    /// The version of the newer image, and of whatever else is newer.
    pub(super) fn newer(&self) -> &str {
        &self.newer.version
    }

    /// The key set that vouches for the repository.
    pub(crate) fn root(&self) -> PathBuf {
        self.keys.join("root.json")
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    /// Somebody with keys of his own, who offers the same.
    pub(super) fn stranger(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (keys, ours, newer) = (folder.path().join("keys"), self.ours.clone(), self.newer.clone());
        let stranger = Self { keys, ours, newer, folder, clock: self.clock };
        stranger.release(&["keys"], None);
        stranger
    }

    /// Publishes to everybody at once.
    pub(super) fn publish(&self, release: Release) {
        self.publish_bundle(&self.bundle(release));
    }

    /// Publishes a newer image to everybody at once, and answers its version.
    pub(crate) fn publish_image(&self, bundle: &Path) -> String {
        let bundle = Bundle::of(bundle);
        self.publish_bundle(&bundle);
        bundle.version
    }

    fn publish_bundle(&self, bundle: &Bundle) {
        let compatible = compatible();
        let file = bundle.file.to_str().expect("a path of letters");
        self.release(
            &["publish", "--bundle", file, "--manifest-hash", &bundle.manifest_hash, "--version", &bundle.version]
                .into_iter()
                .chain(["--compatible", &compatible, "--waves", "100:0"])
                .collect::<Vec<_>>(),
            Some(&self.repository()),
        );
    }

    /// Signs the same once more.
    pub(super) fn refresh(&self) {
        self.release(&["refresh"], Some(&self.repository()));
    }

    /// A bundle that is not published.
    pub(super) fn made(&self) -> Vec<u8> {
        small(&compatible(), &self.keys)
    }

    fn bundle(&self, release: Release) -> Bundle {
        let ours = compatible();
        let (compatible, version) = match release {
            Release::Newer => return self.newer.clone(),
            Release::Older => (ours.as_str(), OLDER),
            Release::OtherHardware => ("nexus-toaster", self.newer()),
            Release::StrangersBundle | Release::NoSystem => (ours.as_str(), self.newer()),
        };
        let bytes = match release {
            Release::StrangersBundle => small(compatible, &self.stranger().keys),
            _ => small(compatible, &self.keys),
        };
        let file = self.folder.path().join("made.raucb");
        fs::write(&file, &bytes).unwrap();
        Bundle { file, version: version.to_owned(), manifest_hash: self.manifest_hash(&bytes) }
    }

    /// The SHA-256 hash of the manifest, which the signature at the end of a bundle holds.
    fn manifest_hash(&self, bundle: &[u8]) -> String {
        let (rest, length) = bundle.split_last_chunk::<8>().expect("the length of the signature");
        let length = usize::try_from(u64::from_be_bytes(*length)).unwrap();
        let [signature, manifest] = ["signature", "manifest"].map(|name| self.folder.path().join(name));
        fs::write(&signature, &rest[rest.len() - length..]).unwrap();
        let mut verify = Command::new("openssl");
        verify.args(["cms", "-verify", "-noverify", "-inform", "DER", "-in"]).arg(&signature).arg("-out");
        said(verify.arg(&manifest));
        let hash = said(Command::new("openssl").args(["dgst", "-sha256", "-r"]).arg(&manifest));
        hash.split_whitespace().next().expect("a hash").to_owned()
    }

    /// Runs the vendor's program.
    fn release(&self, arguments: &[&str], repository: Option<&Path>) {
        let mut command = Command::new(program("nexus-release"));
        command.args(arguments).arg("--keys").arg(&self.keys);
        if let Some(repository) = repository {
            command.arg("--repository").arg(repository);
        }
        if self.clock != 0 {
            Clock::new(self.folder.path(), self.clock).rule(&mut command);
        }
        said(&mut command);
    }
}

/// What a program prints that ends well.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
