//! One window on one display: lights it when it is there, draws into cached memory, copies what changed.

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use canvas::Pixel;
use slint::{
    PhysicalSize,
    platform::software_renderer::{MinimalSoftwareWindow, PhysicalRegion, RenderingRotation, RepaintBufferType},
};

use super::card::{Card, Display, Error, Mode, Rect, Scanout, choose};

/// The first wait before a failed call is tried again; it doubles up to [`LONGEST_RETRY`].
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LONGEST_RETRY: Duration = Duration::from_secs(10);

/// How a card is opened, again after each failure.
pub type Open = Box<dyn FnMut() -> Result<Box<dyn Card>, Error>>;

/// The picture's figures, for other threads.
#[derive(Debug, Default)]
pub struct Figures {
    frames: AtomicU64,
    width: AtomicU32,
    height: AtomicU32,
}

impl Figures {
    /// Frames drawn since the start.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Width and height of the picture in pixels, 0 × 0 without a display.
    pub fn size(&self) -> (u32, u32) {
        (self.width.load(Ordering::Relaxed), self.height.load(Ordering::Relaxed))
    }
}

/// Clockwise rotation of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// As the display is built.
    #[default]
    None,
    /// The picture's top is at the display's right.
    Quarter,
    /// Upside down.
    Half,
    /// The picture's top is at the display's left.
    ThreeQuarters,
}

impl Rotation {
    /// Reads degrees; anything but 0, 90, 180 and 270 is `None`.
    pub fn from_degrees(degrees: u16) -> Option<Self> {
        match degrees {
            0 => Some(Self::None),
            90 => Some(Self::Quarter),
            180 => Some(Self::Half),
            270 => Some(Self::ThreeQuarters),
            _ => None,
        }
    }

    pub(crate) fn for_renderer(self) -> RenderingRotation {
        match self {
            Self::None => RenderingRotation::NoRotation,
            Self::Quarter => RenderingRotation::Rotate90,
            Self::Half => RenderingRotation::Rotate180,
            Self::ThreeQuarters => RenderingRotation::Rotate270,
        }
    }

    pub(crate) fn turned(self, width: u32, height: u32) -> PhysicalSize {
        match self {
            Self::None | Self::Half => PhysicalSize::new(width, height),
            Self::Quarter | Self::ThreeQuarters => PhysicalSize::new(height, width),
        }
    }
}

/// The display's side of the platform.
pub struct Output {
    window: Rc<MinimalSoftwareWindow>,
    open: Open,
    card: Option<Box<dyn Card>>,
    lit: Option<(Display, Mode)>,
    rotation: Rotation,
    /// The picture in cached memory: reading back from a scan-out buffer is slow, and blending reads.
    shadow: Vec<Pixel>,
    /// The next frame is drawn whole.
    whole: bool,
    retry: Option<(Instant, Duration)>,
    /// What the journal was told last, so that it is told once.
    told: Option<String>,
    figures: Arc<Figures>,
}

impl Output {
    /// An output that has not looked for a card yet.
    pub fn new(window: Rc<MinimalSoftwareWindow>, open: Open) -> Self {
        Self {
            window,
            open,
            card: None,
            lit: None,
            rotation: Rotation::default(),
            shadow: Vec::new(),
            whole: true,
            retry: None,
            told: None,
            figures: Arc::default(),
        }
    }

    /// The figures, which stay current.
    pub fn figures(&self) -> Arc<Figures> {
        self.figures.clone()
    }

    /// Whether a display shows the picture.
    pub fn is_lit(&self) -> bool {
        self.lit.is_some()
    }

    /// When a failed call is due again.
    pub fn retry_at(&self) -> Option<Instant> {
        self.retry.map(|(at, _)| at)
    }

    /// The picture as it was drawn last, in the lines of the display; the honest screenshot.
    pub fn shadow(&self) -> &[Pixel] {
        &self.shadow
    }

    /// Turns the picture.
    pub fn rotate(&mut self, rotation: Rotation) {
        if self.rotation != rotation {
            self.rotation = rotation;
            self.resize();
        }
    }

    /// Looks for cards and displays: at the start, after a kernel event, and when a retry is due.
    pub fn refresh(&mut self, now: Instant) {
        match self.light() {
            Ok(()) => {
                self.retry = None;
                self.tell(match &self.lit {
                    Some((display, mode)) => {
                        let refresh = if mode.refresh == 0 { String::new() } else { format!(", {} Hz", mode.refresh) };
                        format!("showing on {} at {} × {}{refresh}", display.name, mode.width, mode.height)
                    }
                    None => "no display is connected; the picture comes when there is one".to_owned(),
                });
            }
            Err(error) => self.fail(&error, now),
        }
    }

    /// Draws what changed, if anything did, and copies it to the display. Answers whether a frame was drawn.
    pub fn draw(&mut self, now: Instant) -> bool {
        let Some((_, mode)) = &self.lit else { return false };
        let width = mode.width as usize;
        let mut damage = PhysicalRegion::default();
        let drawn = self.window.draw_if_needed(|renderer| {
            renderer.set_rendering_rotation(self.rotation.for_renderer());
            if std::mem::take(&mut self.whole) {
                renderer.set_repaint_buffer_type(RepaintBufferType::NewBuffer);
                damage = canvas::draw(renderer, &mut self.shadow, width);
                renderer.set_repaint_buffer_type(RepaintBufferType::ReusedBuffer);
            } else {
                damage = canvas::draw(renderer, &mut self.shadow, width);
            }
        });
        if !drawn {
            return false;
        }
        let is_first = self.figures.frames.fetch_add(1, Ordering::Relaxed) == 0;
        let damage: Vec<Rect> = damage
            .iter()
            .map(|(origin, size)| Rect {
                x: origin.x.unsigned_abs(),
                y: origin.y.unsigned_abs(),
                width: size.width,
                height: size.height,
            })
            .collect();
        match self.present(&damage) {
            Ok(()) if is_first => super::tell_first_picture(self.lit.as_ref().map_or("", |(display, _)| &display.name)),
            Ok(()) => {}
            Err(error) => self.fail(&error, now),
        }
        true
    }

    /// Brings card, display and mode to what is connected.
    fn light(&mut self) -> Result<(), Error> {
        let card = match &mut self.card {
            Some(card) => card,
            empty => empty.insert((self.open)()?),
        };
        let displays = card.displays()?;
        let lit = self.lit.as_ref().map(|(display, _)| display.connector);
        let Some((display, mode)) = choose(&displays, lit) else {
            if self.lit.take().is_some() {
                card.release();
            }
            self.tell_size();
            return Ok(());
        };
        card.light(display, mode)?;
        let same_size = self.shadow.len() == (mode.width * mode.height) as usize
            && self.lit.as_ref().is_some_and(|(_, old)| (old.width, old.height) == (mode.width, mode.height));
        self.lit = Some((display.clone(), mode));
        if same_size {
            self.present(&[Rect { x: 0, y: 0, width: mode.width, height: mode.height }])
        } else {
            self.resize();
            Ok(())
        }
    }

    /// Gives the window the size of the mode; the next frame is drawn whole.
    fn resize(&mut self) {
        if let Some((_, mode)) = &self.lit {
            self.shadow = Vec::new();
            self.shadow.resize((mode.width * mode.height) as usize, Pixel::default());
            self.window.set_size(self.rotation.turned(mode.width, mode.height));
            self.window.request_redraw();
            self.whole = true;
        }
        self.tell_size();
    }

    /// Copies rectangles of the shadow to the display.
    fn present(&mut self, damage: &[Rect]) -> Result<(), Error> {
        let (Some(card), Some((_, mode))) = (&mut self.card, &self.lit) else { return Ok(()) };
        for rect in damage {
            copy(&self.shadow, mode.width as usize, card.scanout(), *rect);
        }
        card.flush(damage)
    }

    /// Lets go of the card, says why, and comes back later.
    fn fail(&mut self, error: &Error, now: Instant) {
        if let Some(mut card) = self.card.take() {
            card.release();
        }
        self.lit = None;
        self.tell_size();
        let wait = self.retry.map_or(FIRST_RETRY, |(_, wait)| (wait * 2).min(LONGEST_RETRY));
        self.retry = Some((now + wait, wait));
        self.tell(format!("no picture: {error}"));
    }

    fn tell(&mut self, words: String) {
        if self.told.as_ref() != Some(&words) {
            tracing::info!("{words}");
            self.told = Some(words);
        }
    }

    fn tell_size(&self) {
        let size = self.lit.as_ref().map(|(_, mode)| self.rotation.turned(mode.width, mode.height)).unwrap_or_default();
        self.figures.width.store(size.width, Ordering::Relaxed);
        self.figures.height.store(size.height, Ordering::Relaxed);
    }
}

/// Copies one rectangle from the shadow to the lines of a buffer.
pub(super) fn copy(shadow: &[Pixel], width: usize, Scanout { bytes, pitch }: Scanout<'_>, rect: Rect) {
    let [x, y, columns, rows] = [rect.x, rect.y, rect.width, rect.height].map(|side| side as usize);
    for line in y..y + rows {
        let (Some(from), Some(to)) = (
            shadow.get(line * width + x..line * width + x + columns),
            bytes.get_mut(line * pitch + x * 4..line * pitch + (x + columns) * 4),
        ) else {
            return;
        };
        for (pixel, slot) in from.iter().zip(to.chunks_exact_mut(4)) {
            slot.copy_from_slice(&pixel.0.to_ne_bytes());
        }
    }
}
