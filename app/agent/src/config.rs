//! `nexus.toml`: what the operator wrote on the set-up partition. A mistake is told with its line, and nothing of
//! the file is applied.
//!
//! ```toml
//! server = "https://nexus.example.com:8443"   # not needed beside an access link
//! access_link = "https://nexus.example.com:8443/s/…#….…"   # its key is erased once it was taken over
//! rotation = 90                       # clockwise: 0, 90, 180, 270
//! reduce_motion = true                # nothing fades or pulses: everything changes at once
//! hostname = "lobby-tv"
//! time_zone = "Europe/Berlin"
//! ntp = ["ntp.example.com"]           # else what DHCP names
//! proxy = "http://proxy.example.com:3128"
//! forget = true                       # pair anew; it becomes false once that was done
//!
//! [trust]
//! ca = """PEM"""                      # the server must verify against this, even before pairing
//!
//! [wifi]
//! ssid = "Office"
//! key = "at least eight characters"   # erased once it was taken over; without it, the network is an open one
//! security = "wpa2"                   # or "wpa3"; wpa2 joins networks that offer both, too
//! country = "DE"
//! hidden = false
//!
//! [network]                           # a fixed address: of the Wi-Fi where there is a [wifi], else of the cable
//! address = "192.0.2.10/24"
//! gateway = "192.0.2.1"
//! dns = ["192.0.2.1"]
//! ```

mod erase;
mod machine;
mod reader;
mod server;
mod wifi;

use std::ops::Range;

use device::Place;
use jiff::tz::TimeZone;
use toml_edit::Document;
use url::Url;

pub use erase::erase;
pub use machine::{Address, Machine};
pub use server::Link;
pub use wifi::{Key, Passphrase, Security, Wifi};

use reader::Table;

/// Largest file that is read, in bytes.
pub const MAX_FILE: u64 = 256 * 1024;
/// What stands in a secret's place once it was taken over.
pub const ERASED: &str = "erased";

/// What `nexus.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The server's base address, `https`; an access link names it as well.
    pub server: Option<Url>,
    /// A certificate authority, PEM, that the server must verify against even before pairing.
    pub ca: Option<String>,
    /// A link by which to join without a person.
    pub link: Option<Link>,
    /// The proxy that calls to the server go through, `http`.
    pub proxy: Option<Url>,
    /// Clockwise rotation of the picture in degrees: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Whether everything changes at once, without movement.
    pub reduce_motion: bool,
    /// IANA name of the time zone where the display hangs.
    pub time_zone: Option<String>,
    /// The pairing and the keys shall be put aside, once.
    pub forget: bool,
    /// What the machine under the agent shall be.
    pub machine: Machine,
}

/// Why the file is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it, and what would be right. It repeats no secret.
    pub reason: String,
}

impl Config {
    /// How and where the display hangs.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { turned: self.rotation, time_zone: self.time_zone.clone(), reduce_motion: self.reduce_motion }
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// The first mistake in it.
    pub fn read(text: &str) -> Result<Self, Mistake> {
        // Editors on Windows may put a byte order mark in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = Document::parse(text).map_err(|error| {
            let reason = error.message().lines().next().unwrap_or("this is no TOML").to_owned();
            Mistake { line: line_of(text, error.span()), reason }
        })?;
        let root = Table::root(text, &document);
        root.knows(&[
            "server",
            "access_link",
            "rotation",
            "reduce_motion",
            "hostname",
            "time_zone",
            "ntp",
            "proxy",
            "forget",
            "trust",
            "wifi",
            "network",
        ])?;
        let (server, link) = server::read(&root)?;
        Ok(Self {
            server,
            ca: server::authority(&root)?,
            link,
            proxy: server::proxy(&root)?,
            rotation: rotation(&root)?,
            reduce_motion: root.boolean("reduce_motion")?.is_some_and(|reduce| reduce.value),
            time_zone: time_zone(&root)?,
            forget: root.boolean("forget")?.is_some_and(|forget| forget.value),
            machine: machine::read(&root)?,
        })
    }
}

fn rotation(root: &Table<'_>) -> Result<u16, Mistake> {
    let Some(rotation) = root.integer("rotation")? else { return Ok(0) };
    u16::try_from(rotation.value)
        .ok()
        .filter(|degrees| matches!(degrees, 0 | 90 | 180 | 270))
        .ok_or_else(|| rotation.mistake(format!("rotation = {}: only 0, 90, 180 and 270", rotation.value)))
}

fn time_zone(root: &Table<'_>) -> Result<Option<String>, Mistake> {
    let Some(zone) = root.string("time_zone")? else { return Ok(None) };
    match TimeZone::get(zone.value) {
        Ok(_) => Ok(Some(zone.value.to_owned())),
        Err(_) => Err(zone.mistake(format!("time_zone = \"{}\" is none; write one like Europe/Berlin", zone.value))),
    }
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    line(text.as_bytes(), span.map_or(0, |span| span.start).min(text.len()))
}

/// The line, from 1, on which the byte at `end` stands.
pub(crate) fn line(text: &[u8], end: usize) -> usize {
    text[..end].iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
