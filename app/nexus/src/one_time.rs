//! `nexus one-time-codes`: for an administrator who has lost the device that shows them.

use clap::Subcommand;
use server::Config;
use vault::Vault;

use crate::data_folder;

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Sign in without one-time codes from now on, whether Nexus runs or not. They can be set up anew under Access.
    Remove,
}

pub(crate) fn run(config: &Config, task: &Task) -> anyhow::Result<()> {
    let Task::Remove = task;
    let folder = data_folder(config)?;
    // In this order, so that nobody is asked for a code that none can judge.
    let asked = server::remove_one_time_codes(&folder)?;
    let kept = broker::forget_one_time_codes(&Vault::new(folder.path("secrets.json"), None))?;
    said(if asked || kept {
        "The administrator signs in by the password alone from now on. Set one-time codes up anew under Access."
    } else {
        "There are no one-time codes here; the administrator signs in by the password alone."
    });
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this answers the person who typed the command")]
fn said(words: &str) {
    println!("{words}");
}
