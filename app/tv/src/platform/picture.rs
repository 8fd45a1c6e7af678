//! A card that is a PNG file: the live picture of a machine without a display.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use super::{Card, Display, Error, Mode, Pixel, Rect, Scanout};

/// The file is written at most this often.
const PAUSE: Duration = Duration::from_secs(1);

/// One display of a given size, whose picture a thread of its own writes to a file when it changed.
pub struct Picture {
    mode: Mode,
    bytes: Vec<u8>,
    newest: Arc<Newest>,
}

/// The frame that the writer has not taken yet.
#[derive(Default)]
struct Newest {
    slot: Mutex<Slot>,
    arrived: Condvar,
}

#[derive(Default)]
struct Slot {
    frame: Option<Vec<u8>>,
    closed: bool,
}

impl Picture {
    /// A picture of so many pixels that is kept current in a file. The file is replaced, never written in place.
    pub fn new(path: PathBuf, width: u32, height: u32) -> Self {
        let newest = Arc::new(Newest::default());
        let writer = newest.clone();
        thread::spawn(move || {
            while let Some(frame) = writer.wait() {
                if let Err(error) = write(&path, &frame, width, height) {
                    tracing::error!(
                        "cannot write the picture {}: {error}; it is tried again with the next change",
                        path.display()
                    );
                }
                thread::sleep(PAUSE);
            }
        });
        let mode = Mode { width, height, refresh: 1, preferred: true };
        Self { mode, bytes: Vec::new(), newest }
    }
}

impl Card for Picture {
    fn displays(&mut self) -> Result<Vec<Display>, Error> {
        Ok(vec![Display { connector: 1, name: "a picture file".to_owned(), modes: vec![self.mode] }])
    }

    fn light(&mut self, _: &Display, mode: Mode) -> Result<(), Error> {
        self.bytes.resize((mode.width * mode.height) as usize * 4, 0);
        Ok(())
    }

    fn release(&mut self) {}

    fn scanout(&mut self) -> Scanout<'_> {
        Scanout { pitch: self.mode.width as usize * 4, bytes: &mut self.bytes }
    }

    fn flush(&mut self, _: &[Rect]) -> Result<(), Error> {
        self.newest.put(&self.bytes);
        Ok(())
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        self.newest.slot.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.newest.arrived.notify_one();
    }
}

impl Newest {
    fn put(&self, bytes: &[u8]) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = slot.frame.get_or_insert_default();
        frame.clear();
        frame.extend_from_slice(bytes);
        self.arrived.notify_one();
    }

    /// Waits for a frame; `None` once the picture is gone and its last frame taken.
    fn wait(&self) -> Option<Vec<u8>> {
        let slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let mut slot = self
            .arrived
            .wait_while(slot, |slot| slot.frame.is_none() && !slot.closed)
            .unwrap_or_else(PoisonError::into_inner);
        slot.frame.take()
    }
}

/// Writes XRGB8888 lines as a PNG beside the file and then puts it in its place, so that a reader never sees half of one.
fn write(path: &Path, frame: &[u8], width: u32, height: u32) -> io::Result<()> {
    let mut rgb = vec![0; frame.len() / 4 * 3];
    for (to, from) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(frame.as_chunks::<4>().0) {
        *to = Pixel(u32::from_ne_bytes(*from)).rgb();
    }
    replace(path, |file| {
        let mut encoder = png::Encoder::new(file, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        encoder.write_header()?.write_image_data(&rgb)?;
        Ok(())
    })
}

/// Replaces a file as a whole.
///
/// # Errors
/// The folder or the file cannot be written.
pub fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let mut file = BufWriter::new(fs::File::create(&beside)?);
    write(&mut file)?;
    file.flush()?;
    drop(file);
    fs::rename(&beside, path)
}
