//! Where the picture goes: our own Slint platform on one buffer.
//!
//! [`Loop`] waits and wakes, [`Output`] draws into cached memory and copies only what changed, and a [`Card`] is the
//! thin seam below: [`kms`] for a real display, [`framebuffer`] for what firmware has set up, [`picture`] for a PNG file
//! that is kept current.

use std::time::Duration;

use board_support::Resolution;

mod card;
pub mod framebuffer;
pub mod kms;
mod output;
pub mod picture;
mod run;
mod uevents;

pub use canvas::Pixel;
pub use card::{Card, Display, Error, Mode, Rect, Scanout, choose};
pub use output::{Figures, Open, Output, Rotation};
pub use run::{Loop, Settings};
pub use uevents::Uevents;

/// Opens the display of this machine: through the kernel's driver, else what firmware has set up.
///
/// # Errors
/// There is none, or none can be opened.
pub fn open(largest: Option<Resolution>) -> Result<Box<dyn Card>, Error> {
    match kms::open(largest) {
        Err(Error::NoCard) => framebuffer::open(kms::is_there),
        opened => opened,
    }
}

/// Tells the journal when the first picture was there: how long a screen stays dark is what people see of a start.
fn tell_first_picture(name: &str) {
    if let Ok(since_start) = nix::time::clock_gettime(nix::time::ClockId::CLOCK_BOOTTIME) {
        let seconds = Duration::from(since_start).as_secs_f32();
        tracing::info!("the first picture is on {name}, {seconds:.2} s after the kernel's start");
    }
}

/// Makes a picture of so many pixels in width and height, line by line.
pub type Draw<'a> = dyn FnMut(u32, u32) -> Vec<Pixel> + 'a;

/// Shows one picture on the display of this machine until another program draws there; where that cannot be known, it
/// stays. Answers at once where no display is connected. `opened` is called once no file is needed any more.
///
/// # Errors
/// The kernel refused.
pub fn first_picture(largest: Option<Resolution>, opened: &mut dyn FnMut(), draw: &mut Draw<'_>) -> Result<(), Error> {
    match kms::first_picture(largest, opened, draw) {
        Err(Error::NoCard) => framebuffer::first_picture(opened, draw),
        shown => shown,
    }
}

#[cfg(test)]
mod tests;
