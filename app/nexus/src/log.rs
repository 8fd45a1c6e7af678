//! Log lines on standard error, as text or JSON.

use std::io::IsTerminal;

use anyhow::Context;
use server::{Config, config::LogFormat};
use tracing_subscriber::EnvFilter;

pub(crate) fn start(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log_filter)
        .with_context(|| format!("the log filter {:?} (log.filter, NEXUS_LOG) does not read", config.log_filter))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}
