//! What a screen boots from, and keeps when its power is cut.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};
use board_support::Emulator;
use tempfile::TempDir;

use crate::setup;

/// Bytes of the card that the image is written to: larger than the image, so that the data partition grows.
const SIZE: u64 = 2 * 1024 * 1024 * 1024;

/// A card with an image on it, and the memory of its machine's firmware.
#[derive(Debug)]
pub struct Card {
    folder: TempDir,
    emulator: Emulator,
}

impl Card {
    /// Writes an image to a new card for such a machine, and `nexus.toml` onto its set-up partition.
    ///
    /// # Errors
    /// There is no such image, or no room for it.
    pub fn write(image: &Path, emulator: Emulator, setup: Option<&Path>) -> anyhow::Result<Self> {
        let card = Self { folder: TempDir::with_prefix("nexus-screen-")?, emulator };
        // Most of an image is empty.
        let copied = Command::new("cp").arg("--sparse=always").arg(image).arg(card.disk()).status()?;
        ensure!(copied.success(), "cannot copy {}; build it with scripts/image", image.display());
        fs::File::options().write(true).open(card.disk())?.set_len(SIZE)?;
        if let Some(file) = setup {
            setup::write(&card.disk(), file)?;
        }
        fs::copy(&card.emulator.variables, card.variables()).context("no UEFI for guests; install ovmf")?;
        Ok(card)
    }

    /// Its content.
    #[must_use]
    pub fn disk(&self) -> PathBuf {
        self.at("disk.img")
    }

    /// The machine that it is for.
    #[must_use]
    pub const fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    pub(crate) fn variables(&self) -> PathBuf {
        self.at("variables.fd")
    }

    /// A place in the folder of the card, which goes with it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
