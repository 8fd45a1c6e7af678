//! The first program of the appliance, in the initramfs.
//!
//! It loads the kernel modules that the first picture and the root need, reads how the display hangs, starts the first
//! picture, waits for the root partition of the slot that the boot loader chose, mends the slot counters where the boot
//! loader could not, sets dm-verity up on the root, and becomes systemd. [`root`] reads what the boot loader says,
//! [`partition`] finds the partition, [`switch`] goes over to it; `main` does them in order.

pub mod modules;
pub mod partition;
pub mod root;
pub mod switch;
