//! `nexus health`: how the server on this machine does, for people, containers and monitoring.

use anyhow::bail;
use clap::Args;
use server::{
    Config,
    health::{Question, ask},
};

#[derive(Args)]
pub(crate) struct Health {
    /// Ask whether it has everything that it needs, and print what not. A helpdesk that is down makes it not ready, which a
    /// restart does not mend.
    #[arg(long)]
    ready: bool,
}

pub(crate) fn run(config: &Config, health: &Health) -> anyhow::Result<()> {
    let question = if health.ready { Question::IsReady } else { Question::Lives };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(ask(config, question))?;
    if !answer.well {
        bail!("not ready: {}", answer.text.trim_end());
    }
    said(answer.text.trim_end());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this answers the person who typed the command")]
fn said(words: &str) {
    println!("{words}");
}
