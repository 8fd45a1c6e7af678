//! `nexus-slots`: says that the running system works, or what the counters are.

use std::{fs, io::Write as _, path::PathBuf};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use slots::{Slot, Store};

/// The slot counters of this machine.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The partition of the counters.
    #[arg(long, global = true, value_name = "DEVICE", default_value = "/dev/disk/by-partlabel/nexus-slots")]
    device: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the counters.
    Show,
    /// Give the running slot all its starts back: it works.
    Works,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = Store::open(&arguments.device)?;
    match arguments.command {
        Command::Show => writeln!(std::io::stdout(), "{}", store.read()?)?,
        Command::Works => store.write(store.read()?.works(running()?))?,
    }
    Ok(())
}

/// The slot that the boot loader started.
fn running() -> anyhow::Result<Slot> {
    let line = fs::read_to_string("/proc/cmdline")?;
    line.split_ascii_whitespace()
        .filter_map(|word| word.strip_prefix("nexus.slot="))
        .next_back()
        .context("the kernel's command line has no nexus.slot")?
        .parse()
        .context("nexus.slot on the kernel's command line")
}
