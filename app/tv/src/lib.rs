//! The renderer on the wall.

pub mod platform;
pub mod snapshot;
pub mod view;
