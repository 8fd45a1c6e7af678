//! A virtual screen: boots the appliance image in QEMU, hears what its agent says, and looks at its picture.
//!
//! [`Machine`] is the whole of it. [`qmp`] speaks QEMU's own protocol, [`acceleration`] finds out whether this host can
//! run guests in hardware, and [`setup`] writes `nexus.toml` into a copy of the image.

pub mod acceleration;
mod machine;
pub mod picture;
pub mod qmp;
pub mod setup;

pub use machine::{Machine, Options};
