//! `nexus backup` and `nexus restore`: the data folder as one file.

use std::{os::unix::net::UnixStream, path::PathBuf};

use ::backup::{Entry, Existing, Manifest};
use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use server::{Config, Folder};

use crate::data_folder;

#[derive(Args)]
pub(crate) struct Backup {
    /// The archive to write; with --list, the one to look at.
    file: PathBuf,
    /// Verify an archive, and say what it holds. Nothing is written.
    #[arg(long)]
    list: bool,
}

#[derive(Args)]
pub(crate) struct Restore {
    /// The archive, as `nexus backup` made it.
    file: PathBuf,
    /// Restore even if there is something in the data folder: that is set aside, beside it, and kept.
    #[arg(long)]
    replace: bool,
}

pub(crate) fn create(config: &Config, task: &Backup) -> anyhow::Result<()> {
    if task.list {
        said(&listed(&backup::list(&task.file)?));
        return Ok(());
    }
    data_folder(config)?;
    let made = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(::backup::create(
        &config.data,
        &task.file,
        env!("CARGO_PKG_VERSION"),
        Timestamp::now(),
    ))?;
    for path in &made.left_out {
        tracing::warn!(path = %path.display(), "this is neither file nor folder and is not in the backup");
    }
    said(&format!(
        "{} files of {} are in {} ({} bytes), and were read back. It holds keys and history in the clear: keep it as safe as \
         the folder itself. Its secrets open with the passphrase of today, which is not in it.",
        made.manifest.files.len(),
        config.data.display(),
        task.file.display(),
        made.length,
    ));
    Ok(())
}

pub(crate) fn restore(config: &Config, task: &Restore) -> anyhow::Result<()> {
    // It would go on writing to what was set aside.
    if UnixStream::connect(&config.broker_socket).is_ok() {
        bail!("Nexus runs on {}. Nothing was changed. Stop it first", config.data.display());
    }
    let existing = if task.replace { Existing::SetAside } else { Existing::Keep };
    let restored = ::backup::restore(&task.file, &config.data, existing, Timestamp::now(), |unpacked| {
        // Whoever was signed in on that day may have been signed out since.
        Ok(server::end_sessions(&Folder::open(unpacked)?)?)
    })?;
    let Manifest { nexus, made_at, files, .. } = restored.manifest;
    let mut words = format!(
        "{} now holds the {} files that Nexus {nexus} backed up at {made_at}. Its secrets open with the passphrase of that \
         day. Everybody has to sign in again, by the password and the passcode of that day. Screens and access links are as \
         they were then: what was removed or revoked since is valid again, and a one-time link that was used since can be \
         used once more. Look through both on the admin pages, and remove or revoke what should not be.",
        config.data.display(),
        files.len()
    );
    if let Some(before) = restored.set_aside {
        words.push_str(&format!(" What was there before is in {}.", before.display()));
    }
    said(&words);
    Ok(())
}

fn listed(manifest: &Manifest) -> String {
    let line = |Entry { name, length, sha256 }: &Entry| format!("\n{sha256} {length:>12} {name}");
    let lines = manifest.files.iter().map(line).collect::<String>();
    format!("Made by Nexus {} at {}, and whole:{lines}", manifest.nexus, manifest.made_at)
}

#[expect(clippy::print_stdout, reason = "this answers the person who typed the command")]
fn said(words: &str) {
    println!("{words}");
}
