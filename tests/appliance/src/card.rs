//! What a screen boots from, and keeps when its power is cut.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::setup;

/// Bytes of the card that the image is written to: larger than the image, so that the data partition grows.
const SIZE: u64 = 2 * 1024 * 1024 * 1024;
/// UEFI's variables, from Debian's package ovmf.
const VARIABLES: &str = "/usr/share/OVMF/OVMF_VARS_4M.fd";

/// A card with an image on it, and the memory of its machine's firmware.
#[derive(Debug)]
pub struct Card(TempDir);

impl Card {
    /// Writes an image to a new card, and `nexus.toml` onto its set-up partition.
    ///
    /// # Errors
    /// There is no such image, or no room for it.
    pub fn write(image: &Path, setup: Option<&Path>) -> anyhow::Result<Self> {
        let card = Self(TempDir::with_prefix("nexus-screen-")?);
        // Most of an image is empty.
        let copied = Command::new("cp").arg("--sparse=always").arg(image).arg(card.disk()).status()?;
        ensure!(copied.success(), "cannot copy {}; build it with scripts/image", image.display());
        fs::File::options().write(true).open(card.disk())?.set_len(SIZE)?;
        if let Some(file) = setup {
            setup::write(&card.disk(), file)?;
        }
        fs::copy(VARIABLES, card.variables()).context("no UEFI for guests; install ovmf")?;
        Ok(card)
    }

    /// Its content.
    #[must_use]
    pub fn disk(&self) -> PathBuf {
        self.at("disk.img")
    }

    pub(crate) fn variables(&self) -> PathBuf {
        self.at("variables.fd")
    }

    /// A place in the folder of the card, which goes with it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
