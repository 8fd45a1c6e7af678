//! A virtual screen: boots the appliance image in QEMU, hears what its agent says, and looks at its picture.
//!
//! A [`Card`] has the image on it, and a [`Machine`] runs from it until its power is cut. [`qmp`] and [`vnc`] speak QEMU's
//! protocols, [`write_log`] reads what a machine wrote, and [`acceleration`] finds out whether this host can run guests in
//! hardware. A [`proxy`] is the only way to a server that has a name nobody else knows. Which machine stands for which
//! hardware is said in `board-support`.

pub mod acceleration;
mod card;
mod console;
mod cpio;
mod machine;
mod partition;
pub mod picture;
pub mod proxy;
pub mod qmp;
pub mod vnc;
pub mod write_log;

use std::path::Path;

use anyhow::Context as _;
use board_support::{Architecture, Board, Emulator};
use clap::ValueEnum as _;

pub use card::Card;
pub use machine::{Display, Machine, Options};

/// The machine that stands for a board, by the boards in a folder: `name` is an architecture by Debian's name, or a
/// machine of QEMU that some board names.
///
/// # Errors
/// The boards cannot be read, or none of them has one.
pub fn emulator(boards: &Path, name: &str) -> anyhow::Result<Emulator> {
    let boards = board_support::all(boards)?;
    let fits = |board: &Board, emulator: &Emulator| match Architecture::from_str(name, false) {
        Ok(architecture) => board.architecture == architecture && emulator.graphics.is_some(),
        Err(_) => emulator.machine == name,
    };
    let mut emulators = boards.into_iter().filter_map(|board| {
        let emulator = board.emulator.clone()?;
        fits(&board, &emulator).then_some(emulator)
    });
    emulators.next().with_context(|| format!("no board has an emulator for {name}"))
}
