//! A virtual screen: boots the appliance image in QEMU, hears what its agent says, and looks at its picture.
//!
//! A [`Card`] has the image on it, and a [`Machine`] runs from it until its power is cut. [`qmp`] and [`vnc`] speak QEMU's
//! protocols, [`acceleration`] finds out whether this host can run guests in hardware, and [`setup`] writes `nexus.toml`
//! onto a card.

pub mod acceleration;
mod card;
mod machine;
pub mod picture;
pub mod qmp;
pub mod setup;
pub mod vnc;

pub use card::Card;
pub use machine::{Display, Machine, Options};
