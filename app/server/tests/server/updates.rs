//! Updates: what a vendor publishes is mirrored, served and rolled out; what is not to be believed is not.

mod commands;
mod mirror;
mod rollout;
mod vendor;
