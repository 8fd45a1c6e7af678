//! Bundles that are made for a test, with the tools of this host.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use rand::{RngExt as _, SeedableRng as _, rngs::ChaCha8Rng};

/// Bytes of the images of a small bundle: a bundle has a least size.
const SMALL: usize = 64 * 1024;

/// What a bundle installs.
pub(crate) struct Content {
    pub(crate) boot: Vec<u8>,
    pub(crate) root: Vec<u8>,
    /// Whether a screen fetches no more of it than it needs, as of the bundles that `scripts/image` makes.
    pub(crate) adaptive: bool,
}

impl Content {
    /// Blocks of which no two are the same, and that nothing makes smaller, like those of an image that is compressed.
    pub(crate) fn random(seed: u64, boot: usize, root: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let [boot, root] = [boot, root].map(|length| {
            let mut image = vec![0; length];
            random.fill(&mut image[..]);
            image
        });
        Self { boot, root, adaptive: true }
    }

    /// The bundle of it, signed by the keys of a folder.
    pub(crate) fn bundle(&self, compatible: &str, keys: &Path) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let content = folder.path().join("content");
        fs::create_dir(&content).unwrap();
        fs::write(content.join("boot.img"), &self.boot).unwrap();
        fs::write(content.join("root.img"), &self.root).unwrap();
        let adaptive = if self.adaptive { "adaptive=block-hash-index\n" } else { "" };
        let manifest = format!(
            "[update]\ncompatible={compatible}\nversion=9\n[bundle]\nformat=verity\n\
             [image.boot]\nfilename=boot.img\n{adaptive}[image.root]\nfilename=root.img\n{adaptive}"
        );
        fs::write(content.join("manifest.raucm"), manifest).unwrap();
        let bundle = folder.path().join("update.raucb");
        let mut rauc = Command::new("rauc");
        rauc.arg(format!("--cert={}", keys.join("bundle.pem").display()));
        rauc.arg(format!("--key={}", keys.join("bundle.key").display()));
        // As in image/build/bundle.
        rauc.arg("--mksquashfs-args=-b 16k -noI -noF");
        let output = rauc.arg("bundle").args([&content, &bundle]).output().expect("cannot start rauc; install it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read(bundle).unwrap()
    }
}

/// A small bundle, which holds no system.
pub(crate) fn small(compatible: &str, keys: &Path) -> Vec<u8> {
    Content { adaptive: false, ..Content::random(5, SMALL, SMALL) }.bundle(compatible, keys)
}

/// Where the vendor's keys are, which the image knows.
pub(crate) fn keys() -> PathBuf {
    PathBuf::from(std::env::var_os("NEXUS_TEST_KEYS").expect("NEXUS_TEST_KEYS names the keys of the image"))
}
