//! `nexus ca`: the private authority, for people who check or install it.

use anyhow::Context;
use clap::Subcommand;
use jiff::Timestamp;
use server::{Config, tls::Authority};

use crate::data_folder;

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Print its fingerprint and its certificate.
    Show,
}

pub(crate) fn run(config: &Config, task: &Task) -> anyhow::Result<()> {
    let Task::Show = task;
    let authority = Authority::existing(&data_folder(config)?, Timestamp::now())?.with_context(|| {
        format!("there is no private authority in {}; `nexus serve` makes one", config.data.display())
    })?;
    show(&authority);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this answers the person who typed the command")]
fn show(authority: &Authority) {
    println!("SHA-256 {}\n{}", authority.fingerprint(), authority.pem().trim_end());
}
