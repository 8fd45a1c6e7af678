//! The renderer on the wall.
//!
//! The rules are in [`app`] and know no clock and no socket; [`view`] turns what they say into a picture; [`platform`]
//! puts it on a display, and [`still`] into one picture. [`agent`] and [`stream`] bring what is to be shown, on [`network`]'s thread, and [`wall`] joins
//! them all.

pub mod agent;
pub mod app;
pub mod network;
pub mod platform;
pub mod snapshot;
pub mod still;
pub mod stream;
pub mod texts;
pub mod view;
pub mod wall;
