//! The seam to the kernel: what the TV asks of a graphics card, in six calls.

use std::io;

use board_support::Resolution;

/// A graphics card that scans out one buffer of its own on one display.
///
/// Everything above it (when to light a display, what to copy, what to do when a call fails) is
/// [`super::Output`], which the tests drive with a card made of memory.
pub trait Card {
    /// The displays that are connected, freshly probed, in the order of the connectors. One may still be without modes.
    ///
    /// # Errors
    /// The kernel refused.
    fn displays(&mut self) -> Result<Vec<Display>, Error>;

    /// Lights a display in a mode, with a buffer of that size. What the display showed stays until the first flush.
    /// Lighting the same again only repeats the mode setting.
    ///
    /// # Errors
    /// The kernel refused.
    fn light(&mut self, display: &Display, mode: Mode) -> Result<(), Error>;

    /// Lets go of the display and frees the buffer.
    fn release(&mut self);

    /// The bytes of the lit buffer, to write to. Empty while nothing is lit.
    fn scanout(&mut self) -> Scanout<'_>;

    /// Tells the kernel which rectangles of the buffer were written.
    ///
    /// # Errors
    /// The kernel refused, for example because another program is DRM master.
    fn flush(&mut self, damage: &[Rect]) -> Result<(), Error>;
}

/// Mapped memory of a buffer: XRGB8888 lines, `pitch` bytes apart.
#[derive(Debug)]
pub struct Scanout<'a> {
    /// The lines.
    pub bytes: &'a mut [u8],
    /// Bytes from one line to the next.
    pub pitch: usize,
}

/// A connected display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// The kernel's number of the connector.
    pub connector: u32,
    /// The connector as it is printed on cases: "HDMI-A-1".
    pub name: String,
    /// What it can show; empty while the display is still waking up.
    pub modes: Vec<Mode>,
}

/// A progressive mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Hertz; 0 where the kernel does not say.
    pub refresh: u32,
    /// Whether the display names it as its own.
    pub preferred: bool,
}

/// Leaves the modes that a board can draw in: none that is larger than this. A display that has only such keeps them: a
/// slow picture is better than none.
pub(super) fn keep_within(largest: Resolution, displays: &mut [Display]) {
    let fits = |mode: &Mode| mode.width <= largest.width && mode.height <= largest.height;
    for display in displays {
        if display.modes.iter().any(fits) {
            display.modes.retain(fits);
        }
    }
}

/// A rectangle of a buffer, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Left.
    pub x: u32,
    /// Top.
    pub y: u32,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Why there is no picture, in words for the journal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No card with outputs.
    #[error("no graphics card with a display output under /dev/dri; the picture comes when the kernel has one")]
    NoCard,
    /// A framebuffer that we cannot draw on.
    #[error(
        "{path} is of an unknown kind: its virtual_size, stride and bits_per_pixel (32 or 16) under /sys/class/graphics \
         say nothing that can be used; the picture comes when the kernel has a driver for the display"
    )]
    UnknownFramebuffer {
        /// The device node.
        path: String,
    },
    /// A driver has taken the framebuffer's place.
    #[error("the kernel has a driver for the display by now, and {path} gives way to it")]
    Replaced {
        /// The device node.
        path: String,
    },
    /// The device node cannot be opened.
    #[error("cannot open {path}: {source}; the user that runs nexus-tv must be in the group `video`")]
    Open {
        /// The device node.
        path: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// Another program is DRM master.
    #[error(
        "another program holds the displays of {card} (it is DRM master); end it (a desktop, a boot splash), and the \
         picture comes by itself"
    )]
    NotMaster {
        /// The device node.
        card: String,
    },
    /// No part of the card that drives displays is free for this connector.
    #[error("{card} has no free display controller (CRTC) for {display}; use another connector")]
    NoController {
        /// The device node.
        card: String,
        /// The connector.
        display: String,
    },
    /// Any other refusal.
    #[error("{card} did not {action}: {source}")]
    Refused {
        /// The device node.
        card: String,
        /// What was asked of it.
        action: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
}

/// The display and mode to light: the one that is lit, while it is connected, else the first that has modes; in it the
/// mode that the display prefers, else the largest, else the fastest.
pub fn choose(displays: &[Display], lit: Option<u32>) -> Option<(&Display, Mode)> {
    let usable = || displays.iter().filter(|display| !display.modes.is_empty());
    let display = usable().find(|display| Some(display.connector) == lit).or_else(|| usable().next())?;
    let mode = display.modes.iter().max_by_key(|mode| (mode.preferred, mode.width * mode.height, mode.refresh))?;
    Some((display, *mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(width: u32, height: u32, refresh: u32, preferred: bool) -> Mode {
        Mode { width, height, refresh, preferred }
    }

    fn display(connector: u32, modes: Vec<Mode>) -> Display {
        Display { connector, name: format!("HDMI-A-{connector}"), modes }
    }

    #[test]
    fn the_mode_that_the_display_prefers_wins_over_a_larger_one() {
        let displays = [display(1, vec![mode(3840, 2160, 30, false), mode(1920, 1080, 60, true)])];
        assert_eq!(choose(&displays, None).unwrap().1, mode(1920, 1080, 60, true));
    }

    #[test]
    fn without_a_preference_the_largest_and_then_the_fastest_mode_is_taken() {
        let displays =
            [display(1, vec![mode(1280, 720, 120, false), mode(1920, 1080, 50, false), mode(1920, 1080, 60, false)])];
        assert_eq!(choose(&displays, None).unwrap().1, mode(1920, 1080, 60, false));
    }

    #[test]
    fn a_mode_beyond_the_board_is_taken_only_where_there_is_no_other() {
        let (large, small) = (mode(3840, 2160, 60, true), mode(1920, 1080, 60, false));
        let mut displays = [display(1, vec![large, small]), display(2, vec![large])];
        keep_within(Resolution { width: 1920, height: 1200 }, &mut displays);
        assert_eq!(displays.map(|display| display.modes), [vec![small], vec![large]]);
    }

    #[test]
    fn a_display_without_modes_is_waited_for() {
        assert_eq!(choose(&[display(1, vec![])], None), None);
    }

    #[test]
    fn a_second_display_does_not_take_the_picture_away_from_the_first() {
        let displays = [display(1, vec![mode(1280, 720, 60, true)]), display(2, vec![mode(1920, 1080, 60, true)])];
        assert_eq!(choose(&displays, Some(2)).unwrap().0.connector, 2);
        assert_eq!(choose(&displays, Some(3)).unwrap().0.connector, 1);
    }
}
