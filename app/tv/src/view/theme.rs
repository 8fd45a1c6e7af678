//! The colours of a theme, handed to Slint.

use board::{Theme, theme};
use slint::{Color, ComponentHandle as _};
use tv_components::{Main, Theme as Tokens};

/// Sets every colour.
pub(super) fn apply(main: &Main, theme: Theme) {
    let tokens = theme::tokens(theme);
    let global = main.global::<Tokens>();
    global.set_background(color(tokens.background));
    global.set_surface(color(tokens.surface));
    global.set_text(color(tokens.text));
    global.set_muted(color(tokens.muted));
    global.set_accent(color(tokens.accent));
    global.set_ok(color(tokens.ok));
    global.set_warn(color(tokens.warn));
    global.set_critical(color(tokens.critical));
    global.set_on_fill(color(tokens.on_fill));
    global.set_edge(color(tokens.edge));
    global.set_track(color(tokens.track));
    global.set_patterns(tokens.patterns);
}

/// The colour of a step of a heatmap; one that has lost its colour keeps its steps in grey.
pub(super) fn heat(theme: Theme, step: usize, lost: bool) -> Color {
    let tokens = theme::tokens(theme);
    let grey = theme::Tokens { accent: tokens.muted, ..tokens };
    color(if lost { grey } else { tokens }.heat(step))
}

fn color(rgb: theme::Rgb) -> Color {
    Color::from_argb_encoded(0xFF00_0000 | rgb)
}
