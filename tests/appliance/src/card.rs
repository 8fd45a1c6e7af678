//! What a screen boots from, and keeps when its power is cut.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};
use board_support::{Emulator, EmulatorFirmware};
use tempfile::TempDir;

use crate::{cpio, partition};

/// Bytes of the card that the image is written to: larger than the image, so that the data partition grows.
const SIZE: u64 = 2 * 1024 * 1024 * 1024;
/// The memory of the machine's firmware, in the folder of the card.
const VARIABLES: &str = "variables.fd";

/// A card with an image on it, and the memory of its machine's firmware.
#[derive(Debug)]
pub struct Card {
    folder: TempDir,
    emulator: Emulator,
    /// QEMU's options that load a kernel in the firmware's place.
    kernel: Option<Vec<String>>,
    /// Whether every write is kept.
    logs_writes: bool,
}

impl Card {
    /// Writes an image to a new card for such a machine, and `nexus.toml` onto its set-up partition.
    ///
    /// # Errors
    /// There is no such image, or no room for it.
    pub fn write(image: &Path, emulator: Emulator, setup: Option<&Path>) -> anyhow::Result<Self> {
        let card = Self { folder: TempDir::with_prefix("nexus-screen-")?, emulator, kernel: None, logs_writes: false };
        // Most of an image is empty.
        let copied = Command::new("cp").arg("--sparse=always").arg(image).arg(card.disk()).status()?;
        ensure!(copied.success(), "cannot copy {}; build it with scripts/image", image.display());
        fs::File::options().write(true).open(card.disk())?.set_len(SIZE)?;
        if let Some(file) = setup {
            partition::SETUP.copy_to(&card.disk(), file, "nexus.toml")?;
        }
        match &card.emulator.firmware {
            EmulatorFirmware::Flash { code: file, variables } => {
                fs::copy(variables, card.at(VARIABLES)).with_context(|| missing(variables))?;
                ensure!(file.exists(), missing(file));
            }
            EmulatorFirmware::Bios { bios: file } => ensure!(file.exists(), missing(file)),
            EmulatorFirmware::Loaded { loader, device_tree, without } => {
                for name in [loader, device_tree] {
                    partition::FIRMWARE.copy_from(&card.disk(), name, &card.at(name))?;
                }
                for node in without {
                    disable(&card.at(device_tree), node)?;
                }
            }
        }
        Ok(card)
    }

    /// From now on, QEMU loads the system of slot A itself: no firmware comes between, which would mend the disk, and no
    /// boot loader, which would need one.
    ///
    /// # Errors
    /// The slot has no system, or arguments that cannot be read.
    pub fn start_without_firmware(&mut self) -> anyhow::Result<()> {
        let disk = self.disk();
        for name in ["kernel", "initramfs"] {
            partition::BOOT_A.copy_from(&disk, name, &self.at(name))?;
        }
        let written = self.at("arguments");
        partition::BOOT_A
            .copy_from(&disk, "slot.cfg", &written)
            .or_else(|_| partition::BOOT_A.copy_from(&disk, "slot.env", &written))?;
        let text = fs::read_to_string(written)?;
        let arguments = text.trim().rsplit_once("arguments=").map(|(_, arguments)| arguments.trim_matches('"'));
        let arguments = arguments.context("the slot names no arguments for its kernel")?;
        let words = |path: PathBuf| path.display().to_string();
        self.kernel = Some(vec![
            "-kernel".to_owned(),
            words(self.at("kernel")),
            "-initrd".to_owned(),
            words(self.at("initramfs")),
            "-append".to_owned(),
            format!("nexus.slot=a {arguments}"),
        ]);
        Ok(())
    }

    /// The same, and no picture before systemd: the initramfs has no TV to start.
    ///
    /// # Errors
    /// As [`Self::start_without_firmware`].
    pub fn start_without_early_picture(&mut self) -> anyhow::Result<()> {
        self.start_without_firmware()?;
        let mut initramfs = fs::File::options().append(true).open(self.at("initramfs"))?;
        Ok(initramfs.write_all(&cpio::without_program("usr/bin/nexus-tv"))?)
    }

    /// Another one with the same content, for a machine of the same kind.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn copy(&self) -> anyhow::Result<Self> {
        let card = Self {
            folder: TempDir::with_prefix("nexus-screen-")?,
            emulator: self.emulator.clone(),
            kernel: self.kernel.clone(),
            logs_writes: false,
        };
        for entry in fs::read_dir(self.folder.path())? {
            let (file, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            // A machine's sockets are its own.
            if kind.is_file() && file != self.write_log() {
                let copied = Command::new("cp").arg("--sparse=always").arg(&file).arg(card.folder.path()).status()?;
                ensure!(copied.success(), "cannot copy {}", file.display());
            }
        }
        Ok(card)
    }

    /// From its next start on, every write is kept in [`Card::write_log`], anew at each start of a machine.
    pub fn log_writes(&mut self) {
        self.logs_writes = true;
    }

    /// The file with every write, for [`crate::write_log::WriteLog`].
    #[must_use]
    pub fn write_log(&self) -> PathBuf {
        self.at("writes.log")
    }

    /// QEMU's options for the disk, which it is to call `disk`.
    ///
    /// # Errors
    /// The log cannot be begun.
    pub(crate) fn drive(&self) -> anyhow::Result<String> {
        let file = self.disk();
        if !self.logs_writes {
            // What a guest wrote outlives QEMU in this machine's memory, flushed or not: to flush it would only delay
            // whoever else writes here.
            return Ok(format!("if=none,id=disk,format=raw,cache=unsafe,file={}", file.display()));
        }
        let log = self.write_log();
        fs::write(&log, [])?;
        // Its first sector says how many entries there are; what is read is what is there.
        Ok(format!(
            "if=none,id=disk,driver=blklogwrites,file.driver=file,file.filename={},log.driver=file,log.filename={}",
            file.display(),
            log.display()
        ))
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

    /// QEMU's options for the firmware or in its place. Its variables are kept with the card.
    pub(crate) fn firmware(&self) -> Vec<String> {
        if let Some(kernel) = &self.kernel {
            return kernel.clone();
        }
        let flash = |options: &str, file: &Path| format!("if=pflash,format=raw{options},file={}", file.display());
        let words = |path: &Path| path.display().to_string();
        let options = match &self.emulator.firmware {
            EmulatorFirmware::Flash { code, variables: _ } => {
                vec![("-drive", flash(",readonly=on", code)), ("-drive", flash("", &self.at(VARIABLES)))]
            }
            EmulatorFirmware::Bios { bios } => vec![("-bios", words(bios))],
            EmulatorFirmware::Loaded { loader, device_tree, without: _ } => {
                vec![("-kernel", words(&self.at(loader))), ("-dtb", words(&self.at(device_tree)))]
            }
        };
        options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    /// The disk's turn among what firmware starts from: the first, if nothing is started in the firmware's place.
    pub(crate) const fn turn(&self) -> &'static str {
        if self.kernel.is_some() { "" } else { ",bootindex=0" }
    }

    /// `nexus.toml` as it is on the card.
    ///
    /// # Errors
    /// There is none.
    pub fn setup(&self) -> anyhow::Result<String> {
        let file = self.at("nexus.toml");
        partition::SETUP.copy_from(&self.disk(), "nexus.toml", &file)?;
        Ok(fs::read_to_string(file)?)
    }

    /// Spoils the set-up partition, so that nobody can read it.
    ///
    /// # Errors
    /// The card cannot be written.
    pub fn spoil_setup(&self) -> anyhow::Result<()> {
        Ok(partition::SETUP.spoil(&self.disk())?)
    }

    /// A place in the folder of the card, which goes with it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Switches a device off.
fn disable(device_tree: &Path, node: &str) -> anyhow::Result<()> {
    let mut command = Command::new("fdtput");
    command.args(["-t", "s"]).arg(device_tree).args([node, "status", "disabled"]);
    let done = command.status().context("cannot start fdtput; install device-tree-compiler")?;
    ensure!(done.success(), "{} has no {node}", device_tree.display());
    Ok(())
}

fn missing(file: &Path) -> String {
    format!("guests have no {}; install ovmf (for amd64) or u-boot-qemu (for arm64)", file.display())
}
