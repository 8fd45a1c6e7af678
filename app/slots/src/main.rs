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
        /// Only if this unit of systemd has run without a restart for a while. Can be given several times.
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

/// Whether systemd has started a unit that long ago, and not again.
fn has_run(unit: &str, long: Duration) -> anyhow::Result<()> {
    let output = process::Command::new("/usr/bin/systemctl")
        .args(["show", "--value", "--property=ActiveState", "--property=ActiveEnterTimestampMonotonic", unit])
        .output()
        .context("systemctl does not start")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC)?.into();
    let entered = entered(&said).with_context(|| format!("{unit} does not run"))?;
    let running = Duration::saturating_sub(now, entered);
    ensure!(running >= long, "{unit} has run for {} s; {} s are waited for", running.as_secs(), long.as_secs());
    Ok(())
}

/// When an active unit became so, from what `systemctl show` prints: a state, and microseconds since the kernel's start,
/// in any order.
fn entered(said: &str) -> Option<Duration> {
    let is_active = said.lines().any(|line| line == "active");
    let entered = said.lines().find_map(|line| line.parse().ok());
    entered.filter(|_| is_active).map(Duration::from_micros)
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
    fn a_unit_that_is_starting_again_or_has_failed_does_not_run() {
        assert_eq!(entered("active\n61500000\n"), Some(Duration::from_millis(61_500)));
        assert_eq!(entered("61500000\nactive\n"), Some(Duration::from_millis(61_500)));
        for said in ["activating\n61500000\n", "failed\n61500000\n", "inactive\n0\n", "active\n\n", ""] {
            assert_eq!(entered(said), None, "{said:?}");
        }
    }
}
