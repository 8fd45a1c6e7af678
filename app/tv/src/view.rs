//! From board and device types to pictures: the adapter between what is so and what Slint draws.
//!
//! [`Screen`] says everything that is to be drawn; [`Ui`] draws it, and tells Slint only what has changed since the
//! last time, so that only those rectangles are drawn again.

mod board;
pub mod direction;
mod fitting;
mod notice;
mod pairing;
mod screen;
mod start;
mod theme;
mod ui;

pub use screen::{Connection, Screen};
pub use ui::{Motion, Ui};
