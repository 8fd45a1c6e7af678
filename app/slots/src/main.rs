//! `nexus-slots`: says that the running system works, or leaves it where it does not, and tells RAUC and people what the
//! counters are.

mod life;

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};
use slots::{Counters, Slot, Store};

/// The slot counters of this machine.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The partition of the counters.
    #[arg(long, global = true, value_name = "DEVICE", default_value = "/dev/disk/by-partlabel/nexus-slots")]
    device: PathBuf,
    /// Where the kernel's command line stands, on which the boot loader names the slot that it started.
    #[arg(long, global = true, value_name = "FILE", default_value = "/proc/cmdline")]
    command_line: PathBuf,
    /// Where a system that leaves its slot says why, in a file `left-a` or `left-b` for the one that runs then.
    #[arg(long, global = true, value_name = "FOLDER", default_value = "/data/slots")]
    reasons: PathBuf,
    /// What knows systemd's units and restarts the machine.
    #[arg(long, global = true, value_name = "PROGRAM", default_value = "/usr/bin/systemctl")]
    systemctl: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the counters.
    Show,
    /// Give the running slot all its starts back, if what it consists of lives: it works.
    Works(Parts),
    /// If the running slot is on trial still, say why, give up its starts, and restart the machine.
    Trial(Parts),
    /// Print the slot that starts next. This and what follows is what RAUC asks of a custom boot loader.
    GetPrimary,
    /// Activate a slot: it is the next to start.
    SetPrimary {
        /// The slot.
        slot: Slot,
    },
    /// Print whether a slot may start.
    GetState {
        /// The slot.
        slot: Slot,
    },
    /// Say that a slot works, or that it is being written and holds no system.
    SetState {
        /// The slot.
        slot: Slot,
        /// What it is.
        state: State,
    },
    /// Print the slot that runs.
    GetCurrent,
}

/// What a system consists of.
#[derive(Debug, Args)]
struct Parts {
    /// A unit of systemd that must have run without a restart for a while, and say that it is alive. Can be given several
    /// times.
    #[arg(long = "unit", value_name = "UNIT")]
    units: Vec<String>,
    /// For so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 90)]
    since: u64,
}

impl Parts {
    fn live(&self, systemctl: &Path) -> anyhow::Result<()> {
        self.units.iter().try_for_each(|unit| life::has_run(systemctl, unit, Duration::from_secs(self.since)))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    /// It works.
    Good,
    /// It holds no system.
    Bad,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let Arguments { command, device, .. } = &arguments;
    let running = || running(&arguments);
    let store = || Store::open(device);
    let change = |to: &dyn Fn(Counters) -> anyhow::Result<Counters>| -> anyhow::Result<()> {
        let store = store()?;
        Ok(store.write(to(store.read()?)?)?)
    };
    match command {
        Command::Show => say(&store()?.read()?.to_string()),
        Command::Works(parts) => {
            parts.live(&arguments.systemctl)?;
            let running = running()?;
            change(&|counters| Ok(counters.works(running)))
        }
        Command::Trial(parts) => end_trial(&arguments, parts),
        Command::GetPrimary => say(&store()?.read()?.next().to_string()),
        Command::SetPrimary { slot } => {
            let running = running()?;
            // It gets another trial; what came of its last one is of an older system.
            forget_reason(&arguments, *slot)?;
            change(&|counters| Ok(counters.activated(*slot, running)))
        }
        Command::GetState { slot } => say(if store()?.read()?.may_start(*slot) { "good" } else { "bad" }),
        Command::SetState { slot, state: State::Good } => change(&|counters| Ok(counters.works(*slot))),
        Command::SetState { slot, state: State::Bad } => {
            let running = running()?;
            change(&|counters| {
                ensure!(
                    *slot == running || !counters.on_trial(running),
                    "slot {running} has not shown yet that it works, and slot {slot} is what it goes back to; try again later"
                );
                let emptied = counters.emptied(*slot, running);
                emptied.with_context(|| format!("slot {slot} runs, and the other one holds no system to start instead"))
            })
        }
        Command::GetCurrent => say(&running()?.to_string()),
    }
}

fn say(word: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{word}")?)
}

/// Ends the trial of the running slot, if it has not shown yet that it works: the boot loader then starts the other one.
fn end_trial(arguments: &Arguments, parts: &Parts) -> anyhow::Result<()> {
    let running = running(arguments)?;
    let store = Store::open(&arguments.device)?;
    let counters = store.read()?;
    if !counters.on_trial(running) {
        return Ok(());
    }
    let reason = match parts.live(&arguments.systemctl) {
        Ok(()) => "all of it runs, and the agent gives no answer".to_owned(),
        Err(error) => format!("{error:#}"),
    };
    say(&format!("slot {running} has not shown that it works, and is left: {reason}"))?;
    // The reason is worth less than the restart: /data may be full, or what does not work.
    if let Err(error) = fs::write(reason_file(arguments, running), format!("{reason}\n")) {
        say(&format!("nobody will read why: {error}"))?;
    }
    store.write(counters.given_up(running))?;
    drop(store);
    restart(&arguments.systemctl, &[]).or_else(|_| restart(&arguments.systemctl, &["--force"]))
}

fn restart(systemctl: &Path, options: &[&str]) -> anyhow::Result<()> {
    let mut command = process::Command::new(systemctl);
    let status = command.args(options).args(["--no-block", "reboot"]).status().context("systemctl does not start")?;
    ensure!(status.success(), "systemctl does not restart the machine: {status}");
    Ok(())
}

fn reason_file(arguments: &Arguments, slot: Slot) -> PathBuf {
    arguments.reasons.join(format!("left-{slot}"))
}

fn forget_reason(arguments: &Arguments, slot: Slot) -> anyhow::Result<()> {
    let file = reason_file(arguments, slot);
    match fs::remove_file(&file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

/// The slot that the boot loader started.
fn running(arguments: &Arguments) -> anyhow::Result<Slot> {
    let line = fs::read_to_string(&arguments.command_line)
        .with_context(|| format!("cannot read {}", arguments.command_line.display()))?;
    line.split_ascii_whitespace()
        .filter_map(|word| word.strip_prefix("nexus.slot="))
        .next_back()
        .context("the kernel's command line has no nexus.slot")?
        .parse()
        .context("nexus.slot on the kernel's command line")
}
