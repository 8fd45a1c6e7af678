//! `nexus updates`: fills the mirror of the vendor's updates. A process of its own, because the server's may begin no
//! connection.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Subcommand;
use jiff::Timestamp;
use nix::unistd::{Gid, Uid, geteuid, setgid, setgroups, setuid};
use server::{
    Config,
    updates::{Mirror, Offered, Origin, fill},
};
use tokio::time::{MissedTickBehavior, interval};

use crate::{data_folder, lifeline::Lifeline};

/// How often the vendor is asked. Metadata is believed for days.
const EVERY: Duration = Duration::from_secs(3600);

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Take over the vendor's releases from a folder, such as a USB stick: metadata/ and targets/ are in it.
    Import {
        /// The folder.
        folder: PathBuf,
    },
    /// Look for new releases at the vendor's address (NEXUS_UPDATES_FROM) once.
    Fetch,
    /// Look for new releases every hour: `nexus serve` runs this.
    #[command(hide = true)]
    Follow {
        #[command(flatten)]
        lifeline: Lifeline,
    },
}

pub(crate) fn run(config: &Config, task: &Task) -> anyhow::Result<()> {
    let filling = Filling::new(config)?;
    let owner = become_owner(&config.data)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match task {
            Task::Import { folder } => {
                let offered = filling.once(&Origin::Folder(folder.clone())).await;
                said(&offered.with_context(|| words(owner))?);
            }
            Task::Fetch => said(&filling.once(&from(config)?).await?),
            Task::Follow { lifeline } => {
                let ends = lifeline.ends()?;
                let origin = from(config)?;
                tokio::select! {
                    () = ends => {}
                    () = filling.for_ever(&origin) => {}
                }
            }
        }
        Ok(())
    })
}

/// Becomes the user whose data folder this is, where root typed the command: what is written then is the service's. Answers
/// who that is.
fn become_owner(data: &Path) -> anyhow::Result<Option<Uid>> {
    let folder = std::fs::metadata(data).with_context(|| format!("cannot look at {}", data.display()))?;
    let (user, group) = (Uid::from_raw(folder.uid()), Gid::from_raw(folder.gid()));
    if !geteuid().is_root() || user.is_root() {
        return Ok(None);
    }
    let become_it = || setgroups(&[group]).and_then(|()| setgid(group)).and_then(|()| setuid(user));
    become_it()
        .with_context(|| format!("cannot become user {user}, whose {} is; run this as that user", data.display()))?;
    Ok(Some(user))
}

/// With whose eyes a folder was read.
fn words(owner: Option<Uid>) -> String {
    let other = owner.map(|user| format!(", as user {user}, whose data folder this is, sees it"));
    format!("the releases are not taken over{}", other.unwrap_or_default())
}

fn from(config: &Config) -> anyhow::Result<Origin> {
    let address = config.updates.from.clone();
    address.map(Origin::Address).context("there is no address; name the vendor's in NEXUS_UPDATES_FROM")
}

struct Filling {
    mirror: Mirror,
    root: Vec<u8>,
}

impl Filling {
    fn new(config: &Config) -> anyhow::Result<Self> {
        let Some(root) = &config.updates.root else {
            bail!("nobody is trusted for updates yet; name the vendor's root.json in NEXUS_UPDATES_ROOT");
        };
        let root =
            std::fs::read(root).with_context(|| format!("cannot read {}; check NEXUS_UPDATES_ROOT", root.display()))?;
        Ok(Self { mirror: Mirror::open(&data_folder(config)?)?, root })
    }

    async fn once(&self, origin: &Origin) -> anyhow::Result<Offered> {
        Ok(fill(&self.mirror, &self.root, origin, Timestamp::now()).await?)
    }

    async fn for_ever(&self, origin: &Origin) {
        let mut looks = interval(EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            match self.once(origin).await {
                Ok(offered) => tracing::info!(releases = offered.releases.len(), "the update mirror is up to date"),
                Err(error) => tracing::warn!("the update mirror stays as it is: {error:#}"),
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "this answers the person who typed the command")]
fn said(offered: &Offered) {
    for release in &offered.releases {
        println!("{} for {} is offered to screens", release.version, release.compatible);
    }
    println!("Screens believe this until {}.", offered.fresh_until);
}
