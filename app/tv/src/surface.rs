//! The displays that the wall can be drawn on.

use std::{cell::RefCell, path::PathBuf};

use anyhow::Context as _;
use device::Report;
use tv::{
    platform::{Loop, Rotation, picture::replace},
    texts::written,
    view::Ui,
    wall::Surface,
};

/// A platform of our own.
pub(crate) struct Own {
    pub(crate) platform: Loop,
    pub(crate) texts: Option<Texts>,
}

impl Surface for Own {
    fn rotate(&self, rotation: Rotation) {
        self.platform.rotate(rotation);
    }

    fn alive(&self) -> Report {
        let figures = self.platform.figures();
        let (width, height) = figures.size();
        Report::Alive { frames: figures.frames(), width, height }
    }

    fn shown(&self, ui: &Ui) {
        keep(self.texts.as_ref(), ui);
    }
}

/// A window on a desktop, which draws by itself and is turned by nobody.
#[cfg(feature = "desktop")]
pub(crate) struct Desktop {
    texts: Option<Texts>,
    shown: std::cell::Cell<(u64, slint::PhysicalSize)>,
}

#[cfg(feature = "desktop")]
impl Desktop {
    pub(crate) fn new(texts: Option<Texts>) -> Self {
        Self { texts, shown: std::cell::Cell::default() }
    }
}

#[cfg(feature = "desktop")]
impl Surface for Desktop {
    fn rotate(&self, _: Rotation) {
        tracing::info!("a window is not turned; the rotation counts on a display of its own");
    }

    fn alive(&self) -> Report {
        let (frames, size) = self.shown.get();
        Report::Alive { frames, width: size.width, height: size.height }
    }

    fn shown(&self, ui: &Ui) {
        // The desktop draws when it likes: what was shown is counted instead.
        self.shown.set((self.shown.get().0 + 1, ui.window().size()));
        keep(self.texts.as_ref(), ui);
    }
}

/// A file with everything that is written on the wall, one [`tv::texts::Written`] a line; for tests and for whoever cannot
/// see it.
pub(crate) struct Texts {
    path: PathBuf,
    written: RefCell<Option<String>>,
}

impl Texts {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, written: RefCell::new(None) }
    }

    /// Writes what `ui` shows now, where it is not written already.
    pub(crate) fn write(&self, ui: &Ui) -> anyhow::Result<()> {
        let lines = written(ui.window()).into_iter().map(|text| serde_json::to_string(&text).map(|line| line + "\n"));
        let lines: String = lines.collect::<Result<_, _>>().context("cannot write the texts as JSON")?;
        let mut written = self.written.borrow_mut();
        if written.as_ref() != Some(&lines) {
            replace(&self.path, |file| file.write_all(lines.as_bytes()))
                .with_context(|| format!("cannot write the texts to {}", self.path.display()))?;
            *written = Some(lines);
        }
        Ok(())
    }
}

/// The wall goes on where its texts cannot be written.
fn keep(texts: Option<&Texts>, ui: &Ui) {
    if let Some(Err(error)) = texts.map(|texts| texts.write(ui)) {
        tracing::error!("{error:#}");
    }
}
