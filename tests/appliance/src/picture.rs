//! What a screen shows.

use std::{
    fs::File,
    io::{BufReader, BufWriter},
    path::Path,
};

use anyhow::Context as _;
use board::{
    Theme,
    theme::{Rgb, tokens},
};

/// A picture, three bytes a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Red, green and blue of each pixel, line by line.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Reads a PNG file as QEMU writes it.
    ///
    /// # Errors
    /// The file is no such picture.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let mut reader = png::Decoder::new(BufReader::new(File::open(path)?)).read_info()?;
        let mut pixels = vec![0; reader.output_buffer_size().context("the picture is too large")?];
        let info = reader.next_frame(&mut pixels)?;
        anyhow::ensure!(info.color_type == png::ColorType::Rgb, "the picture is {:?}", info.color_type);
        pixels.truncate(info.buffer_size());
        Ok(Self { width: info.width, height: info.height, pixels })
    }

    /// Writes a PNG file.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&self.pixels)?;
        Ok(())
    }

    /// The picture with red for blue.
    pub(crate) fn exchanged(mut self) -> Self {
        self.pixels.chunks_exact_mut(3).for_each(|pixel| pixel.swap(0, 2));
        self
    }

    /// Whether it shows anything: a display that is dark, or of one colour, shows nothing.
    #[must_use]
    pub fn shows_something(&self) -> bool {
        let mut pixels = self.pixels.chunks_exact(3);
        let first = pixels.next();
        pixels.any(|pixel| Some(pixel) != first)
    }

    /// Whether it is one of our screens: their own colour in all corners, and something that is written.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        let ground = bytes(tokens(Theme::Midnight).background);
        let (right, bottom) = (self.width - 1, self.height - 1);
        let corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)];
        corners.iter().all(|(x, y)| self.at(*x, *y) == ground) && self.shows_something()
    }

    /// Whether it is one of our screens before a board, and marks something on it as failed: that mark is the only red.
    #[must_use]
    pub fn tells_of_trouble(&self) -> bool {
        self.is_ours() && self.share(tokens(Theme::Midnight).critical) > 0.0003
    }

    /// The share of pixels that have this colour, from 0 to 1.
    #[must_use]
    pub fn share(&self, color: Rgb) -> f64 {
        let wanted = bytes(color);
        let found = self.pixels.chunks_exact(3).filter(|pixel| **pixel == wanted).count();
        found as f64 / f64::from(self.width * self.height)
    }

    /// Where the pixels of this colour are on average, from the left and from the top, each from 0 to 1.
    #[must_use]
    pub fn center(&self, color: Rgb) -> Option<(f64, f64)> {
        let wanted = bytes(color);
        let (mut found, mut across, mut down) = (0_u64, 0_u64, 0_u64);
        for (at, _) in (0_u64..).zip(self.pixels.chunks_exact(3)).filter(|(_, pixel)| **pixel == wanted) {
            found += 1;
            across += at % u64::from(self.width);
            down += at / u64::from(self.width);
        }
        let mean = |sum: u64, side: u32| sum as f64 / found as f64 / f64::from(side);
        (found > 0).then(|| (mean(across, self.width), mean(down, self.height)))
    }

    /// Pixels from each side to the first that has not this colour: left, right, top, bottom. `None` if all have.
    #[must_use]
    pub fn margins(&self, ground: Rgb) -> Option<[u32; 4]> {
        let ground = bytes(ground);
        let column = |x: &u32| (0..self.height).any(|y| self.at(*x, y) != ground);
        let row = |y: &u32| (0..self.width).any(|x| self.at(x, *y) != ground);
        let left = (0..self.width).find(column)?;
        let right = self.width - 1 - (0..self.width).rev().find(column)?;
        let top = (0..self.height).find(row)?;
        let bottom = self.height - 1 - (0..self.height).rev().find(row)?;
        Some([left, right, top, bottom])
    }

    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let start = ((y * self.width + x) * 3) as usize;
        [self.pixels[start], self.pixels[start + 1], self.pixels[start + 2]]
    }
}

fn bytes(color: Rgb) -> [u8; 3] {
    let [_, red, green, blue] = color.to_be_bytes();
    [red, green, blue]
}
