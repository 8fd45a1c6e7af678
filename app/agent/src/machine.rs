//! The machine under the agent: its network, name and time, as `nexus.toml` wants them.
//!
//! The agent has no right to change the machine, so [`Files`] writes what is wanted into a folder of the agent's own,
//! in the formats of the programs that read it in the end. A unit of the image, which has that right, waits for the
//! file `changed` and puts the others in their places:
//!
//! | file | for | mode |
//! |---|---|---|
//! | `system-connections/nexus-wifi.nmconnection` | NetworkManager: the Wi-Fi, its fixed address, and the machine's name for DHCP | 0600 |
//! | `system-connections/nexus-wired.nmconnection` | NetworkManager: the same for the cable | 0600 |
//! | `timesyncd.conf.d/nexus.conf` | systemd-timesyncd: the time servers | 0644 |
//! | `hostname` | the machine's name | 0644 |
//! | `wifi-country` | the country whose radio rules hold, for `iw reg set` | 0644 |
//! | `proxy` | the proxy through which RAUC streams updates, as the agent calls the server | 0644 |
//!
//! What `nexus.toml` does not set has no file. `changed` is written last, and taken away by that unit before it reads the
//! others, so that nothing is written unseen.

mod keyfile;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::folder::{FolderError, replace};
use crate::takeover::TakenOver;
use setup_file::{Address, Config};

/// What can be made of the machine.
pub trait Machine {
    /// Makes it as the file wants it; says whether that changed anything. It can be asked again at any time, and a power
    /// cut in between is mended by the next time.
    ///
    /// # Errors
    /// The disk.
    fn apply(&self, config: &Config, secrets: &TakenOver) -> Result<bool, FolderError>;
}

/// Writes what is wanted into a folder.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

/// A file of the folder.
struct Rendered {
    name: &'static str,
    mode: u32,
    /// `None`: there shall be none.
    content: Option<Zeroizing<String>>,
}

impl Files {
    /// Into this folder, which is made where it is missing.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Machine for Files {
    fn apply(&self, config: &Config, secrets: &TakenOver) -> Result<bool, FolderError> {
        let mut changed = false;
        for file in render(config, secrets) {
            changed |= put(&self.folder.join(file.name), file.mode, file.content.as_deref().map(String::as_bytes))?;
        }
        let stamp = self.folder.join("changed");
        if changed || !stamp.exists() {
            let now = jiff::Timestamp::now().to_string();
            make_parent(&stamp)?;
            replace(&stamp, now.as_bytes(), 0o644)?;
        }
        Ok(changed)
    }
}

fn render(config: &Config, secrets: &TakenOver) -> [Rendered; 6] {
    let wanted = &config.machine;
    let line = |text: &Option<String>| text.as_ref().map(|text| Zeroizing::new(format!("{text}\n")));
    let wifi = wanted.wifi.as_ref();
    let hostname = wanted.hostname.as_deref();
    // The address is the Wi-Fi's, where there is one.
    let cable = if wifi.is_some() { Address::default() } else { wanted.address.clone() };
    let keyfile = |name, content| Rendered { name, mode: 0o600, content };
    let public = |name, content| Rendered { name, mode: 0o644, content };
    [
        keyfile(
            "system-connections/nexus-wifi.nmconnection",
            wifi.map(|wifi| keyfile::wifi(wifi, secrets.passphrase(wifi), wanted)),
        ),
        keyfile(
            "system-connections/nexus-wired.nmconnection",
            (hostname.is_some() || cable != Address::default()).then(|| keyfile::wired(&cable, hostname)),
        ),
        public(
            "timesyncd.conf.d/nexus.conf",
            (!wanted.ntp.is_empty()).then(|| Zeroizing::new(format!("[Time]\nNTP={}\n", wanted.ntp.join(" ")))),
        ),
        public("hostname", line(&wanted.hostname)),
        public("wifi-country", wifi.and_then(|wifi| line(&wifi.country))),
        public("proxy", line(&config.proxy.as_ref().map(ToString::to_string))),
    ]
}

/// Makes a file what it shall be; says whether it was something else.
fn put(path: &Path, mode: u32, content: Option<&[u8]>) -> Result<bool, FolderError> {
    let disk = |error: io::Error| FolderError { path: path.to_owned(), reason: error.to_string(), damaged: false };
    let now = match fs::read(path) {
        Ok(now) => Some(Zeroizing::new(now)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(disk(error)),
    };
    if now.as_ref().map(|now| now.as_slice()) == content {
        return Ok(false);
    }
    match content {
        Some(content) => {
            make_parent(path)?;
            replace(path, content, mode)?;
        }
        None => fs::remove_file(path).map_err(disk)?,
    }
    Ok(true)
}

fn make_parent(path: &Path) -> Result<(), FolderError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| FolderError {
        path: folder.to_owned(),
        reason: error.to_string(),
        damaged: false,
    })
}

#[cfg(test)]
mod tests;
