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

mod document;
mod erase;
mod file;
mod machine;
mod place;
mod reader;
mod server;
mod wifi;

use std::ops::Range;

use device::Place;
use url::Url;

pub use erase::erase;
pub use file::{bytes, whole};
pub use machine::{Address, Machine};
pub use place::place;
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
    /// How and where the display hangs.
    pub place: Place,
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
    /// Reads the file's text.
    ///
    /// # Errors
    /// The first mistake in it.
    pub fn read(text: &str) -> Result<Self, Mistake> {
        let text = without_mark(text);
        let document = document::parse(text)?;
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
            place: place::read(&root)?,
            forget: root.boolean("forget")?.is_some_and(|forget| forget.value),
            machine: machine::read(&root)?,
        })
    }
}

/// Editors on Windows may put a byte order mark in front.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    line(text.as_bytes(), span.map_or(0, |span| span.start).min(text.len()))
}

/// The line, from 1, on which the byte at `end` of a text stands.
///
/// # Panics
/// The text has not so many bytes.
#[must_use]
pub fn line(text: &[u8], end: usize) -> usize {
    text[..end].iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
