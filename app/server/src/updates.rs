//! Updates of screens: a mirror of the vendor's repository, who gets which release when, and how screens are.
//!
//! The mirror is filled by a process of its own ([`fill()`]), which follows the repository as a client before anything is
//! offered. This server passes it on, and says whose turn it is; it signs nothing, so it can hold a release back and no
//! more.

mod fill;
mod fleet;
mod mirror;
mod range;
mod remote;
mod rollout;
mod serve;
mod window;

pub use fill::{FillError, Origin, fill};
pub(crate) use fleet::{Fleet, Report};
pub use mirror::{Mirror, Offered, State};
pub(crate) use rollout::Rules;
pub(crate) use serve::{__path_metadata, __path_targets, metadata, targets};
