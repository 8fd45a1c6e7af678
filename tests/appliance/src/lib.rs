//! A virtual screen: boots the appliance image in QEMU, hears what its agent says, and looks at its picture.
//!
//! A [`Card`] has the image on it, and a [`Machine`] runs from it until its power is cut. [`qmp`] and [`vnc`] speak QEMU's
//! protocols, [`acceleration`] finds out whether this host can run guests in hardware, and [`setup`] writes `nexus.toml`
//! onto a card. Which machine stands for which hardware is said in `board-support`.

pub mod acceleration;
mod card;
mod machine;
pub mod picture;
pub mod qmp;
pub mod setup;
pub mod vnc;

use std::path::Path;

use anyhow::Context as _;
use board_support::{Architecture, Emulator};

pub use card::Card;
pub use machine::{Display, Machine, Options};

/// The machine that stands for the boards of an architecture, by the boards in a folder.
///
/// # Errors
/// The boards cannot be read, or none of them has one.
pub fn emulator(boards: &Path, architecture: Architecture) -> anyhow::Result<Emulator> {
    let boards = board_support::all(boards)?;
    let mut fitting = boards.into_iter().filter(|board| board.architecture == architecture);
    fitting.find_map(|board| board.emulator).with_context(|| format!("no board of {architecture:?} has an emulator"))
}
