//! The command line.

use std::{path::PathBuf, str::FromStr};

use tv::platform::Rotation;

/// Shows what the agent says, and the board of the server that it names.
///
/// Without one of the modes it draws on the machine's display (KMS).
#[derive(Debug, clap::Parser)]
#[command(name = "nexus-tv", version)]
pub(crate) struct Arguments {
    /// The agent's socket.
    #[arg(long, value_name = "PATH", default_value = "/run/nexus/agent.sock")]
    pub(crate) socket: PathBuf,

    /// The folder with the boards (board-support): the one that this runs on may limit how large a mode is taken.
    #[arg(long, value_name = "DIR")]
    pub(crate) boards: Option<PathBuf>,

    /// How the display hangs, until the agent says so: the picture is turned clockwise by 0, 90, 180 or 270.
    #[arg(long, value_name = "DEGREES", env = "NEXUS_TURNED", default_value_t, value_parser = degrees)]
    pub(crate) turned: u16,

    /// Draw only the start screen, at once, and end when another program draws: the first picture while a machine boots.
    ///
    /// It prints `ready` as soon as it needs no file any more, neither its own nor the display's.
    #[arg(long, group = "mode")]
    pub(crate) early: bool,

    /// Draw in a window on the desktop.
    #[arg(long, group = "mode")]
    pub(crate) window: bool,

    /// Draw into a PNG file that is kept current, at most once a second.
    #[arg(long, group = "mode", value_name = "FILE")]
    pub(crate) live_snapshot: Option<PathBuf>,

    /// Draw the wall once into a PNG file and end: the live board, or the screen that the agent shows in place of one.
    ///
    /// Waits for it, at most 30 s: a start screen is none, and neither is a board whose server is lost. The picture is
    /// upright, however the display hangs.
    #[arg(long, group = "mode", value_name = "FILE")]
    pub(crate) snapshot: Option<PathBuf>,

    /// Size of the window or picture in pixels.
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    pub(crate) size: Option<Size>,

    /// Draw a sample board, marked as demo data, and ask no agent; with --snapshot.
    #[arg(long, value_name = "NAME", requires = "snapshot")]
    pub(crate) sample: Option<String>,

    /// Draw the sample in another theme.
    #[arg(long, requires = "sample")]
    pub(crate) theme: Option<Theme>,

    /// Keep what is written on the wall in a file, one JSON string a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) texts: Option<PathBuf>,

    /// No movement: everything changes at once.
    #[arg(long)]
    pub(crate) reduce_motion: bool,
}

/// Pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Default for Size {
    fn default() -> Self {
        Self { width: 1920, height: 1080 }
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let side = |text: &str| text.parse().ok().filter(|side| (200..=8192).contains(side));
        text.split_once('x')
            .and_then(|(width, height)| Some(Self { width: side(width)?, height: side(height)? }))
            .ok_or_else(|| "a size is WIDTHxHEIGHT in pixels, each from 200 to 8192, like 1920x1080".to_owned())
    }
}

fn degrees(text: &str) -> Result<u16, String> {
    let degrees = text.parse().ok().filter(|degrees| Rotation::from_degrees(*degrees).is_some());
    degrees.ok_or_else(|| "a display is turned by 0, 90, 180 or 270 degrees".to_owned())
}

/// A theme, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Theme {
    Midnight,
    Daylight,
    Signal,
}

impl From<Theme> for board::Theme {
    fn from(theme: Theme) -> Self {
        match theme {
            Theme::Midnight => Self::Midnight,
            Theme::Daylight => Self::Daylight,
            Theme::Signal => Self::Signal,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_size_is_two_numbers() {
        assert_eq!("3840x2160".parse(), Ok(Size { width: 3840, height: 2160 }));
        for wrong in ["", "1080p", "0x0", "1920", "1920x", "99999x1", "-1920x1080"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
    }
}
