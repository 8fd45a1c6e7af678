//! `nexus server`: the process that reads the desk and serves boards. It never sees the passphrase.

use std::{io::Write, sync::Arc};

use anyhow::Context;
use jiff::Timestamp;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sd_notify::NotifyState;
use server::{
    Config, Server, Settings, SystemClock,
    confinement::{Confinement, confine},
};

use crate::{data_folder, helpdesk::Helpdesk, lifeline::Lifeline, notify, shield};

/// A part of the server ended by itself.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a part of the server failed; what it said is above")
    }
}

impl std::error::Error for Broken {}

pub(crate) fn run(config: Config, lifeline: Lifeline) -> anyhow::Result<()> {
    raise_file_limit();
    // A password that is being typed is in it, and the key of sessions. Where there is a supervisor, it saw to that.
    if let Err(error) = shield::leave_no_core() {
        tracing::warn!("a crash may write passwords to the disk: {error:#}");
    }
    // How many cores it has stands in files that it cannot open afterwards.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    data_folder(&config)?;
    hold(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(cores).enable_all().build()?;
    let served = runtime.block_on(serve(config, lifeline));
    // A computation that is under way must not hold the process.
    runtime.shutdown_background();
    served
}

async fn serve(config: Config, lifeline: Lifeline) -> anyhow::Result<()> {
    let ends = lifeline.ends()?;
    let settings = Settings::open(&data_folder(&config)?, &config, Timestamp::now())?;
    let name = config.names.first().map_or_else(|| "localhost".to_owned(), ToString::to_string);
    let desks = config.clone();
    let open = move |settings: &Settings| Helpdesk::named(settings, &desks);
    let mut server = Server::start(config, settings, open, Arc::new(SystemClock)).await?;
    greet(&server, &name);
    notify::tell(NotifyState::Ready);
    tokio::select! {
        () = ends => {}
        () = notify::live() => {}
        () = server.broken() => {
            server.stop().await;
            return Err(Broken.into());
        }
    }
    notify::tell(NotifyState::Stopping);
    server.stop().await;
    Ok(())
}

/// Prints the setup code of a new installation to the console, and nowhere else.
fn greet(server: &Server, name: &str) {
    let address = format!("https://{name}:{}/admin", server.address().port());
    let greeting = match server.setup_code() {
        Some(code) => format!(
            "\nNexus is new here and has no administrator yet.\nOpen {address} and enter this setup code:\n\n    {}\n",
            code.expose()
        ),
        None => format!("Nexus serves at {address}"),
    };
    if let Err(error) = writeln!(std::io::stdout(), "{greeting}") {
        tracing::warn!(%error, "the console cannot be written to; a setup code shows there alone");
    }
}

/// Lets this process do no more to its machine than it needs to. Without that it serves as well.
fn hold(config: &Config) {
    match confine(config) {
        Ok(Confinement::Whole) => {
            tracing::info!("the server's process opens nothing outside its data folder, and begins no connection");
        }
        Ok(Confinement::Part) => {
            tracing::info!("this kernel is too old to confine the server's process to more than files")
        }
        Ok(Confinement::None) => tracing::warn!("this kernel cannot confine the server's process (it has no Landlock)"),
        Err(error) => tracing::warn!("the server's process is not confined: {error}"),
    }
}

/// Every screen takes a file descriptor, and the usual soft limit of 1,024 would be all there is.
fn raise_file_limit() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .context("reading it")
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard).context("raising it"));
    if let Err(error) = raised {
        tracing::warn!("the limit of open files stays as it is: {error:#}");
    }
}
