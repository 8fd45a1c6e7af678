//! `nexus-release`: makes keys, publishes releases, keeps the repository fresh, replaces keys. See `scripts/release`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use repository::publish::{Keys, Plan, Published, Publisher, Successor, default_waves};
use updates::{ManifestHash, Name, Version, Wave, Waves};

/// Publishes releases of the appliance in a repository that screens follow.
#[derive(Parser)]
#[command(name = "nexus-release", version)]
struct Command {
    /// Say what would be done, and do nothing.
    #[arg(long, global = true)]
    dry_run: bool,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the keys of a new vendor: three root keys of which two sign, one key of each other role, and the
    /// certificates by which bundles are signed.
    Keys {
        /// The folder that they are made in.
        #[arg(long, value_name = "FOLDER")]
        keys: PathBuf,
    },
    /// Publish a bundle.
    Publish {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        release: Box<Release>,
    },
    /// Sign fresh metadata, before the old one expires.
    Refresh {
        #[command(flatten)]
        place: Place,
    },
    /// Let a new key take the place of one: root-2, targets-1; or `bundle`, the one that signs bundles.
    Rotate {
        #[command(flatten)]
        place: Place,
        /// Its name, as in keys.json.
        name: String,
    },
    /// Take a key out that is lost or in wrong hands; a new one takes its place where too few would be left.
    Revoke {
        #[command(flatten)]
        place: Place,
        /// Its name, as in keys.json.
        name: String,
    },
}

#[derive(Args)]
struct Place {
    /// The folder of the repository: metadata/ and targets/ are in it.
    #[arg(long, value_name = "FOLDER")]
    repository: PathBuf,
    /// The folder of the keys.
    #[arg(long, value_name = "FOLDER")]
    keys: PathBuf,
    /// A root key that lies elsewhere; may be given more than once.
    #[arg(long, value_name = "FILE")]
    root_key: Vec<PathBuf>,
}

#[derive(Args)]
struct Release {
    /// The RAUC bundle.
    #[arg(long, value_name = "FILE")]
    bundle: PathBuf,
    /// The hash of the manifest in it: 64 digits of lower-case hexadecimal.
    #[arg(long, value_name = "HEX")]
    manifest_hash: String,
    /// Its version.
    #[arg(long, value_name = "VERSION")]
    version: Version,
    /// Its compatible string.
    #[arg(long, value_name = "NAME")]
    compatible: String,
    /// The version of the boot partition's contract that it needs at least.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    minimum_boot: u32,
    /// Shares of all screens, and hours after now: 5:0,50:24,100:72. The usual ones reach everybody within six days.
    #[arg(long, value_name = "PERCENT:HOURS,…")]
    waves: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = Command::parse();
    let done = async {
        let plan = planned(&command.task, Timestamp::now()).await?;
        if command.dry_run {
            said("Nothing is written. Otherwise this");
            plan.told().iter().for_each(|line| said(line));
            return Ok(());
        }
        let words = plan.words().to_vec();
        plan.carry_out()?;
        words.iter().for_each(|line| said(line));
        anyhow::Ok(())
    };
    match done.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "what ends the command is for the person who started it")]
            {
                eprintln!("nexus-release: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn planned(task: &Task, now: Timestamp) -> anyhow::Result<Plan> {
    let open = |place: &Place| {
        let keys = Keys::open(&place.keys, &place.root_key)?;
        anyhow::Ok(Publisher::new(&place.repository, keys, now))
    };
    match task {
        Task::Keys { keys } => Keys::make(keys, now).await,
        Task::Publish { place, release } => open(place)?.publish(&release.read()?).await,
        Task::Refresh { place } => open(place)?.refresh().await,
        Task::Rotate { place, name } if name == "bundle" => Keys::open(&place.keys, &[])?.rotate_signer(now),
        Task::Rotate { place, name } => open(place)?.take_out(name, Successor::Always).await,
        Task::Revoke { place, name } => open(place)?.take_out(name, Successor::IfNeeded).await,
    }
}

impl Release {
    fn read(&self) -> anyhow::Result<Published> {
        Ok(Published {
            bundle: self.bundle.clone(),
            manifest_hash: ManifestHash::try_from(self.manifest_hash.clone())?,
            version: self.version.clone(),
            compatible: Name::try_from(self.compatible.clone())?,
            minimum_boot: self.minimum_boot,
            waves: self.waves.as_deref().map_or_else(|| Ok(default_waves()), waves)?,
        })
    }
}

fn waves(text: &str) -> anyhow::Result<Waves> {
    let wave = |part: &str| {
        let (percent, hours) = part.trim().split_once(':')?;
        Some(Wave { percent: percent.parse().ok()?, hours: hours.parse().ok()? })
    };
    let waves = text.split(',').map(wave).collect::<Option<Vec<_>>>();
    Ok(Waves::try_from(waves.with_context(|| format!("{text:?} are no waves; write them like 5:0,100:48"))?)?)
}

#[expect(clippy::print_stdout, reason = "this answers the person who typed the command")]
fn said(words: &str) {
    println!("{words}");
}
