//! Whether a unit of systemd lives, as it says itself.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context as _, ensure};
use nix::time::{ClockId, clock_gettime};

/// A unit whose last sign of life is older does not live; systemd will say so, too.
const SILENT: Duration = Duration::from_secs(60);

/// Whether systemd has started a unit that long ago, and not again, and it is alive: what it asks of itself before it
/// says that it is ready, and that it is alive, its own watchdog knows.
pub(crate) fn has_run(systemctl: &Path, unit: &str, long: Duration) -> anyhow::Result<()> {
    let output = Command::new(systemctl)
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
