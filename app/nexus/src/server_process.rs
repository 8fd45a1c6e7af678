//! `nexus server`: the process that reads the desk and serves boards. It never sees the passphrase.

use std::{io::Write, sync::Arc};

use anyhow::Context;
use bridge::Broker;
use connectors::{
    Source,
    demo::{self, Demo},
    request_tracker::{self, RequestTracker},
};
use jiff::{Timestamp, tz::TimeZone};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use server::{
    Config, Folder, Server, Settings, SystemClock,
    settings::{Desk, Scenario},
};

use crate::lifeline::Lifeline;

/// The name under which the Broker keeps the connection.
const REQUEST_TRACKER: &str = "request-tracker";

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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let settings = Settings::open(&Folder::open(&config.data)?, &config, Timestamp::now())?;
        match settings.desk {
            Desk::Demo { seed, scenario, since } => {
                let zone = TimeZone::get(&settings.time_zone)?;
                let desk =
                    demo::Settings { seed, scenario: demo_scenario(scenario, since), zone, ..Default::default() };
                serve(config, settings, Demo::new(desk), lifeline).await
            }
            Desk::RequestTracker => {
                let connection = Broker::new(&config.broker_socket).connection(REQUEST_TRACKER);
                let desk = RequestTracker::new(connection, request_tracker::Options::default());
                serve(config, settings, desk, lifeline).await
            }
        }
    });
    // A computation that is under way must not hold the process.
    runtime.shutdown_background();
    served
}

async fn serve(
    config: Config,
    settings: Settings,
    source: impl Source + 'static,
    lifeline: Lifeline,
) -> anyhow::Result<()> {
    let ends = lifeline.ends()?;
    let name = config.names.first().map_or_else(|| "localhost".to_owned(), ToString::to_string);
    let mut server = Server::start(config, settings, source, Arc::new(SystemClock)).await?;
    greet(&server, &name);
    tokio::select! {
        () = ends => {}
        () = server.broken() => {
            server.stop().await;
            return Err(Broken.into());
        }
    }
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

fn demo_scenario(scenario: Scenario, since: Timestamp) -> demo::Scenario {
    match scenario {
        Scenario::NormalDay => demo::Scenario::Normal,
        Scenario::CalmDay => demo::Scenario::Calm { from: since },
        Scenario::BusyDay => demo::Scenario::Busy { from: since },
        Scenario::MajorOutage => demo::Scenario::MajorOutage { from: since },
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
