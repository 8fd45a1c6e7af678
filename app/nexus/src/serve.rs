//! `nexus serve`: a small supervisor of two processes, and of a third one where updates are fetched. It alone knows the
//! passphrase besides the Broker.

mod restarts;

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use jiff::Timestamp;
use server::{Config, Settings};
use tokio::{
    process::{Child, ChildStdin, Command},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use vault::Passphrase;

use crate::{NEW_PASSPHRASE, PASSPHRASE, PASSPHRASE_FILE, data_folder, handover, lifeline::Lifeline};
use restarts::{Next, Restarts};

/// A process ends with this where starting it again would not help (`EX_CONFIG` of sysexits.h).
pub(crate) const CANNOT_RUN: u8 = 78;

/// How long a process may take to end when it is asked to.
const FAREWELL: Duration = Duration::from_secs(12);

/// One of the processes.
struct Role {
    name: &'static str,
    /// By which task of this command it runs.
    task: &'static [&'static str],
    /// Whether it gets the passphrase.
    trusted: bool,
}

const BROKER: Role = Role { name: "broker", task: &["broker"], trusted: true };
const SERVER: Role = Role { name: "server", task: &["server"], trusted: false };
const UPDATES: Role = Role { name: "updates", task: &["updates", "follow"], trusted: false };

pub(crate) fn supervise(config: &Config, file: Option<&Path>, passphrase: Option<&Passphrase>) -> anyhow::Result<()> {
    // What a person has to mend is found here, before anything runs.
    let settings = Settings::open(&data_folder(config)?, config, Timestamp::now())?;
    if passphrase.is_none() && matches!(settings.desk, server::settings::Desk::RequestTracker(_)) {
        tracing::warn!("{PASSPHRASE} is not set, so the helpdesk cannot be read; set it, and start again");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stopped = Lifeline::default().ends()?;
        let (stop_server, stop_broker) = (CancellationToken::new(), CancellationToken::new());
        // Dropped at the end, and its process with it.
        let _updates = config.updates.from.is_some().then(|| fetch_updates(file));
        let mut broker = Box::pin(keep(&BROKER, file, passphrase, stop_broker.clone()));
        let mut server = Box::pin(keep(&SERVER, file, None, stop_server.clone()));
        tokio::select! {
            () = stopped => {}
            failed = &mut broker => {
                stop_server.cancel();
                server.await?;
                return failed;
            }
            failed = &mut server => {
                stop_broker.cancel();
                broker.await?;
                return failed;
            }
        }
        // The server first: it speaks through the Broker.
        stop_server.cancel();
        server.await?;
        stop_broker.cancel();
        broker.await
    })
}

/// Fetches updates beside the other two, which go on without it.
fn fetch_updates(file: Option<&Path>) -> tokio_util::task::AbortOnDropHandle<()> {
    let file: Option<PathBuf> = file.map(Path::to_owned);
    let fetching = async move {
        if let Err(error) = keep(&UPDATES, file.as_deref(), None, CancellationToken::new()).await {
            tracing::error!("{error:#}; screens get no updates until this is mended and nexus is started again");
        }
    };
    tokio_util::task::AbortOnDropHandle::new(tokio::spawn(fetching))
}

/// Runs a process, and runs it again when it fails, until it is told to stop.
async fn keep(
    role: &Role,
    file: Option<&Path>,
    passphrase: Option<&Passphrase>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut restarts = Restarts::default();
    loop {
        let started = Instant::now();
        let mut child = spawn(role, file)?;
        // Taken out of the child, because waiting for it would let go of it.
        let mut lifeline = child.stdin.take();
        if let Some(pipe) = lifeline.as_mut().filter(|_| role.trusted) {
            // One that ended meanwhile says itself why.
            let _ = handover::give(pipe, passphrase).await;
        }
        let status = tokio::select! {
            status = child.wait() => status.with_context(|| format!("cannot wait for the {}", role.name))?,
            () = stop.cancelled() => return end(role, child, lifeline).await,
        };
        match restarts.after(status.code(), started.elapsed()) {
            Next::Stop => bail!("the {} cannot run; what it said is above", role.name),
            Next::Restart(wait) => {
                tracing::error!(process = role.name, %status, again_in_s = wait.as_secs(), "a process ended by itself");
                tokio::select! {
                    () = sleep(wait) => {}
                    () = stop.cancelled() => return Ok(()),
                }
            }
        }
    }
}

fn spawn(role: &Role, file: Option<&Path>) -> anyhow::Result<Child> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mut command = Command::new(program);
    if let Some(file) = file {
        command.arg("--config").arg(file);
    }
    command.args(role.task).arg("--lifeline");
    // Neither the present one, which the Broker gets by its pipe, nor one that somebody left behind after rotating it.
    command.env_remove(PASSPHRASE).env_remove(PASSPHRASE_FILE).env_remove(NEW_PASSPHRASE);
    if role.trusted {
        command.arg("--passphrase-from-supervisor");
        // Whether all of it serves, the server tells systemd.
        command.env_remove("NOTIFY_SOCKET");
    } else {
        // By systemd's rules, this makes the watchdog that of whoever has its period.
        command.env_remove("WATCHDOG_PID");
    }
    // A group of its own, so that Ctrl-C reaches the supervisor alone and the processes end in order.
    command.process_group(0).stdin(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().with_context(|| format!("cannot start the {}", role.name))?;
    tracing::info!(process = role.name, id = child.id(), "started");
    Ok(child)
}

/// Ends a process by letting go of its lifeline, and by force where that does not help.
async fn end(role: &Role, mut child: Child, lifeline: Option<ChildStdin>) -> anyhow::Result<()> {
    drop(lifeline);
    match timeout(FAREWELL, child.wait()).await {
        Ok(status) => {
            let status: ExitStatus = status.with_context(|| format!("cannot wait for the {}", role.name))?;
            if !status.success() {
                tracing::warn!(process = role.name, %status, "a process ended badly");
            }
        }
        Err(_) => {
            tracing::warn!(process = role.name, "a process does not end and is killed");
            child.kill().await.with_context(|| format!("cannot kill the {}", role.name))?;
        }
    }
    Ok(())
}
