//! `nexus keys`: changes what secrets are sealed with.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use secrecy::SecretString;
use server::Config;
use vault::{Passphrase, Vault};
use zeroize::Zeroizing;

use crate::{NEW_PASSPHRASE, PASSPHRASE, data_folder, passphrase_in};

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Seal every secret with a new passphrase, which DASHBOARD_SECRET_NEW_PASSPHRASE or a file holds; the present one is
    /// in DASHBOARD_SECRET_PASSPHRASE. Can be run again, whatever became of an earlier run.
    RotatePassphrase {
        /// File that holds the new passphrase and nothing else; a line's end after it does not count.
        // Never an argument itself: every user of the machine can read those.
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
}

pub(crate) fn run(config: &Config, task: &Task, present: Option<Passphrase>) -> anyhow::Result<()> {
    let Task::RotatePassphrase { new_passphrase_file } = task;
    let new = match (new_passphrase_file, passphrase_in(NEW_PASSPHRASE)?) {
        (Some(_), Some(_)) => {
            bail!("there are two new passphrases; unset {NEW_PASSPHRASE} or leave out --new-passphrase-file")
        }
        (Some(file), None) => read(file)?,
        (None, Some(new)) => new,
        (None, None) => {
            bail!("there is no new passphrase; set {NEW_PASSPHRASE}, or name a file with --new-passphrase-file")
        }
    };
    let path = data_folder(config)?.path("secrets.json");
    let rotation =
        Vault::new(&path, present).rotate(&new).context("the passphrase was not rotated, and nothing was changed")?;
    let file = path.display();
    said(&match (rotation.resealed.len(), rotation.kept.len()) {
        (0, 0) => {
            format!("There is no secret in {file} yet. Set {PASSPHRASE} to the new passphrase, and start with it.")
        }
        (0, kept) => format!("Nothing to do: all {kept} secrets in {file} are sealed with the new passphrase already."),
        (resealed, kept) => format!(
            "{resealed} secrets in {file} were sealed with the new passphrase{}. Set {PASSPHRASE} to it, start Nexus again \
             (one that runs still has the old one, and cannot read them any more), and keep a copy of it. Backups made \
             until now open with the old one.",
            if kept > 0 { format!(", {kept} were already") } else { String::new() },
        ),
    });
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Passphrase> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = Zeroizing::new(text);
    let words = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if words.is_empty() {
        bail!("{} holds no passphrase", path.display());
    }
    if words.contains(['\n', '\r']) {
        bail!("{} holds several lines; a passphrase is one", path.display());
    }
    Ok(Passphrase::new(SecretString::from(words))?)
}

#[expect(clippy::print_stdout, reason = "this answers the person who typed the command")]
fn said(words: &str) {
    println!("{words}");
}
