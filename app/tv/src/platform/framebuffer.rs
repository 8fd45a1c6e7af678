//! The picture that firmware set up, where the kernel has no driver for the display: `/dev/fb0`.
//!
//! It has one size, tells of no plugs, and is written like a file; what the kernel says of it stands in sysfs
//! (`Documentation/ABI/testing/sysfs-class-graphics`). As soon as a driver comes, it draws instead.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use super::{
    Draw, Pixel,
    card::{Card, Display, Error, Mode, Rect, Scanout},
};

/// Where the kernel has the framebuffer, and says what it is like.
const DEVICE: &str = "/dev/fb0";
const SYSFS: &str = "/sys/class/graphics/fb0";

/// Opens the framebuffer; `replaced` says whether a driver has come in its place.
///
/// # Errors
/// There is none, it cannot be opened, or its pixels are of an unknown kind.
pub fn open(replaced: impl Fn() -> bool + 'static) -> Result<Box<dyn Card>, Error> {
    Ok(Box::new(Framebuffer::open(Path::new(DEVICE), Path::new(SYSFS), Box::new(replaced))?))
}

/// Draws one picture, which stays.
///
/// # Errors
/// As [`open`].
pub(super) fn first_picture(opened: &mut dyn FnMut(), draw: &mut Draw<'_>) -> Result<(), Error> {
    let mut card = Framebuffer::open(Path::new(DEVICE), Path::new(SYSFS), Box::new(|| false))?;
    opened();
    let Mode { width, height, .. } = card.mode;
    card.lines = draw(width, height).iter().flat_map(|pixel| pixel.0.to_ne_bytes()).collect();
    card.flush(&[Rect { x: 0, y: 0, width, height }])?;
    super::tell_first_picture(DEVICE);
    Ok(())
}

/// How the memory holds a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Four bytes, as in [`Pixel`].
    Xrgb8888,
    /// Two bytes.
    Rgb565,
}

impl Format {
    const fn bytes(self) -> usize {
        match self {
            Self::Xrgb8888 => 4,
            Self::Rgb565 => 2,
        }
    }

    fn put(self, pixel: Pixel, line: &mut Vec<u8>) {
        match self {
            Self::Xrgb8888 => line.extend(pixel.0.to_ne_bytes()),
            Self::Rgb565 => {
                let [red, green, blue] = pixel.rgb().map(u16::from);
                line.extend((((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3)).to_ne_bytes());
            }
        }
    }
}

struct Framebuffer {
    path: PathBuf,
    file: File,
    format: Format,
    mode: Mode,
    /// Bytes from one line of the device to the next.
    stride: usize,
    /// The picture in lines of XRGB8888, without gaps; empty while nothing is lit.
    lines: Vec<u8>,
    replaced: Box<dyn Fn() -> bool>,
}

impl Framebuffer {
    fn open(path: &Path, sysfs: &Path, replaced: Box<dyn Fn() -> bool>) -> Result<Self, Error> {
        let file = OpenOptions::new().write(true).open(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => Error::NoCard,
            _ => Error::Open { path: path.display().to_string(), source },
        })?;
        let said = |name: &str| fs::read_to_string(sysfs.join(name)).unwrap_or_default().trim().to_owned();
        let unknown = || Error::UnknownFramebuffer { path: path.display().to_string() };
        let size = said("virtual_size");
        let (width, height) = size.split_once(',').ok_or_else(unknown)?;
        let [width, height, stride] = [width, height, &said("stride")].map(str::parse);
        let (width, height, stride): (u32, u32, u32) = match (width, height, stride) {
            (Ok(width), Ok(height), Ok(stride)) => (width, height, stride),
            _ => return Err(unknown()),
        };
        let format = match said("bits_per_pixel").as_str() {
            "32" => Format::Xrgb8888,
            "16" => Format::Rgb565,
            _ => return Err(unknown()),
        };
        let mode = Mode { width, height, refresh: 0, preferred: true };
        let path = path.to_owned();
        Ok(Self { path, file, format, mode, stride: stride as usize, lines: Vec::new(), replaced })
    }

    fn pitch(&self) -> usize {
        self.mode.width as usize * size_of::<Pixel>()
    }
}

impl Card for Framebuffer {
    fn displays(&mut self) -> Result<Vec<Display>, Error> {
        if (self.replaced)() {
            return Err(Error::Replaced { path: self.path.display().to_string() });
        }
        Ok(vec![Display { connector: 0, name: self.path.display().to_string(), modes: vec![self.mode] }])
    }

    fn light(&mut self, _: &Display, _: Mode) -> Result<(), Error> {
        if self.lines.is_empty() {
            self.lines = vec![0; self.pitch() * self.mode.height as usize];
        }
        Ok(())
    }

    fn release(&mut self) {
        self.lines = Vec::new();
    }

    fn scanout(&mut self) -> Scanout<'_> {
        Scanout { pitch: self.pitch(), bytes: &mut self.lines }
    }

    fn flush(&mut self, damage: &[Rect]) -> Result<(), Error> {
        let mut line = Vec::new();
        for rect in damage {
            let [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map(|side| side as usize);
            for y in y..y + height {
                let start = y * self.pitch() + x * size_of::<Pixel>();
                let Some(bytes) = self.lines.get(start..start + width * size_of::<Pixel>()) else { break };
                line.clear();
                for pixel in bytes.as_chunks().0 {
                    self.format.put(Pixel(u32::from_ne_bytes(*pixel)), &mut line);
                }
                let at = (y * self.stride + x * self.format.bytes()) as u64;
                self.file.write_all_at(&line, at).map_err(|source| Error::Refused {
                    card: self.path.display().to_string(),
                    action: "take the changed parts of the picture",
                    source,
                })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::{cell::Cell, rc::Rc};

    use super::{super::output::copy, *};

    /// A framebuffer of 4 × 3 pixels in files, with lines of 20 bytes.
    fn framebuffer(bits: &str, replaced: Rc<Cell<bool>>) -> (tempfile::TempDir, Result<Framebuffer, Error>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, words) in [("virtual_size", "4,3"), ("stride", "20"), ("bits_per_pixel", bits)] {
            fs::write(folder.path().join(name), format!("{words}\n")).unwrap();
        }
        let device = folder.path().join("fb0");
        fs::write(&device, [0xee; 60]).unwrap();
        let opened = Framebuffer::open(&device, folder.path(), Box::new(move || replaced.get()));
        (folder, opened)
    }

    /// Draws a red picture, of which only the two middle pixels of the second line are told as changed.
    fn draw(card: &mut Framebuffer) {
        let display = card.displays().unwrap().remove(0);
        let mode = display.modes[0];
        card.light(&display, mode).unwrap();
        let picture = vec![Pixel(0xff_4008); 12];
        let rect = Rect { x: 1, y: 1, width: 2, height: 1 };
        copy(&picture, 4, card.scanout(), rect);
        card.flush(&[rect]).unwrap();
    }

    #[test]
    fn only_what_changed_is_written_in_the_pixels_of_the_device() {
        for (bits, pixel) in [("32", 0x00ff_4008_u32.to_ne_bytes().to_vec()), ("16", 0xfa01_u16.to_ne_bytes().to_vec())]
        {
            let (folder, card) = framebuffer(bits, Rc::default());
            draw(&mut card.unwrap());
            let mut expected = vec![0xee; 60];
            let start = 20 + pixel.len();
            expected[start..start + 2 * pixel.len()].copy_from_slice(&pixel.repeat(2));
            assert_eq!(fs::read(folder.path().join("fb0")).unwrap(), expected, "{bits} bits");
        }
    }

    #[test]
    fn it_gives_way_to_a_driver() {
        let replaced = Rc::new(Cell::new(false));
        let (_folder, card) = framebuffer("32", replaced.clone());
        let mut card = card.unwrap();
        assert!(card.displays().is_ok());
        replaced.set(true);
        assert!(card.displays().unwrap_err().to_string().contains("driver"));
    }

    #[test]
    fn what_it_does_not_know_it_does_not_draw_on() {
        let (_folder, card) = framebuffer("8", Rc::default());
        assert!(card.err().unwrap().to_string().contains("bits_per_pixel"));
        let nowhere = Framebuffer::open(Path::new("/nowhere/fb0"), Path::new("/nowhere"), Box::new(|| false));
        assert!(matches!(nowhere.err(), Some(Error::NoCard)));
    }
}
