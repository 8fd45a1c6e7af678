//! The Slint component, and what it was told last.

use std::rc::Rc;

use board::Theme;
use device::{State, Updating};
use jiff::Timestamp;
use slint::{
    ComponentHandle as _, Model as _, ModelRc, PlatformError, SharedString, VecModel, Window, platform::WindowEvent,
};
use tv_components::{Main, NoticeData, Theme as Tokens, UpdatingData, View, Words};

use super::{Screen, board::Wall, direction, fitting, notice, pairing, start, theme};

/// How far the picture is shifted, in design pixels, and in how many steps it goes around.
const SHIFT: f32 = 4.0;
const SHIFT_STEPS: i64 = 16;

/// Whether changes are shown by movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Motion {
    /// Numbers cross-fade, colour rises, a new alarm pulses twice.
    #[default]
    Full,
    /// Everything changes at once.
    Reduced,
}

/// The user interface in its window.
pub struct Ui {
    main: Main,
    motion: Motion,
    theme: Theme,
    square: Option<pairing::Square>,
    code: Rc<VecModel<SharedString>>,
    words: Option<notice::Words>,
    wall: Wall,
    still: bool,
}

impl Ui {
    /// Makes the component; Slint's platform must be set.
    ///
    /// # Errors
    /// The platform cannot make a window.
    pub fn new(motion: Motion) -> Result<Self, PlatformError> {
        let main = Main::new()?;
        main.global::<Tokens>().set_motion(motion == Motion::Full);
        let window = main.as_weak();
        main.global::<Words>().on_fitted(move |words, setting| match window.upgrade() {
            Some(main) => fitting::fitted(words, &setting, main.window()),
            None => words,
        });
        main.global::<Words>().on_begins_right(|words| direction::begins_right(&words));
        let theme = Theme::default();
        theme::apply(&main, theme);
        let code = Rc::new(VecModel::default());
        let wall = Wall::new(&main);
        Ok(Self { main, motion, theme, square: None, code, words: None, wall, still: false })
    }

    /// The window that it draws in.
    pub fn window(&self) -> &Window {
        self.main.window()
    }

    /// Leaves out the slow shift of the picture against burn-in, for pictures that are compared.
    pub fn hold_still(&mut self) {
        self.still = true;
    }

    /// Shows changes without movement, or with it again; what was made without movement stays without.
    pub fn reduce_motion(&self, reduced: bool) {
        self.main.global::<Tokens>().set_motion(self.motion == Motion::Full && !reduced);
    }

    /// Shows the window.
    ///
    /// # Errors
    /// The platform cannot show it.
    pub fn open(&self) -> Result<(), PlatformError> {
        self.main.show()
    }

    /// Calls `resized` when the window has another size, so that it is shown anew.
    pub fn on_resized(&self, resized: impl FnMut() + 'static) {
        self.main.on_resized(resized);
    }

    /// Draws `screen` as it is at `now`, in the window's present size. Tells Slint only what has changed.
    pub fn show(&mut self, screen: &Screen, now: Timestamp) {
        self.scale();
        self.shift(now);
        let board = screen.board.as_deref().filter(|_| matches!(screen.state, State::Live(_)));
        let theme = board.map_or(self.theme, |board| board.theme);
        if theme != self.theme {
            self.theme = theme;
            theme::apply(&self.main, theme);
        }
        let now = board.map_or(now, |board| board.time(now));
        self.main.set_clock(board::format::time(now, &screen.zone).into());
        if let Some(name) = &screen.identify {
            self.main.set_screen_name(name.into());
            self.main.set_view(View::Identify);
            return;
        }
        if let Some(board) = board {
            let size = self.window().size();
            self.wall.show(&self.main, board, screen, now, (size.width, size.height));
            self.main.set_view(View::Board);
            return;
        }
        match &screen.state {
            State::Starting(startup) => self.show_start(startup),
            State::Live(live) => self.show_start(&start::before_the_board(live, screen.connection)),
            State::Pairing(pairing) => self.show_pairing(pairing, now),
            State::Updating(updating) => self.show_updating(*updating),
            State::Removed { .. } | State::Locked { .. } | State::Problem { .. } | State::Unknown => {
                self.show_notice(&screen.state);
            }
        }
    }

    /// One design pixel is a logical pixel, so the scale factor is the layout's unit.
    fn scale(&self) {
        let window = self.window();
        let size = window.size();
        let factor = board::layout::unit(size.width, size.height);
        if (window.scale_factor() - factor).abs() > f32::EPSILON {
            window.dispatch_event(WindowEvent::ScaleFactorChanged { scale_factor: factor });
            window.dispatch_event(WindowEvent::Resized { size: size.to_logical(factor) });
        }
    }

    /// Moves the picture along a circle, one step every minute (wall-ui rule 25).
    fn shift(&self, now: Timestamp) {
        if self.still {
            return;
        }
        let step = now.as_second().div_euclid(60).rem_euclid(SHIFT_STEPS);
        let angle = std::f32::consts::TAU * step as f32 / SHIFT_STEPS as f32;
        self.main.set_shift_x(SHIFT * angle.cos());
        self.main.set_shift_y(SHIFT * angle.sin());
    }

    fn show_start(&self, startup: &device::Startup) {
        let lines = start::lines(startup);
        if !self.main.get_start_lines().iter().eq(lines.iter().cloned()) {
            self.main.set_start_lines(ModelRc::new(VecModel::from(lines)));
        }
        self.main.set_version(format!("Version {}", startup.version).into());
        self.main.set_screen_name(startup.screen.clone().unwrap_or_default().into());
        self.main.set_view(View::Start);
    }

    fn show_pairing(&mut self, pairing: &device::Pairing, now: Timestamp) {
        let groups: Vec<SharedString> = pairing.code.split('-').map(SharedString::from).collect();
        if !self.code.iter().eq(groups.iter().cloned()) {
            self.code.set_vec(groups);
        }
        let square = pairing::Square::keep(&mut self.square, &pairing.qr);
        self.main.set_pairing(pairing::data(pairing, square, self.code.clone().into(), now));
        self.main.set_view(View::Pairing);
    }

    fn show_notice(&mut self, state: &State) {
        let words = notice::words(state);
        if words != self.words {
            if let Some(words) = &words {
                let lines =
                    |lines: &[String]| ModelRc::new(lines.iter().map(SharedString::from).collect::<VecModel<_>>());
                self.main.set_notice(NoticeData {
                    headline: words.headline.as_str().into(),
                    happened: words.happened.join("\n").into(),
                    remedy: lines(&words.remedy),
                });
            }
            self.words = words;
        }
        self.main.set_view(View::Notice);
    }

    fn show_updating(&self, updating: Updating) {
        let outlook = match updating.minutes {
            None => "The board comes back by itself.".to_owned(),
            Some(0 | 1) => "The board comes back in about a minute.".to_owned(),
            Some(minutes) => format!("The board comes back in about {minutes} minutes."),
        };
        self.main.set_updating(UpdatingData { percent: i32::from(updating.percent.min(100)), outlook: outlook.into() });
        self.main.set_view(View::Updating);
    }
}
