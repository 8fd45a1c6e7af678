//! RAUC's service on the system bus: writes bundles, and knows the slots. Its interface is described in RAUC's manual
//! ("D-Bus API").

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use device::fleet::{MAX_REASON, Slot};
use futures_util::StreamExt as _;
use updates::{Manifest, Version};
use zbus::{DBusError as _, Variant};

use super::{BootFlow, Installer, Origin, Started};

/// How long RAUC may be silent while it installs: neither percent nor end. Writing a step takes seconds, and a stalled
/// download ends by itself.
const SILENT: Duration = Duration::from_secs(15 * 60);

#[zbus::proxy(interface = "de.pengutronix.rauc.Installer", default_service = "de.pengutronix.rauc", default_path = "/")]
trait Service {
    fn install_bundle(&self, source: &str, args: HashMap<&str, Variant<'_>>) -> zbus::Result<()>;
    fn mark(&self, state: &str, slot_identifier: &str) -> zbus::Result<(String, String)>;

    #[zbus(signal)]
    fn completed(&self, result: i32) -> zbus::Result<()>;

    #[zbus(property)]
    fn boot_slot(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn compatible(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn last_error(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn progress(&self) -> zbus::Result<(i32, String, i32)>;
}

/// The unit that gives a slot its starts back, once TV and agent have lived for a while: `image/root`.
#[zbus::proxy(
    interface = "org.freedesktop.systemd1.Unit",
    default_service = "org.freedesktop.systemd1",
    default_path = "/org/freedesktop/systemd1/unit/nexus_2dworks_2eservice"
)]
trait Works {
    #[zbus(property(emits_changed_signal = "false"))]
    fn active_state(&self) -> zbus::Result<String>;
}

/// RAUC, and the boot loader behind it.
#[derive(Clone, Debug)]
pub struct Rauc {
    service: ServiceProxy<'static>,
    works: WorksProxy<'static>,
    places: Places,
}

/// Where is what RAUC does not know.
#[derive(Clone, Debug)]
pub struct Places {
    /// The kernel's command line.
    pub command_line: PathBuf,
    /// `os-release` of the running system.
    pub os_release: PathBuf,
    /// A file that restarts the machine when it appears.
    pub restart: PathBuf,
    /// The folder in which a system says why it left its slot: `app/slots`.
    pub reasons: PathBuf,
}

impl Rauc {
    /// Over a connection to a bus. RAUC itself is asked when it is needed.
    ///
    /// # Errors
    /// The bus.
    pub async fn new(bus: &zbus::Connection, places: Places) -> zbus::Result<Self> {
        Ok(Self { service: ServiceProxy::new(bus).await?, works: WorksProxy::new(bus).await?, places })
    }

    async fn last_error(&self) -> String {
        match self.service.last_error().await {
            Ok(error) if !error.is_empty() => error,
            Ok(_) => "RAUC does not say why".to_owned(),
            Err(error) => words(&error),
        }
    }

    async fn slot(&self) -> Result<Slot, String> {
        let name = self.service.boot_slot().await.map_err(|error| words(&error))?;
        slot_of(&name).ok_or_else(|| format!("RAUC says that slot {name:?} runs"))
    }
}

impl Installer for Rauc {
    async fn install(
        &self,
        release: &Manifest,
        origin: &Origin,
        progress: impl Fn(u8) + Send + Sync,
    ) -> Result<(), String> {
        let (mut completed, mut percents) = tokio::try_join!(self.service.receive_completed(), async {
            Ok(self.service.receive_progress_changed().await)
        })
        .map_err(|error| words(&error))?;
        let args = HashMap::from([
            // Whatever a mirror sends: only what the vendor's repository named is written.
            ("require-manifest-hash", Variant::from(release.bundle.manifest_hash.to_string())),
            ("tls-ca", Variant::from(origin.ca.to_string_lossy().into_owned())),
        ]);
        self.service.install_bundle(origin.url.as_str(), args).await.map_err(|error| words(&error))?;
        loop {
            tokio::select! {
                ended = completed.next() => {
                    let result = ended.ok_or("RAUC ended while it installed")?;
                    return match result.args().map_err(|error| words(&error))?.result {
                        0 => Ok(()),
                        _ => Err(self.last_error().await),
                    };
                }
                Some(changed) = percents.next() => {
                    if let Ok((percent, _, _)) = changed.get().await {
                        progress(u8::try_from(percent.clamp(0, 100)).unwrap_or(100));
                    }
                }
                () = tokio::time::sleep(SILENT) => {
                    return Err(format!("RAUC said nothing for {} minutes while it installed", SILENT.as_secs() / 60));
                }
            }
        }
    }
}

impl BootFlow for Rauc {
    async fn started(&self) -> Result<Started, String> {
        let line = read(&self.places.command_line)?;
        // What starts the slots says its version from the second on.
        let boot = line.split_ascii_whitespace().rev().find_map(|word| word.strip_prefix("nexus.boot="));
        let boot = boot.map_or(Ok(1), str::parse).map_err(|error| format!("nexus.boot: {error}"))?;
        let slot = self.slot().await?;
        let compatible = self.service.compatible().await.map_err(|error| words(&error))?;
        Ok(Started {
            slot,
            version: image_version(&read(&self.places.os_release)?)?,
            compatible: compatible.try_into().map_err(|error| format!("RAUC's compatible: {error}"))?,
            boot,
            proven: self.proven().await?,
            left: left(&self.places.reasons, slot.other()),
        })
    }

    async fn proven(&self) -> Result<bool, String> {
        Ok(self.works.active_state().await.map_err(|error| words(&error))? == "active")
    }

    async fn activate(&self, slot: Slot) -> Result<(), String> {
        let which = if self.slot().await? == slot { "booted" } else { "other" };
        self.service.mark("active", which).await.map(drop).map_err(|error| words(&error))
    }

    async fn restart(&self) -> Result<(), String> {
        std::fs::write(&self.places.restart, "").map_err(|error| at(&self.places.restart, &error))
    }
}

/// Why a slot was left, by its own last words.
fn left(reasons: &Path, slot: Slot) -> Option<String> {
    let name = match slot {
        Slot::A => "left-a",
        Slot::B => "left-b",
    };
    let reason = std::fs::read_to_string(reasons.join(name)).ok()?;
    Some(reason.trim().chars().take(MAX_REASON).collect())
}

/// The version of an image, as `os-release` has it.
///
/// # Errors
/// There is none, or none that reads as one.
pub fn image_version(os_release: &str) -> Result<Version, String> {
    let value = os_release.lines().find_map(|line| line.strip_prefix("IMAGE_VERSION="));
    let value = value.ok_or("os-release names no IMAGE_VERSION")?.trim_matches(['"', '\'']);
    value.parse().map_err(|error| format!("IMAGE_VERSION {value:?} of os-release: {error}"))
}

/// A slot by the name that the boot loader has for it, which is RAUC's `bootname`.
fn slot_of(name: &str) -> Option<Slot> {
    match name {
        "a" => Some(Slot::A),
        "b" => Some(Slot::B),
        _ => None,
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| at(path, &error))
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// What went wrong, for people: RAUC's own words where they are RAUC's.
fn words(error: &zbus::Error) -> String {
    let own = match error {
        zbus::Error::MethodError(_, own, _) => own.as_deref(),
        zbus::Error::FDO(error) => error.description(),
        _ => None,
    };
    own.map_or_else(|| format!("RAUC's service: {error}"), str::to_owned)
}

#[cfg(test)]
mod tests;
