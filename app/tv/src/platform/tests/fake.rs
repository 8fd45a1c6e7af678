//! A card whose displays, refusals and memory a test looks at and changes.

use std::{cell::RefCell, io, rc::Rc};

use super::super::{Card, Display, Error, Mode, Open, Pixel, Rect, Scanout};

/// Lines of the fake buffer are this much longer than the picture, as on real cards.
const PADDING: usize = 64;

/// The card, of which everybody has the same one.
#[derive(Clone, Default)]
pub(super) struct Fake(pub(super) Rc<RefCell<Memory>>);

#[derive(Default)]
pub(super) struct Memory {
    pub(super) displays: Vec<Display>,
    pub(super) lit: Option<Mode>,
    bytes: Vec<u8>,
    pub(super) flushed: Vec<Rect>,
    pub(super) frames: usize,
    pub(super) opened: usize,
    pub(super) refusal: Option<io::ErrorKind>,
}

impl Fake {
    pub(super) fn showing(mode: Mode) -> Self {
        let fake = Self::default();
        fake.plug(mode);
        fake
    }

    pub(super) fn plug(&self, mode: Mode) {
        self.0.borrow_mut().displays = vec![display(vec![mode])];
    }

    pub(super) fn unplug(&self) {
        self.0.borrow_mut().displays.clear();
    }

    pub(super) fn open(&self) -> Open {
        let fake = self.clone();
        Box::new(move || {
            fake.0.borrow_mut().opened += 1;
            fake.refused()?;
            Ok(Box::new(Handle { fake: fake.clone(), mapped: Vec::new() }))
        })
    }

    fn refused(&self) -> Result<(), Error> {
        match self.0.borrow().refusal {
            Some(io::ErrorKind::PermissionDenied) => Err(Error::NotMaster { card: "card0".into() }),
            Some(kind) => Err(Error::Refused { card: "card0".into(), action: "do it", source: kind.into() }),
            None => Ok(()),
        }
    }

    /// What the display shows.
    pub(super) fn picture(&self) -> Vec<Pixel> {
        let memory = self.0.borrow();
        let mode = memory.lit.expect("lit");
        memory
            .bytes
            .chunks(mode.width as usize * 4 + PADDING)
            .flat_map(|line| line[..mode.width as usize * 4].as_chunks::<4>().0)
            .map(|pixel| Pixel(u32::from_ne_bytes(*pixel)))
            .collect()
    }

    pub(super) fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        self.picture()[y * self.0.borrow().lit.expect("lit").width as usize + x].rgb()
    }
}

pub(super) fn display(modes: Vec<Mode>) -> Display {
    Display { connector: 1, name: "HDMI-A-1".into(), modes }
}

/// The card as the output holds it: `mapped` goes to the shared memory when it is flushed.
struct Handle {
    fake: Fake,
    mapped: Vec<u8>,
}

impl Card for Handle {
    fn displays(&mut self) -> Result<Vec<Display>, Error> {
        self.fake.refused()?;
        Ok(self.fake.0.borrow().displays.clone())
    }

    fn light(&mut self, _: &Display, mode: Mode) -> Result<(), Error> {
        self.fake.refused()?;
        let mut memory = self.fake.0.borrow_mut();
        if memory.lit.replace(mode) != Some(mode) {
            self.mapped = vec![0xee; (mode.width as usize * 4 + PADDING) * mode.height as usize];
            memory.bytes = self.mapped.clone();
        }
        Ok(())
    }

    fn release(&mut self) {
        self.fake.0.borrow_mut().lit = None;
    }

    fn scanout(&mut self) -> Scanout<'_> {
        let width = self.fake.0.borrow().lit.expect("lit").width;
        Scanout { bytes: &mut self.mapped, pitch: width as usize * 4 + PADDING }
    }

    fn flush(&mut self, damage: &[Rect]) -> Result<(), Error> {
        self.fake.refused()?;
        let mut memory = self.fake.0.borrow_mut();
        memory.flushed = damage.to_vec();
        memory.frames += 1;
        memory.bytes = self.mapped.clone();
        Ok(())
    }
}
