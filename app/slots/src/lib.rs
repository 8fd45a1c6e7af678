//! The slot counters: which system the boot loader starts next.
//!
//! They lie on a partition of their own in two copies. The boot loader counts a slot down before it starts it
//! (`image/boot`), and the running system says that it works. Both keep the same promise: whenever the power fails, one
//! copy is whole. [`Counters`] is one copy as text, and the rules of what changes in it; [`Store`] is the partition.

mod counters;
mod store;

pub use counters::{Counters, GOOD, Order, Slot, Starts, TRIAL};
pub use store::{Error, Store};
