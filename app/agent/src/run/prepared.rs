//! From the set-up file and the state folder to what the agent begins with.

use std::path::Path;

use device::Place;
use jiff::Timestamp;
use pairing::Entropy;
use setup_file::{Config, Machine as Wanted};
use zeroize::Zeroizing;

use super::{Places, wrong::Wrong};
use crate::connection::before_pairing;
use crate::core::Setup;
use crate::folder::{self, Folder, FolderError, Stored};
use crate::machine::{Files, Machine as _};
use crate::takeover::TakenOver;
use crate::{hardware, setup};

/// What the agent has read before it begins.
pub(super) struct Prepared {
    pub(super) setup: Setup,
    pub(super) place: Place,
    pub(super) folder: Folder,
    pub(super) stored: Stored,
    pub(super) taken: TakenOver,
    pub(super) text: Zeroizing<String>,
}

/// Reads the set-up and the state folder, and takes over what the set-up says.
pub(super) fn prepare(places: &Places, entropy: &Entropy) -> Result<Prepared, Wrong> {
    let text = setup::read(&places.config).map_err(|error| Wrong::Config(error.to_string()))?;
    let config = Config::read(&text).map_err(|mistake| Wrong::Config(mistake.to_string()))?;
    let (folder, mut stored) = open(places, &config, entropy).map_err(Wrong::Folder)?;
    let needs_file = stored.pairing.is_none() || stored.taken.has_wifi();
    if needs_file && places.setup_partition.as_deref().is_some_and(|folder| !setup::is_mounted(folder)) {
        return Err(Wrong::NoSetUp);
    }
    let remembered = stored.pairing.as_ref().map(|pairing| pairing.server.clone());
    let server = config.server.clone().or_else(|| remembered.clone());
    if remembered.is_some() && remembered != server {
        tracing::info!("nexus.toml names another server than the stored pairing; the screen pairs with that one");
        stored.pairing = None;
    }
    // No file takes nothing back: its partition may be away for this start alone, and its keys were erased there.
    let says_nothing = text.is_empty();
    let mut taken = if says_nothing {
        stored.taken.clone()
    } else {
        stored.taken.and(&config, stored.pairing.is_some()).map_err(|mistake| Wrong::Config(mistake.to_string()))?
    };
    if taken != stored.taken {
        folder.take_over(&taken).map_err(Wrong::Folder)?;
    }
    let text = erase(&places.config, text);
    // What is written there once more is done once more.
    let left = Config::read(&text).map_err(|mistake| Wrong::Config(mistake.to_string()))?;
    if !says_nothing && taken != taken.forgotten(&left) {
        taken = taken.forgotten(&left);
        folder.take_over(&taken).map_err(Wrong::Folder)?;
    }
    make(places.machine.as_deref(), &config, &taken).map_err(Wrong::Folder)?;
    let setup = Setup {
        server,
        link: taken.link(&config),
        proxy: config.proxy,
        configured: config.server.is_some(),
        before_pairing: before_pairing(config.ca.as_deref()),
        rotation: config.place.turned,
        description: hardware::describe(places.boards.as_deref()),
    };
    Ok(Prepared { setup, place: config.place, folder, stored, taken, text })
}

/// Opens the state folder. What the screen was paired with is put aside first, damaged or not, where the file wants that.
fn open(places: &Places, config: &Config, entropy: &Entropy) -> Result<(Folder, Stored), FolderError> {
    let opened = Folder::open(&places.state, places.machine_key.as_deref(), entropy);
    let wanted = match &opened {
        Ok((_, stored)) if stored.pairing.is_some() || config.forget => stored.taken.wants_another_pairing(config),
        Ok(_) => false,
        // What is damaged was not mended by an earlier time.
        Err(error) if error.damaged => config.forget || folder::taken_over(&places.state).wants_another_pairing(config),
        Err(_) => false,
    };
    if !wanted {
        return opened;
    }
    for (from, to) in folder::put_aside(&places.state, Timestamp::now())? {
        tracing::warn!("nexus.toml wants another pairing: {} is now {}", from.display(), to.display());
    }
    let entropy = entropy.split("another pairing");
    let (folder, mut stored) = Folder::open(&places.state, places.machine_key.as_deref(), &entropy)?;
    stored.taken = stored.taken.forgotten(config);
    folder.take_over(&stored.taken)?;
    Ok((folder, stored))
}

/// Erases the secrets in the file once they were taken over, and wishes that are done with. A partition that cannot be written is no reason to show
/// nothing.
fn erase(path: &Path, text: Zeroizing<String>) -> Zeroizing<String> {
    match setup::erase(path, &text) {
        Ok(None) => text,
        Ok(Some(erased)) => {
            tracing::info!("what is done with was erased in nexus.toml");
            erased
        }
        Err(error) => {
            tracing::error!("what is done with could not be erased in nexus.toml: {error}");
            text
        }
    }
}

/// Makes the machine what the file says, where that is this program's to do.
fn make(machine: Option<&Path>, config: &Config, taken: &TakenOver) -> Result<(), FolderError> {
    let Some(folder) = machine else {
        if config.machine != Wanted::default() {
            tracing::warn!("this machine's name, time and network are not the agent's to set without --machine-dir");
        }
        return Ok(());
    };
    if Files::new(folder.to_owned()).apply(config, taken)? {
        tracing::info!("what nexus.toml says of this machine was written to {}", folder.display());
    }
    Ok(())
}
