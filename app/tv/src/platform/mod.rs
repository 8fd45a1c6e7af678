//! Where the picture goes: our own Slint platform on one buffer.
//!
//! [`Loop`] waits and wakes, [`Output`] draws into cached memory and copies only what changed, and a [`Card`] is the
//! thin seam below: [`kms`] for a real display, [`picture`] for a PNG file that is kept current.

mod canvas;
mod card;
pub mod kms;
mod output;
pub mod picture;
mod pixel;
mod run;
mod uevents;

pub use card::{Card, Display, Error, Mode, Rect, Scanout, choose};
pub use output::{Figures, Open, Output, Rotation};
pub use pixel::Pixel;
pub use run::{Loop, Settings};
pub use uevents::Uevents;

#[cfg(test)]
mod tests;
