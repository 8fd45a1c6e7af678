//! What is peculiar to each kind of hardware.
//!
//! `board-support/<board>/board.toml` says it once, and all who need it read it here: the image's build (kernel modules,
//! console, watchdog), `scripts/boot` (the machine that stands for the board), and the agent (which board it runs on).

mod recognise;

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

pub use recognise::{Machine, recognise};

/// A kind of hardware.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// As people call it.
    pub name: String,
    /// The image that it starts.
    pub architecture: Architecture,
    /// How a running system knows it.
    pub recognise: Sign,
    /// How it starts.
    pub boot: Boot,
    /// The kernel modules that it needs.
    pub modules: Modules,
    /// Files below `/usr/lib/firmware` that its drivers load, as patterns of the shell.
    #[serde(default)]
    pub firmware: Vec<String>,
    /// The largest mode that it can draw in; without it, the display decides.
    pub display: Option<Resolution>,
    /// Where it meets the display beside the picture.
    #[serde(default)]
    pub buses: Buses,
    /// The light that tells its state, where it has one.
    pub led: Option<Led>,
    /// The button that a person presses to reset it, where it has a place for one.
    pub button: Option<Button>,
    /// Its hardware watchdog, where it has one.
    pub watchdog: Option<Watchdog>,
    /// The machine of QEMU that stands for it, where there is one.
    pub emulator: Option<Emulator>,
}

/// A processor architecture, by Debian's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// 64-bit PCs.
    Amd64,
    /// 64-bit ARM.
    Arm64,
}

/// How a running system knows its board.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Sign {
    /// One of these names is in `compatible` of the device tree's root.
    Compatible(BTreeSet<String>),
    /// It was started by this firmware, and its device tree, if any, names no other board.
    Firmware(Firmware),
}

/// What starts the boot loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Firmware {
    /// UEFI.
    Uefi,
}

/// How a board starts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// The boot loader that chooses the slot.
    pub method: Method,
    /// The kernel's serial line, as in its argument `console`; without it, the one of the device tree.
    pub console: Option<String>,
    /// Device trees that its firmware loads before the boot loader, below the kernel's folder of them.
    #[serde(default)]
    pub device_trees: Vec<String>,
}

/// A boot loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// `image/boot/grub.cfg`.
    Grub,
    /// `image/boot/u-boot.txt`.
    UBoot,
}

/// The size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolution {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Buses that go to the display, by the kernel's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buses {
    /// I²C adapters for DDC/CI, as in `/sys/class/i2c-adapter/*/name`, as patterns of the shell.
    #[serde(default)]
    pub i2c: Vec<String>,
    /// Drivers of CEC adapters, as `cec-ctl` shows them.
    #[serde(default)]
    pub cec: Vec<String>,
}

/// A light.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Led {
    /// The kernel's name of it: a folder of `/sys/class/leds`.
    pub name: String,
}

/// A push button on a GPIO line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// The label of the GPIO chip, as `gpiodetect` shows it.
    pub chip: String,
    /// The line on it.
    pub line: u32,
    /// Whether the line is low while the button is pressed, as with a button to ground and a pull-up.
    pub active_low: bool,
}

/// Kernel modules by when they are loaded; what they depend on comes by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modules {
    /// Before the first picture.
    pub display: Vec<String>,
    /// Before the root can be mounted.
    pub root: Vec<String>,
    /// By udev and units.
    pub later: Vec<String>,
}

/// A hardware watchdog, which systemd feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watchdog {
    /// Seconds without food after which it restarts the machine.
    pub seconds: u16,
}

/// A machine of QEMU.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emulator {
    /// The architecture in QEMU's words: the end of its program's name.
    pub system: String,
    /// Its `-machine`.
    pub machine: String,
    /// Its `-cpu` where guests are emulated.
    pub cpu: String,
    /// What starts it.
    pub firmware: EmulatorFirmware,
    /// The graphics card of a machine with a PCI bus. One without has its own display, and a slot for the card with the
    /// image.
    pub graphics: Option<String>,
}

/// What starts a machine of QEMU.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, untagged)]
pub enum EmulatorFirmware {
    /// Two flash chips.
    Flash {
        /// The firmware's file on Debian.
        code: PathBuf,
        /// The file of its variables on Debian, of which each machine has a copy.
        variables: PathBuf,
    },
    /// A file on Debian that keeps nothing.
    Bios {
        /// The file.
        bios: PathBuf,
    },
    /// Where QEMU stands for the firmware itself, what that would load from the image's firmware partition.
    Loaded {
        /// The boot loader's file there.
        loader: String,
        /// The device tree's file there.
        device_tree: String,
        /// Nodes of the device tree that QEMU gets wrong.
        without: Vec<String>,
    },
}

/// Why the boards cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A mistake in a file.
    #[error("{} has a mistake: {error}", path.display())]
    Mistake {
        /// Which file.
        path: PathBuf,
        /// Where, and what.
        error: toml::de::Error,
    },
}

/// Reads `*/board.toml` of the folder, in the order of the boards' folders.
///
/// # Errors
/// One of them cannot be read.
pub fn all(folder: &Path) -> Result<Vec<Board>, Error> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |error| Error::Unreadable { path, error }
    };
    let entries = fs::read_dir(folder).map_err(unreadable(folder))?;
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>().map_err(unreadable(folder))?;
    folders.sort();
    let read = |folder: PathBuf| {
        let path = folder.join("board.toml");
        let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
        toml::from_str(&text).map_err(|error| Error::Mistake { path, error })
    };
    folders.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn our_own_boards_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../board-support");
        let boards = all(&folder).unwrap();
        assert!(boards.iter().any(|board| board.architecture == Architecture::Amd64), "{boards:?}");
        for board in &boards {
            assert!(
                !board.name.is_empty() && board.modules.root.iter().any(|module| module == "dm_verity"),
                "{board:?}"
            );
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mine")).unwrap();
        fs::write(folder.path().join("mine/board.toml"), "name = \"Mine\"\narchitecture = \"vax\"\n").unwrap();
        let said = all(folder.path()).unwrap_err().to_string();
        assert!(said.contains("mine/board.toml") && said.contains("line 2") && said.contains("vax"), "{said}");
        assert!(all(&folder.path().join("none")).unwrap_err().to_string().contains("cannot read"));
    }
}
