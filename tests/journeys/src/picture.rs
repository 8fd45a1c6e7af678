//! The pixels of a wall.

use std::{fs::File, io::BufReader, path::Path};

/// A part of a picture, in its pixels.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// The left edge.
    pub x: f32,
    /// The upper edge.
    pub y: f32,
    /// How wide it is.
    pub width: f32,
    /// How high it is.
    pub height: f32,
}

/// A picture: rows of RGB.
pub struct Picture {
    bytes: Vec<u8>,
    width: usize,
    height: usize,
}

/// The pixels of an area, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels(Vec<[u8; 3]>);

impl Picture {
    /// Reads a PNG of eight bits a channel; `None` where there is none (yet).
    pub fn read(path: &Path) -> Option<Self> {
        let mut reader = png::Decoder::new(BufReader::new(File::open(path).ok()?)).read_info().ok()?;
        let mut bytes = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut bytes).ok()?;
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
        Some(Self { bytes, width: info.width as usize, height: info.height as usize })
    }

    /// Its width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The pixels of an area, as far as it lies in the picture.
    pub fn cut(&self, area: Area) -> Pixels {
        let rows = area.y.max(0.0) as usize..self.height.min((area.y + area.height).max(0.0) as usize);
        let columns = area.x.max(0.0) as usize..self.width.min((area.x + area.width).max(0.0) as usize);
        let pixel = |row: usize, column: usize| {
            let start = (row * self.width + column) * 3;
            [self.bytes[start], self.bytes[start + 1], self.bytes[start + 2]]
        };
        Pixels(rows.flat_map(|row| columns.clone().map(move |column| pixel(row, column))).collect())
    }
}

impl Pixels {
    /// Whether something is written there: dark ground, and letters that stand out from it as far as white nearly does.
    pub fn are_written_on(&self) -> bool {
        let light = self.0.iter().filter(|pixel| pixel.iter().all(|channel| *channel > 150)).count();
        let dark = self.0.iter().filter(|pixel| pixel.iter().all(|channel| *channel < 80)).count();
        light * 50 > self.0.len() && dark * 2 > self.0.len()
    }
}
