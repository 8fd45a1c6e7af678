//! `nexus-slots`: says that the running system works, or what the counters are.

use std::{fs, io::Write as _, path::PathBuf, process, time::Duration};

use anyhow::{Context as _, ensure};
use clap::{Parser, Subcommand};
use nix::time::{ClockId, clock_gettime};
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
    Works {
        /// Only if this unit of systemd has run without a restart for a while, and says that it is alive. Can be given
        /// several times.
        #[arg(long = "unit", value_name = "UNIT")]
        units: Vec<String>,
        /// For so many seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 90)]
        since: u64,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = Store::open(&arguments.device)?;
    match arguments.command {
        Command::Show => writeln!(std::io::stdout(), "{}", store.read()?)?,
        Command::Works { units, since } => {
            for unit in &units {
                has_run(unit, Duration::from_secs(since))?;
            }
            store.write(store.read()?.works(running()?))?;
        }
    }
    Ok(())
}

/// A unit whose last sign of life is older does not live; systemd will say so, too.
const SILENT: Duration = Duration::from_secs(60);

/// Whether systemd has started a unit that long ago, and not again, and it is alive: what it asks of itself before it
/// says that it is ready, and that it is alive, its own watchdog knows.
fn has_run(unit: &str, long: Duration) -> anyhow::Result<()> {
    let output = process::Command::new("/usr/bin/systemctl")
        .args(["show", "--property=ActiveState", "--property=ActiveEnterTimestampMonotonic"])
        .args(["--property=WatchdogTimestampMonotonic", unit])
        .output()
        .context("systemctl does not start")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC)?.into();
    let Life { entered, alive } = life(&said).with_context(|| format!("{unit} does not run"))?;
    let running = Duration::saturating_sub(now, entered);
    ensure!(running >= long, "{unit} has run for {} s; {} s are waited for", running.as_secs(), long.as_secs());
    let silent = Duration::saturating_sub(now, alive);
    ensure!(silent <= SILENT, "{unit} was last heard of {} s ago", silent.as_secs());
    Ok(())
}

/// Times since the kernel's start.
#[derive(Debug, PartialEq, Eq)]
struct Life {
    /// When the unit became active.
    entered: Duration,
    /// When it last told its watchdog so.
    alive: Duration,
}

/// The life of an active unit, from what `systemctl show` prints: microseconds since the kernel's start.
fn life(said: &str) -> Option<Life> {
    let value = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let time = |name: &str| value(name)?.parse().ok().filter(|time| *time > 0).map(Duration::from_micros);
    let (entered, alive) = (time("ActiveEnterTimestampMonotonic")?, time("WatchdogTimestampMonotonic")?);
    (value("ActiveState")? == "active").then_some(Life { entered, alive })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_is_starting_again_has_failed_or_has_no_watchdog_does_not_live() {
        let said = |state: &str, entered: &str, alive: &str| {
            format!(
                "ActiveState={state}\nWatchdogTimestampMonotonic={alive}\nActiveEnterTimestampMonotonic={entered}\n"
            )
        };
        let life_of = |state, entered, alive| life(&said(state, entered, alive));
        let (entered, alive) = (Duration::from_millis(61_500), Duration::from_secs(90));
        assert_eq!(life_of("active", "61500000", "90000000"), Some(Life { entered, alive }));
        for state in ["activating", "failed", "inactive", "deactivating", ""] {
            assert_eq!(life_of(state, "61500000", "90000000"), None, "{state:?}");
        }
        for (entered, alive) in [("", "90000000"), ("61500000", ""), ("61500000", "0"), ("0", "0")] {
            assert_eq!(life_of("active", entered, alive), None, "{entered:?} {alive:?}");
        }
        assert_eq!(life(""), None);
    }
}
