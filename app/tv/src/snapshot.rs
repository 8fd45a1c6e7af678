//! Pictures without a display: a window in memory whose clock stands still until it is told to move on.

use std::{
    cell::{Cell, RefCell},
    fs::File,
    io::BufWriter,
    path::Path,
    rc::Rc,
    time::Duration,
};

use jiff::Timestamp;
use rgb::FromSlice as _;
use slint::{
    PlatformError, Rgb8Pixel,
    platform::{
        Platform, SetPlatformError, WindowAdapter,
        software_renderer::{MinimalSoftwareWindow, PhysicalRegion, RepaintBufferType},
    },
};

use crate::{
    platform::Rotation,
    view::{Motion, Screen, Ui},
};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This thread draws on a display already.
    #[error("this thread draws on a display already; take pictures in a process or thread of their own")]
    Platform(#[from] SetPlatformError),
    /// Slint cannot make the window.
    #[error("cannot make a window in memory: {0}")]
    Window(#[from] PlatformError),
    /// The file cannot be written.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// The picture cannot be encoded.
    #[error("cannot encode the picture: {0}")]
    Encoding(#[from] png::EncodingError),
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row from the top left.
    pub bytes: Vec<u8>,
}

impl Picture {
    /// Row by row from the top left.
    #[must_use]
    pub fn pixels(&self) -> &[Rgb8Pixel] {
        self.bytes.as_rgb()
    }

    /// Writes a PNG file. A reader of the file never sees half a picture.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".part");
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(&partial)?), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.bytes)?;
        writer.finish()?;
        std::fs::rename(partial, path)?;
        Ok(())
    }
}

/// Draws `screen` as it is at `now` on a display of `width` × `height` pixels.
///
/// # Errors
/// This thread has a display already, or Slint cannot make the window.
pub fn render(screen: &Screen, width: u32, height: u32, now: Timestamp) -> Result<Picture, Error> {
    let mut display = Display::new(width, height, Motion::Reduced)?;
    display.show(screen, now);
    Ok(display.picture())
}

thread_local! {
    /// Slint takes one platform per thread; displays that follow one another share it.
    static MEMORY: RefCell<Option<Rc<Memory>>> = const { RefCell::new(None) };
}

/// A display in memory.
pub struct Display {
    memory: Rc<Memory>,
    window: Rc<MinimalSoftwareWindow>,
    ui: Ui,
    rotation: Rotation,
    picture: RefCell<Picture>,
}

impl Display {
    /// A display of `width` × `height` pixels that shows nothing yet.
    ///
    /// # Errors
    /// This thread has a display already, or Slint cannot make the window.
    pub fn new(width: u32, height: u32, motion: Motion) -> Result<Self, Error> {
        Self::turned(width, height, Rotation::None, motion)
    }

    /// The same, on a display that hangs like this: its pictures lie as its lines do.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn turned(width: u32, height: u32, rotation: Rotation, motion: Motion) -> Result<Self, Error> {
        let memory = Memory::of_this_thread()?;
        let mut ui = Ui::new(motion)?;
        ui.hold_still();
        let window = memory.newest.borrow().clone().ok_or(PlatformError::NoPlatform)?;
        window.set_size(rotation.turned(width, height));
        ui.open()?;
        let bytes = vec![0; width as usize * height as usize * 3];
        Ok(Self { memory, window, ui, rotation, picture: RefCell::new(Picture { width, height, bytes }) })
    }

    /// Changes what is shown.
    pub fn show(&mut self, screen: &Screen, now: Timestamp) {
        self.ui.show(screen, now);
        slint::platform::update_timers_and_animations();
    }

    /// Lets `time` pass for animations.
    pub fn advance(&self, time: Duration) {
        self.memory.time.set(self.memory.time.get() + time);
        slint::platform::update_timers_and_animations();
    }

    /// Whether something is still moving.
    pub fn is_animated(&self) -> bool {
        self.window.window().has_active_animations()
    }

    /// Draws what has changed since the last time, and says which pixels those are.
    pub fn draw(&self) -> Option<PhysicalRegion> {
        let mut damage = None;
        let mut picture = self.picture.borrow_mut();
        let width = picture.width as usize;
        self.window.draw_if_needed(|renderer| {
            renderer.set_rendering_rotation(self.rotation.for_renderer());
            damage = Some(canvas::draw_picture(renderer, picture.bytes.as_rgb_mut(), width))
        });
        damage
    }

    /// The picture on the display now.
    pub fn picture(&self) -> Picture {
        self.draw();
        self.picture.borrow().clone()
    }

    /// The user interface.
    pub fn ui(&self) -> &Ui {
        &self.ui
    }
}

/// Slint's platform for displays in memory.
#[derive(Default)]
struct Memory {
    newest: RefCell<Option<Rc<MinimalSoftwareWindow>>>,
    time: Cell<Duration>,
}

impl Memory {
    fn of_this_thread() -> Result<Rc<Self>, SetPlatformError> {
        MEMORY.with_borrow_mut(|memory| {
            if let Some(memory) = memory {
                return Ok(memory.clone());
            }
            let new = Rc::new(Self::default());
            slint::platform::set_platform(Box::new(Shared(new.clone())))?;
            Ok(memory.insert(new).clone())
        })
    }
}

struct Shared(Rc<Memory>);

impl Platform for Shared {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        *self.0.newest.borrow_mut() = Some(window.clone());
        Ok(window)
    }

    fn duration_since_start(&self) -> Duration {
        self.0.time.get()
    }
}
