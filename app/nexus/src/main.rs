//! The `nexus` command. It only composes: the work is in `server`, `broker` and `connectors`.

mod authority;
mod backup;
mod broker_process;
mod connect;
mod handover;
mod health;
mod helpdesk;
mod keys;
mod lifeline;
mod log;
mod notify;
mod one_time;
mod serve;
mod server_process;
mod shield;
mod trial;
mod updates;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, anyhow, bail};
use clap::{Parser, Subcommand};
use nix::sys::stat::{Mode, umask};
use secrecy::SecretString;
use server::{Config, Folder, config::Environment};
use vault::Passphrase;
use zeroize::Zeroizing;

/// The variable that holds the passphrase of `secrets.json`.
const PASSPHRASE: &str = "DASHBOARD_SECRET_PASSPHRASE";
/// The variable that names a file which holds it: a credential of systemd, a secret of a container.
const PASSPHRASE_FILE: &str = "DASHBOARD_SECRET_PASSPHRASE_FILE";

/// The variable that holds the one which it shall have: `nexus keys rotate-passphrase`.
const NEW_PASSPHRASE: &str = "DASHBOARD_SECRET_NEW_PASSPHRASE";

/// A live board of your helpdesk's numbers, on your own screens.
#[derive(Parser)]
#[command(version)]
struct Command {
    /// Configuration file (TOML). Variables of the environment win over it.
    #[arg(long, global = true, value_name = "FILE", env = "NEXUS_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Serve boards: runs the server and the Broker, and starts them again should they fail.
    Serve,
    /// Run the Broker alone: it keeps credentials, and signs requests with them.
    Broker {
        #[command(flatten)]
        lifeline: lifeline::Lifeline,
        /// Take the passphrase from standard input, where the supervisor hands it over.
        #[arg(long, hide = true)]
        passphrase_from_supervisor: bool,
    },
    /// Run the server alone, beside a Broker that runs elsewhere.
    Server {
        #[command(flatten)]
        lifeline: lifeline::Lifeline,
    },
    /// Connect a helpdesk, the on-call calendar, or the webhook for alerts.
    #[command(subcommand)]
    Connect(connect::Provider),
    /// Ask the server on this machine how it does.
    Health(health::Health),
    /// The private certificate authority.
    #[command(subcommand)]
    Ca(authority::Task),
    /// Make an archive of the data folder, whether Nexus runs or not; or look at one.
    Backup(backup::Backup),
    /// Make a data folder of an archive. Nexus must not run.
    Restore(backup::Restore),
    /// The keys of this installation.
    #[command(subcommand)]
    Keys(keys::Task),
    /// The administrator's one-time codes.
    #[command(subcommand)]
    OneTimeCodes(one_time::Task),
    /// The mirror of the vendor's updates for screens.
    #[command(subcommand)]
    Updates(updates::Task),
}

fn main() -> ExitCode {
    let command = Command::parse();
    match run(&command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "what ends the command is for the person who started it")]
            {
                eprintln!("nexus: {}", told(&error));
            }
            // Whoever broke down may well run again; whoever could not start says what a person has to mend.
            ExitCode::from(if error.is::<server_process::Broken>() { 1 } else { serve::CANNOT_RUN })
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    // Before anything else: these have the passphrase, or will have it.
    let shielded = match command.task {
        Task::Serve | Task::Broker { .. } | Task::Connect(_) | Task::Keys(_) => shield::raise(),
        Task::Server { .. } | Task::Health(_) | Task::Ca(_) | Task::Backup(_) => Ok(()),
        Task::Restore(_) | Task::OneTimeCodes(_) | Task::Updates(_) => Ok(()),
    };
    let config = Config::read(&Environment, command.config.as_deref())?;
    log::start(&config)?;
    if let Err(error) = shielded {
        tracing::warn!("others of this user may read the passphrase in the memory of this process: {error:#}");
    }
    if matches!(command.task, Task::Serve) {
        for name in server::config::unknown_variables(std::env::vars_os().map(|(name, _)| name)) {
            tracing::warn!("{name} is no setting of nexus: it has no effect");
        }
    }
    match &command.task {
        Task::Serve => serve::supervise(&config, command.config.as_deref(), passphrase()?.as_ref()),
        Task::Broker { lifeline, passphrase_from_supervisor } => {
            let passphrase = if *passphrase_from_supervisor { handover::take()? } else { passphrase()? };
            broker_process::run(&config, passphrase, *lifeline)
        }
        Task::Server { lifeline } => server_process::run(config, *lifeline),
        Task::Connect(provider) => connect::run(&config, provider, passphrase()?),
        Task::Health(health) => health::run(&config, health),
        Task::Ca(task) => authority::run(&config, task),
        Task::Backup(task) => backup::create(&config, task),
        Task::Restore(task) => backup::restore(&config, task),
        Task::Keys(task) => keys::run(&config, task, passphrase()?),
        Task::OneTimeCodes(task) => one_time::run(&config, task),
        Task::Updates(task) => updates::run(&config, task),
    }
}

/// An error and its causes, without those that it tells itself.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| match told.is_empty() {
        true => cause,
        false if told.contains(&cause) => told,
        false => format!("{told}: {cause}"),
    })
}

/// The data folder and all that is in it, for this user alone; and so is what this process makes from now on.
fn data_folder(config: &Config) -> anyhow::Result<Folder> {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
    let folder = Folder::open(&config.data).map_err(|error| {
        let remedy = "name a folder that this user may write in NEXUS_DATA, or as `data` in the configuration file";
        anyhow!("{error}; {remedy}")
    })?;
    vault::file::claim(&config.data)?;
    Ok(folder)
}

/// The present passphrase, if the environment has one, or names its file.
fn passphrase() -> anyhow::Result<Option<Passphrase>> {
    match passphrase_in(PASSPHRASE)? {
        Some(passphrase) => Ok(Some(passphrase)),
        None => passphrase_file(),
    }
}

/// The passphrase in this variable, if the environment has one.
fn passphrase_in(variable: &str) -> anyhow::Result<Option<Passphrase>> {
    let Some(text) = std::env::var_os(variable) else { return Ok(None) };
    let text = text.into_string().ok().with_context(|| format!("{variable} is not UTF-8; enter it again"))?;
    match Passphrase::new(SecretString::from(text)) {
        Ok(passphrase) => Ok(Some(passphrase)),
        Err(_) => bail!("{variable} is set but empty; give it a value or unset it"),
    }
}

fn passphrase_file() -> anyhow::Result<Option<Passphrase>> {
    let Some(path) = std::env::var_os(PASSPHRASE_FILE).filter(|path| !path.is_empty()) else { return Ok(None) };
    let path = PathBuf::from(path);
    let text = std::fs::read_to_string(&path)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read {}; check {PASSPHRASE_FILE}", path.display()))?;
    // Editors end a file with a line's end, which nobody means.
    let text = SecretString::from(text.trim_end_matches(['\r', '\n']));
    let unusable = || format!("{} is of no use; check {PASSPHRASE_FILE}", path.display());
    Ok(Some(Passphrase::new(text).with_context(unusable)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_an_error_tells_itself_is_not_told_twice() {
        let cause = || std::io::Error::other("the disk is full");
        let error = anyhow::Error::new(cause()).context("cannot write settings.json");
        assert_eq!(told(&error), "cannot write settings.json: the disk is full");
        let error = anyhow::Error::new(cause()).context("cannot write settings.json: the disk is full; make room");
        assert_eq!(told(&error), "cannot write settings.json: the disk is full; make room");
    }
}
