//! `nexus-agent`: the command line of the device daemon.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use agent::discovery::Lan;
use agent::run::{Places, follow_states, run, state_line};
use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

/// The device daemon of a Nexus screen: pairs it, keeps it signed in, and tells the TV what to show.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The operator's set-up file; it may be missing.
    #[arg(long, value_name = "FILE", default_value = "/boot/nexus-setup/nexus.toml")]
    config: PathBuf,
    /// Folder on which the partition of that file is mounted. Where it is not, the screen says so, unless it is paired and
    /// needs nothing of the file.
    #[arg(long, value_name = "DIR")]
    setup_partition: Option<PathBuf>,
    /// Folder of the device key and the pairing.
    #[arg(long, global = true, value_name = "DIR", default_value = "/data/agent")]
    state_dir: PathBuf,
    /// File of the machine-bound secret [default: machine.key in the state folder].
    #[arg(long, value_name = "FILE")]
    machine_key: Option<PathBuf>,
    /// Folder into which is written what nexus.toml says of the machine: Wi-Fi, address, name, time. Without it, nothing
    /// of that is applied.
    #[arg(long, value_name = "DIR")]
    machine_dir: Option<PathBuf>,
    /// File that is there once the machine's clock is set, and may then be believed: systemd-timesyncd makes it.
    #[arg(long, value_name = "FILE", default_value = "/run/systemd/timesync/synchronized")]
    time_synchronized: PathBuf,
    /// Unix socket for the TV.
    #[arg(long, global = true, value_name = "PATH", default_value = "/run/nexus/agent.sock")]
    socket: PathBuf,
    /// User id of the TV, where it is not the agent's own.
    #[arg(long, value_name = "UID")]
    tv_uid: Option<u32>,
    /// Folder that describes the boards which this machine can be, a folder each.
    #[arg(long, value_name = "DIR")]
    boards: Option<PathBuf>,
    /// Folder with the vendor's root.json, by which updates are verified. Without it, or where the file is not there, there
    /// are none.
    #[arg(long, value_name = "DIR")]
    updates: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the newest state of the running agent as a line of JSON, without its access token.
    State {
        /// And a line for each state that follows, until the agent ends.
        #[arg(long)]
        follow: bool,
    },
    /// Put the pairing and the keys aside, so that the screen pairs anew. Stop the agent first.
    Forget,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    // Calls follow one another; one thread serves them and the socket.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut out = std::io::stdout();
    match arguments.command {
        Some(Command::State { follow: true }) => {
            let Err(error) = runtime.block_on(follow_states(&arguments.socket, &mut out));
            return Err(error).with_context(|| format!("no states from {}", arguments.socket.display()));
        }
        Some(Command::State { follow: false }) => {
            let line = runtime
                .block_on(state_line(&arguments.socket))
                .with_context(|| format!("no agent answers at {}", arguments.socket.display()))?;
            writeln!(out, "{line}")?;
        }
        Some(Command::Forget) => {
            for (from, to) in agent::folder::put_aside(&arguments.state_dir, jiff::Timestamp::now())? {
                writeln!(out, "{} is now {}", from.display(), to.display())?;
            }
        }
        None => runtime.block_on(async {
            let places = Places {
                config: arguments.config,
                setup_partition: arguments.setup_partition,
                state: arguments.state_dir,
                machine_key: arguments.machine_key,
                time_synchronized: arguments.time_synchronized,
                machine: arguments.machine_dir,
                socket: arguments.socket,
                tv_uid: arguments.tv_uid,
                boards: arguments.boards,
                boot: "/proc/sys/kernel/random/boot_id".into(),
                updates: arguments.updates,
            };
            let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
            tokio::select! {
                result = run(&places, Arc::new(Lan::default())) => result?,
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            anyhow::Ok(())
        })?,
    }
    Ok(())
}
