//! The buffer of a display. Letters, the largest single part of drawing a tile, are drawn here: most of what a letter's box
//! holds is either empty or full, and neither needs any arithmetic.

use i_slint_renderer_software::{
    DrawTextureArgs, PhysicalRegion, PremultipliedRgbaColor, RenderingRotation, TargetPixel, TargetPixelBuffer,
    TexturePixelFormat,
};
use slint::Color;

use crate::Pixel;

/// Lines of pixels without gaps.
pub(super) struct Canvas<'a> {
    pub(super) pixels: &'a mut [Pixel],
    /// Pixels of a line.
    pub(super) width: usize,
}

impl TargetPixelBuffer for Canvas<'_> {
    type TargetPixel = Pixel;

    fn line_slice(&mut self, line: usize) -> &mut [Pixel] {
        &mut self.pixels[line * self.width..][..self.width]
    }

    fn num_lines(&self) -> usize {
        self.pixels.len() / self.width
    }

    fn draw_texture(&mut self, texture: &DrawTextureArgs, clip: &PhysicalRegion) -> bool {
        let source = texture.source();
        let (Some(color), TexturePixelFormat::AlphaMap) = (texture.colorize, source.pixel_format) else { return false };
        let as_it_is = texture.rotation == RenderingRotation::NoRotation
            && texture.tiling.is_none()
            && (texture.dst_width, texture.dst_height) == (source.width as usize, source.height as usize);
        if !as_it_is {
            return false;
        }
        for (origin, size) in clip.iter() {
            let (columns, rows) = (size.width as usize, size.height as usize);
            for row in 0..rows {
                let (x, y) = (origin.x as isize, origin.y as isize + row as isize);
                let from = (y - texture.dst_y) * source.byte_stride as isize + (x - texture.dst_x);
                let to = y * self.width as isize + x;
                // The renderer cuts the region to letter and picture before it asks.
                let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to)) else { return false };
                if let (Some(letter), Some(line)) =
                    (source.data.get(from..from + columns), self.pixels.get_mut(to..to + columns))
                {
                    ink(line, letter, color);
                }
            }
        }
        true
    }
}

/// Puts `color` on a line as far as a letter covers it: what Slint's own loop computes, to the bit.
fn ink(line: &mut [Pixel], letter: &[u8], color: Color) {
    let full = PremultipliedRgbaColor::from(color);
    for (pixel, &coverage) in line.iter_mut().zip(letter) {
        match coverage {
            0 => {}
            u8::MAX if full.alpha == u8::MAX => *pixel = Pixel::from_rgb(full.red, full.green, full.blue),
            u8::MAX => pixel.blend(full),
            _ => {
                let alpha = u16::from(coverage) * u16::from(color.alpha()) / 255;
                let [red, green, blue] = [color.red(), color.green(), color.blue()];
                pixel.blend(Color::from_argb_u8(alpha as u8, red, green, blue).into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_slints_own_loop() {
        let ground = Pixel::from_rgb(20, 130, 250);
        for opacity in [0, 1, 127, 254, u8::MAX] {
            let color = Color::from_argb_u8(opacity, 242, 120, 3);
            let letter: Vec<u8> = (0..=u8::MAX).collect();
            let mut line = vec![ground; letter.len()];
            ink(&mut line, &letter, color);
            for (pixel, coverage) in line.into_iter().zip(letter) {
                let alpha = (u16::from(coverage) * u16::from(opacity) / 255) as u8;
                let mut theirs = ground;
                theirs.blend(Color::from_argb_u8(alpha, 242, 120, 3).into());
                assert_eq!(pixel, theirs, "{coverage} of {opacity}");
            }
        }
    }
}
