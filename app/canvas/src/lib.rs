//! Where Slint's renderer puts pixels: the buffer of a display, and the picture of a file.
//!
//! The renderer is generic over pixels, so its inner loops are compiled where a kind of pixel is chosen. That is here and
//! nowhere else, so that tests, which draw thousands of boards, can have them optimised and nothing else of the TV.

mod display;
mod pixel;

use i_slint_renderer_software::{PhysicalRegion, SoftwareRenderer};
use slint::Rgb8Pixel;

pub use pixel::Pixel;

/// Draws what has changed into the buffer of a display, whose lines have `width` pixels without gaps. Returns where.
pub fn draw(renderer: &SoftwareRenderer, pixels: &mut [Pixel], width: usize) -> PhysicalRegion {
    renderer.render_into_buffer(&mut display::Canvas { pixels, width })
}

/// Draws what has changed into a picture, whose lines have `width` pixels without gaps. Returns where.
pub fn draw_picture(renderer: &SoftwareRenderer, pixels: &mut [Rgb8Pixel], width: usize) -> PhysicalRegion {
    renderer.render(pixels, width)
}
