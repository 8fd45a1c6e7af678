//! The colours of every theme.
//!
//! The table and its contrast figures are published with the product; the tests below recompute both
//! the WCAG 2.2 contrast and the distance of the status colours under simulated colour blindness.

use crate::{Status, Theme};

/// An sRGB colour as `0xRRGGBB`.
pub type Rgb = u32;

/// All colours of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Behind the tiles.
    pub background: Rgb,
    /// Inside the tiles.
    pub surface: Rgb,
    /// Edges that carry meaning.
    pub border: Rgb,
    /// Normal values and names.
    pub text: Rgb,
    /// Titles, contexts, units, the second series.
    pub muted: Rgb,
    /// The current series and selection; never a status.
    pub accent: Rgb,
    /// Nothing to do.
    pub ok: Rgb,
    /// Worth watching.
    pub warn: Rgb,
    /// People are needed.
    pub critical: Rgb,
    /// Text and icons on an area filled with accent or with a status colour.
    pub on_fill: Rgb,
    /// Decorative edges of tiles and lines between rows.
    pub edge: Rgb,
    /// The empty part of a bar or a gauge.
    pub track: Rgb,
    /// Whether status frames carry a pattern: stripes for warn, a double frame for critical.
    pub patterns: bool,
}

/// The colours of `theme`.
pub const fn tokens(theme: Theme) -> Tokens {
    match theme {
        Theme::Midnight => Base {
            background: 0x0B1220,
            surface: 0x141D30,
            border: 0x4766AA,
            text: 0xF2F6FC,
            muted: 0xA9B8D0,
            accent: 0x5EABFF,
            ok: 0x88F2E7,
            warn: 0xFFDD33,
            critical: 0xFF8091,
            on_fill: 0x000000,
        }
        .tinted(),
        Theme::Daylight => Base {
            background: 0xEEF2F6,
            surface: 0xFFFFFF,
            border: 0x8B8B8B,
            text: 0x101826,
            muted: 0x3E4C5E,
            accent: 0x0B4FA3,
            ok: 0x055743,
            warn: 0x6B4906,
            critical: 0x570F15,
            on_fill: 0xFFFFFF,
        }
        .tinted(),
        Theme::Signal => Base {
            background: 0x000000,
            surface: 0x000000,
            border: 0x5A5A5A,
            text: 0xFFFFFF,
            muted: 0xFFFFFF,
            accent: 0xD6C6FF,
            ok: 0x56C8FF,
            warn: 0xFFE600,
            critical: 0xFF9E80,
            on_fill: 0x000000,
        }
        .bordered(),
    }
}

impl Tokens {
    /// The colour that stands for `status`: text for what needs no colour, muted for what has lost it.
    pub const fn status(&self, status: Status) -> Rgb {
        match status {
            Status::Ok => self.ok,
            Status::Warn => self.warn,
            Status::Critical => self.critical,
            Status::Stale | Status::Unavailable => self.muted,
        }
    }

    /// Step `step` of five (0 to 4, larger steps count as 4) of a heatmap on this theme's surface:
    /// border at 22 %, then accent at 25, 48, 72 and 100 %.
    pub const fn heat(&self, step: usize) -> Rgb {
        match step {
            0 => blend(self.border, self.surface, 22),
            1 => blend(self.accent, self.surface, 25),
            2 => blend(self.accent, self.surface, 48),
            3 => blend(self.accent, self.surface, 72),
            _ => self.accent,
        }
    }
}

/// `percent` % of the colour `over` laid on the opaque colour `under`, as a compositor blends: per sRGB channel.
pub const fn blend(over: Rgb, under: Rgb, percent: u32) -> Rgb {
    let percent = if percent > 100 { 100 } else { percent };
    mix(over, under, percent, 16) << 16 | mix(over, under, percent, 8) << 8 | mix(over, under, percent, 0)
}

/// One channel of [`blend`], rounded to the nearest step.
const fn mix(over: Rgb, under: Rgb, percent: u32, shift: u32) -> u32 {
    ((over >> shift & 0xFF) * percent + (under >> shift & 0xFF) * (100 - percent) + 50) / 100
}

/// The contrast of two colours by WCAG 2.2: 1.0 (the same) to 21.0 (black and white).
pub fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance by WCAG 2.2, 0.0 to 1.0.
fn luminance(colour: Rgb) -> f64 {
    let channel = |shift: u32| {
        let encoded = f64::from(colour >> shift & 0xFF) / 255.0;
        if encoded <= 0.04045 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

/// The colours that are chosen for a theme; the others follow from them.
struct Base {
    background: Rgb,
    surface: Rgb,
    border: Rgb,
    text: Rgb,
    muted: Rgb,
    accent: Rgb,
    ok: Rgb,
    warn: Rgb,
    critical: Rgb,
    on_fill: Rgb,
}

impl Base {
    /// Edge and track are tints of the border.
    const fn tinted(self) -> Tokens {
        let edge = blend(self.border, self.surface, 22);
        let track = blend(self.border, self.surface, 40);
        self.with(edge, track, false)
    }

    /// Edge and track are the border itself, and patterns back the status colours.
    const fn bordered(self) -> Tokens {
        let border = self.border;
        self.with(border, border, true)
    }

    const fn with(self, edge: Rgb, track: Rgb, patterns: bool) -> Tokens {
        let Self { background, surface, border, text, muted, accent, ok, warn, critical, on_fill } = self;
        Tokens { background, surface, border, text, muted, accent, ok, warn, critical, on_fill, edge, track, patterns }
    }
}

#[cfg(test)]
mod tests;
