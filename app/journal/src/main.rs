//! `nexus-journal`: copies the journal of this start once, and ends.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, ensure};
use clap::Parser;

/// Copies the journal of this start.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The folder of the copies.
    #[arg(long, value_name = "DIR", default_value = "/data/journal")]
    folder: PathBuf,
}

const START: &str = "/proc/sys/kernel/random/boot_id";
/// More lines than fit into a copy.
const LINES: &str = "--lines=20000";

fn main() -> anyhow::Result<()> {
    let folder = Arguments::parse().folder;
    let start = fs::read_to_string(START).context(START)?;
    let journal = Command::new("/usr/bin/journalctl")
        .args(["--boot", "--quiet", "--no-pager", "--output=short-iso-precise", LINES])
        .output()
        .context("journalctl does not start")?;
    ensure!(journal.status.success(), "journalctl: {}", String::from_utf8_lossy(&journal.stderr).trim());
    journal::keep(&folder, start.trim(), &String::from_utf8_lossy(&journal.stdout))
        .with_context(|| format!("cannot copy the journal to {}", folder.display()))
}
