//! What a screen shows.

use std::{fs::File, io::BufReader, path::Path};

use anyhow::Context as _;

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

    /// Whether it shows anything: a display that is dark, or of one colour, shows nothing.
    #[must_use]
    pub fn shows_something(&self) -> bool {
        let mut pixels = self.pixels.chunks_exact(3);
        let first = pixels.next();
        pixels.any(|pixel| Some(pixel) != first)
    }
}
