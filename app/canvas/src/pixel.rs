//! The pixel of a dumb buffer.

use slint::platform::software_renderer::{PremultipliedRgbaColor, TargetPixel};

/// XRGB8888 in the byte order of the machine: what every KMS driver can scan out.
///
/// It blends exactly as Slint's own RGB pixel does, so that a picture is the same on a display and in a PNG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pixel(pub u32);

/// Red and blue of a pixel: two lanes of 16 bits that are computed at once.
const RED_BLUE: u32 = 0x00ff_00ff;
const ONE_IN_EACH_LANE: u32 = 0x0001_0001;

impl Pixel {
    /// Red, green and blue.
    #[must_use]
    pub fn rgb(self) -> [u8; 3] {
        let [_, red, green, blue] = self.0.to_be_bytes();
        [red, green, blue]
    }
}

impl TargetPixel for Pixel {
    fn blend(&mut self, color: PremultipliedRgbaColor) {
        let share = u32::from(u8::MAX - color.alpha);
        let red_blue = over_255((self.0 & RED_BLUE) * share);
        let green = over_255(((self.0 >> 8) & 0xff) * share);
        self.0 = (red_blue | (green << 8)).wrapping_add(Self::from_rgb(color.red, color.green, color.blue).0);
    }

    fn from_rgb(red: u8, green: u8, blue: u8) -> Self {
        Self(u32::from_be_bytes([0, red, green, blue]))
    }
}

/// Divides both lanes by 255, rounding down: exact for every product of two bytes.
fn over_255(lanes: u32) -> u32 {
    ((lanes + ONE_IN_EACH_LANE + ((lanes >> 8) & RED_BLUE)) >> 8) & RED_BLUE
}

#[cfg(test)]
mod tests {
    use slint::Rgb8Pixel;

    use super::*;

    #[test]
    fn every_blend_is_the_one_of_an_rgb_picture() {
        for alpha in 0..=u8::MAX {
            for old in 0..=u8::MAX {
                let color = PremultipliedRgbaColor { red: alpha, green: alpha / 2, blue: alpha / 3, alpha };
                let mut ours = Pixel::from_rgb(old, old / 2, u8::MAX - old);
                let mut theirs = Rgb8Pixel::new(old, old / 2, u8::MAX - old);
                ours.blend(color);
                theirs.blend(color);
                assert_eq!(ours.rgb(), [theirs.r, theirs.g, theirs.b], "{old} under {alpha}");
            }
        }
    }
}
