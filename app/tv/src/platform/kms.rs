//! A real graphics card: kernel mode setting with one dumb buffer.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::fd::{AsFd, BorrowedFd},
    path::Path,
    thread,
    time::Duration,
};

use board_support::Resolution;
use drm::{
    Device as _, DriverCapability,
    buffer::{Buffer as _, DrmFourcc},
    control::{
        ClipRect, Device as _, ModeFlags, ModeTypeFlags, connector, crtc,
        dumbbuffer::{DumbBuffer, DumbMapping},
        framebuffer, from_u32,
    },
};

use super::{
    Draw,
    card::{Card, Display, Error, Mode, Rect, Scanout, choose, keep_within},
};

/// How often the first picture looks whether the display shows another's buffer by now.
const LOOK: Duration = Duration::from_millis(100);

/// Opens the card that has a connected display, else the first that has outputs.
///
/// A machine can have several: the Raspberry Pi's 3D core is a card without outputs.
///
/// # Errors
/// There is none, or none can be opened.
pub fn open(largest: Option<Resolution>) -> Result<Box<dyn Card>, Error> {
    Ok(Box::new(open_best(largest)?))
}

/// Whether there is a card with outputs.
pub fn is_there() -> bool {
    !matches!(open_best(None), Err(Error::NoCard))
}

/// Shows one picture on the display that is connected, and holds it until somebody else draws there.
///
/// It stops being DRM master at once, so that the next program becomes it by opening the card; but the kernel keeps a
/// picture on the display only while the program that made it lives. Answers at once where no display is connected.
///
/// # Errors
/// The kernel refused.
pub(super) fn first_picture(
    largest: Option<Resolution>,
    opened: &mut dyn FnMut(),
    draw: &mut Draw<'_>,
) -> Result<(), Error> {
    let mut card = open_best(largest)?;
    opened();
    let displays = card.displays()?;
    let Some((display, mode)) = choose(&displays, None) else { return Ok(()) };
    card.light(display, mode)?;
    let picture = draw(mode.width, mode.height);
    let whole = Rect { x: 0, y: 0, width: mode.width, height: mode.height };
    super::output::copy(&picture, mode.width as usize, card.scanout(), whole);
    card.flush(&[whole])?;
    super::tell_first_picture(&display.name);
    drop(picture);
    card.node.release_master_lock().map_err(card.refused("let another program draw"))?;
    while card.is_shown() {
        thread::sleep(LOOK);
    }
    Ok(())
}

fn open_best(largest: Option<Resolution>) -> Result<Kms, Error> {
    let mut paths: Vec<_> = fs::read_dir("/dev/dri")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("card"))
        .map(|entry| entry.path())
        .collect();
    paths.sort();

    let mut first = None;
    let mut failed = None;
    for path in paths {
        match Kms::open(&path, largest) {
            Ok(Some(mut card)) => {
                if card.displays().is_ok_and(|displays| !displays.is_empty()) {
                    return Ok(card);
                }
                first.get_or_insert(card);
            }
            Ok(None) => {}
            Err(error) => failed = Some(error),
        }
    }
    match (first, failed) {
        (Some(card), _) => Ok(card),
        (None, Some(error)) => Err(error),
        (None, None) => Err(Error::NoCard),
    }
}

struct Kms {
    name: String,
    node: Node,
    lit: Option<Lit>,
    /// Whether the driver wants to be told what was written; one that scans the buffer out directly does not.
    wants_flush: bool,
    largest: Option<Resolution>,
}

struct Lit {
    connector: connector::Handle,
    crtc: crtc::Handle,
    mode: Mode,
    /// Whether the display shows the buffer. It does from the first flush on: until then it keeps what it showed, a
    /// boot splash for example, instead of an empty buffer.
    shown: bool,
    buffer: DumbBuffer,
    framebuffer: framebuffer::Handle,
    memory: DumbMapping<'static>,
}

struct Node(File);

impl AsFd for Node {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl drm::Device for Node {}
impl drm::control::Device for Node {}

impl Kms {
    /// `None` for a card without outputs or without dumb buffers.
    fn open(path: &Path, largest: Option<Resolution>) -> Result<Option<Self>, Error> {
        let name = path.display().to_string();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(|source| Error::Open { path: name.clone(), source })?;
        let node = Node(file);
        let has_buffers = node.get_driver_capability(DriverCapability::DumbBuffer).is_ok_and(|value| value == 1);
        let has_outputs = node.resource_handles().is_ok_and(|resources| !resources.connectors().is_empty());
        Ok((has_buffers && has_outputs).then_some(Self { name, node, lit: None, wants_flush: true, largest }))
    }

    fn refused(&self, action: &'static str) -> impl FnOnce(io::Error) -> Error {
        let card = self.name.clone();
        move |source| Error::Refused { card, action, source }
    }

    /// A display controller that can drive the connector; the one that drives it already, if any.
    fn controller(&self, info: &connector::Info) -> Result<crtc::Handle, Error> {
        let current = info.current_encoder().and_then(|encoder| self.node.get_encoder(encoder).ok()?.crtc());
        if let Some(crtc) = current {
            return Ok(crtc);
        }
        let resources = self.node.resource_handles().map_err(self.refused("list its parts"))?;
        info.encoders()
            .iter()
            .filter_map(|&encoder| self.node.get_encoder(encoder).ok())
            .find_map(|encoder| resources.filter_crtcs(encoder.possible_crtcs()).first().copied())
            .ok_or_else(|| Error::NoController { card: self.name.clone(), display: info.to_string() })
    }

    /// A mapped buffer of the mode's size on the connector.
    fn prepare(&self, info: &connector::Info, mode: Mode) -> Result<Lit, Error> {
        let crtc = self.controller(info)?;
        let buffer = self
            .node
            .create_dumb_buffer((mode.width, mode.height), DrmFourcc::Xrgb8888, 32)
            .map_err(self.refused("give memory for the picture"))?;
        let framebuffer = match self.node.add_framebuffer(&buffer, 24, 32) {
            Ok(framebuffer) => framebuffer,
            Err(error) => {
                self.free(buffer);
                return Err(self.refused("take the picture's memory as a framebuffer")(error));
            }
        };
        // The mapping borrows the description of the buffer (not the buffer) although it does not read it again. That
        // is 40 bytes for each change of mode.
        match self.node.map_dumb_buffer(Box::leak(Box::new(buffer))) {
            Ok(memory) => Ok(Lit { connector: info.handle(), crtc, mode, shown: false, buffer, framebuffer, memory }),
            Err(error) => {
                let _ = self.node.destroy_framebuffer(framebuffer);
                self.free(buffer);
                Err(self.refused("map the picture's memory")(error))
            }
        }
    }

    /// Whether the display still shows our buffer.
    fn is_shown(&self) -> bool {
        self.lit.as_ref().is_some_and(|lit| {
            self.node.get_crtc(lit.crtc).is_ok_and(|crtc| crtc.framebuffer() == Some(lit.framebuffer))
        })
    }

    fn free(&self, buffer: DumbBuffer) {
        if let Err(error) = self.node.destroy_dumb_buffer(buffer) {
            tracing::debug!("{} did not free a buffer: {error}", self.name);
        }
    }

    fn show(&self, lit: &Lit) -> Result<(), Error> {
        let info = self.node.get_connector(lit.connector, false).map_err(self.refused("describe a connector"))?;
        let mode = info
            .modes()
            .iter()
            .copied()
            .find(|mode| is_progressive(mode) && described(mode) == lit.mode)
            .ok_or_else(|| self.refused("still know the display's mode")(io::ErrorKind::NotFound.into()))?;
        self.node.set_crtc(lit.crtc, Some(lit.framebuffer), (0, 0), &[lit.connector], Some(mode)).map_err(|error| {
            match error.kind() {
                io::ErrorKind::PermissionDenied => Error::NotMaster { card: self.name.clone() },
                _ => self.refused("set the display's mode")(error),
            }
        })
    }
}

impl Card for Kms {
    fn displays(&mut self) -> Result<Vec<Display>, Error> {
        let resources = self.node.resource_handles().map_err(self.refused("list its parts"))?;
        let mut displays = Vec::new();
        for &handle in resources.connectors() {
            // Forces a probe: after a hotplug event the kernel's own knowledge may be old.
            let info = self.node.get_connector(handle, true).map_err(self.refused("describe a connector"))?;
            if info.state() == connector::State::Connected {
                let modes = info.modes().iter().filter(|mode| is_progressive(mode)).map(described).collect();
                displays.push(Display { connector: handle.into(), name: info.to_string(), modes });
            }
        }
        if let Some(largest) = self.largest {
            keep_within(largest, &mut displays);
        }
        Ok(displays)
    }

    fn light(&mut self, display: &Display, mode: Mode) -> Result<(), Error> {
        let is_lit = |lit: &Lit| u32::from(lit.connector) == display.connector && lit.mode == mode;
        if let Some(lit) = self.lit.as_ref().filter(|lit| is_lit(lit)) {
            return if lit.shown { self.show(lit) } else { Ok(()) };
        }
        self.release();
        let handle = from_u32(display.connector).ok_or(Error::NoCard)?;
        let info = self.node.get_connector(handle, false).map_err(self.refused("describe a connector"))?;
        let lit = self.lit.insert(self.prepare(&info, mode)?);
        lit.memory.fill(0);
        Ok(())
    }

    fn release(&mut self) {
        if let Some(Lit { buffer, framebuffer, memory, .. }) = self.lit.take() {
            drop(memory);
            if let Err(error) = self.node.destroy_framebuffer(framebuffer) {
                tracing::debug!("{} did not free a framebuffer: {error}", self.name);
            }
            self.free(buffer);
        }
    }

    fn scanout(&mut self) -> Scanout<'_> {
        match &mut self.lit {
            Some(lit) => Scanout { pitch: lit.buffer.pitch() as usize, bytes: &mut lit.memory },
            None => Scanout { pitch: 0, bytes: &mut [] },
        }
    }

    fn flush(&mut self, damage: &[Rect]) -> Result<(), Error> {
        if let Some(lit) = self.lit.as_ref().filter(|lit| !lit.shown) {
            self.show(lit)?;
            if let Some(lit) = &mut self.lit {
                lit.shown = true;
            }
        }
        let Some(lit) = self.lit.as_ref().filter(|_| self.wants_flush && !damage.is_empty()) else { return Ok(()) };
        let clips: Vec<_> = damage.iter().map(clip).collect();
        match self.node.dirty_framebuffer(lit.framebuffer, &clips) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                self.wants_flush = false;
                Ok(())
            }
            Err(error) => Err(self.refused("take the changed parts of the picture")(error)),
        }
    }
}

impl Drop for Kms {
    fn drop(&mut self) {
        self.release();
    }
}

fn is_progressive(mode: &drm::control::Mode) -> bool {
    !mode.flags().contains(ModeFlags::INTERLACE)
}

fn described(mode: &drm::control::Mode) -> Mode {
    let (width, height) = mode.size();
    Mode {
        width: width.into(),
        height: height.into(),
        refresh: mode.vrefresh(),
        preferred: mode.mode_type().contains(ModeTypeFlags::PREFERRED),
    }
}

/// The kernel's clips are 16 bits wide; no mode is larger.
fn clip(rect: &Rect) -> ClipRect {
    let edge = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
    ClipRect::new(edge(rect.x), edge(rect.y), edge(rect.x + rect.width), edge(rect.y + rect.height))
}
