//! The `nexus` command. It only composes: the work is in `server`, `broker` and `connectors`.

mod authority;
mod broker_process;
mod connect;
mod helpdesk;
mod lifeline;
mod log;
mod serve;
mod server_process;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, anyhow};
use clap::{Parser, Subcommand};
use secrecy::SecretString;
use server::{Config, Folder, config::Environment};
use vault::Passphrase;

/// The variable that holds the passphrase of `secrets.json`.
const PASSPHRASE: &str = "DASHBOARD_SECRET_PASSPHRASE";

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
    },
    /// Run the server alone, beside a Broker that runs elsewhere.
    Server {
        #[command(flatten)]
        lifeline: lifeline::Lifeline,
    },
    /// Connect a helpdesk, the on-call calendar, or the webhook for alerts.
    #[command(subcommand)]
    Connect(connect::Provider),
    /// The private certificate authority.
    #[command(subcommand)]
    Ca(authority::Task),
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
    let config = Config::read(&Environment, command.config.as_deref())?;
    log::start(&config)?;
    if matches!(command.task, Task::Serve) {
        for name in server::config::unknown_variables(std::env::vars_os().map(|(name, _)| name)) {
            tracing::warn!("{name} is no setting of nexus: it has no effect");
        }
    }
    match &command.task {
        Task::Serve => serve::supervise(&config, command.config.as_deref(), passphrase()?.is_some()),
        Task::Broker { lifeline } => broker_process::run(&config, passphrase()?, *lifeline),
        Task::Server { lifeline } => server_process::run(config, *lifeline),
        Task::Connect(provider) => connect::run(&config, provider, passphrase()?),
        Task::Ca(task) => authority::run(&config, task),
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

/// The data folder, for this user alone.
fn data_folder(config: &Config) -> anyhow::Result<Folder> {
    Folder::open(&config.data).map_err(|error| {
        let remedy = "name a folder that this user may write in NEXUS_DATA, or as `data` in the configuration file";
        anyhow!("{error}; {remedy}")
    })
}

/// The passphrase, if the environment has one.
fn passphrase() -> anyhow::Result<Option<Passphrase>> {
    let Some(text) = std::env::var_os(PASSPHRASE) else { return Ok(None) };
    let text = text.into_string().ok().with_context(|| format!("{PASSPHRASE} is not UTF-8; enter it again"))?;
    Ok(Some(Passphrase::new(SecretString::from(text))?))
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
