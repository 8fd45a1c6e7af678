//! Files on the FAT partitions of a disk image.

use std::{
    fs::File,
    os::unix::fs::FileExt as _,
    path::Path,
    process::{Command, Output},
};

use anyhow::{Context as _, ensure};

/// A FAT partition. Partition layout v1 freezes where each begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Partition {
    name: &'static str,
    mebibytes: u64,
}

/// What the board starts from.
pub(crate) const FIRMWARE: Partition = Partition { name: "nexus-firmware", mebibytes: 1 };
/// The system of slot A.
pub(crate) const BOOT_A: Partition = Partition { name: "nexus-boot-a", mebibytes: 82 };
/// What operators write.
pub(crate) const SETUP: Partition = Partition { name: "NEXUS-SETUP", mebibytes: 65 };

impl Partition {
    /// Copies `file` into this partition of `image`.
    ///
    /// # Errors
    /// The image is none of ours, or mtools is not installed.
    pub(crate) fn copy_to(self, image: &Path, file: &Path, name: &str) -> anyhow::Result<()> {
        let output = self.mcopy(image, file.as_ref(), format!("::{name}").as_ref())?;
        ensure!(output.status.success(), "cannot write {name} to {}: {}", self.name, said(&output));
        Ok(())
    }

    /// Copies a file of this partition of `image` to `file`.
    ///
    /// # Errors
    /// There is none, or mtools is not installed.
    pub(crate) fn copy_from(self, image: &Path, name: &str, file: &Path) -> anyhow::Result<()> {
        let output = self.mcopy(image, format!("::{name}").as_ref(), file.as_ref())?;
        ensure!(output.status.success(), "no {name} on {}: {}", self.name, said(&output));
        Ok(())
    }

    /// Overwrites its first block, without which it is no file system any more.
    ///
    /// # Errors
    /// The image cannot be written.
    pub(crate) fn spoil(self, image: &Path) -> std::io::Result<()> {
        File::options().write(true).open(image)?.write_all_at(&[0; 4096], self.mebibytes << 20)
    }

    fn mcopy(self, image: &Path, from: &Path, to: &Path) -> anyhow::Result<Output> {
        let partition = format!("{}@@{}M", image.display(), self.mebibytes);
        Command::new("mcopy")
            .args(["-o", "-i", &partition])
            .args([from, to])
            .output()
            .context("cannot start mcopy; install mtools")
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}
