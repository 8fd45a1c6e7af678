//! `nexus-boards`: what the boards of an architecture need in an image, a word a line, for scripts.

use std::{collections::BTreeSet, io::Write as _, path::PathBuf};

use anyhow::{Context as _, ensure};
use board_support::{Architecture, Board};
use clap::{Parser, ValueEnum};

/// Prints what the boards of an architecture need in its image.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The folder with a folder for each board.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// The image's architecture, by Debian's name.
    architecture: Architecture,
    /// What to print.
    what: What,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Kernel modules before the first picture.
    ModulesDisplay,
    /// Kernel modules before the root.
    ModulesRoot,
    /// All other kernel modules.
    ModulesLater,
    /// Serial lines.
    Consoles,
    /// Patterns of firmware files.
    Firmware,
    /// Device trees for the boards' own firmware.
    DeviceTrees,
    /// Seconds of the quickest watchdog; nothing where no board has one.
    Watchdog,
}

fn main() -> anyhow::Result<()> {
    let Arguments { folder, architecture, what } = Arguments::parse();
    let mut boards = board_support::all(&folder)?;
    boards.retain(|board| board.architecture == architecture);
    ensure!(!boards.is_empty(), "no board in {} is {architecture:?}", folder.display());
    let words: Vec<String> = match what {
        What::ModulesDisplay => once(&boards, |board| &board.modules.display),
        What::ModulesRoot => once(&boards, |board| &board.modules.root),
        What::ModulesLater => once(&boards, |board| &board.modules.later),
        What::Consoles => once(&boards, |board| board.boot.console.as_slice()),
        What::Firmware => once(&boards, |board| &board.firmware),
        What::DeviceTrees => once(&boards, |board| &board.boot.device_trees),
        What::Watchdog => {
            let quickest = boards.iter().filter_map(|board| board.watchdog).map(|watchdog| watchdog.seconds).min();
            quickest.iter().map(u16::to_string).collect()
        }
    };
    words.iter().try_for_each(|word| writeln!(std::io::stdout(), "{word}")).context("cannot print")
}

/// The words of all boards, each once, in their order.
fn once(boards: &[Board], words: impl Fn(&Board) -> &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = boards.iter().flat_map(words);
    all.filter(|word| seen.insert(word.as_str())).cloned().collect()
}
