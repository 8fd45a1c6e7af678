//! One setting: its text, and where it stands.

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;
use jiff::tz::TimeZone;
use pairing::link::server::Networks;
use rustls_pki_types::DnsName;

use super::{ConfigError, PublicName, Strings};

#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) place: String,
    pub(super) text: String,
}

/// The variable called `name`, else the value of the file.
pub(super) fn first(
    strings: &impl Strings,
    name: &'static str,
    file: Option<Setting>,
) -> Result<Option<Setting>, ConfigError> {
    Ok(variable(strings, name)?.or(file))
}

/// The variable called `name`; an empty one counts as unset, which is how compose files leave one out.
pub(super) fn variable(strings: &impl Strings, name: &'static str) -> Result<Option<Setting>, ConfigError> {
    debug_assert!(super::variables::VARIABLES.contains(&name), "{name} is missing in the list of variables");
    match strings.get(name).map(std::ffi::OsString::into_string) {
        None => Ok(None),
        Some(Ok(text)) if text.is_empty() => Ok(None),
        Some(Ok(text)) => Ok(Some(Setting { place: name.to_owned(), text })),
        Some(Err(_)) => Err(ConfigError::new(name, "is not UTF-8; enter it again")),
    }
}

impl Setting {
    pub(super) fn parse<T: FromStr>(&self, what: &str) -> Result<T, ConfigError> {
        self.text.trim().parse().map_err(|_| self.is_not(what))
    }

    pub(super) fn within(&self, least: u64, most: u64) -> Result<u64, ConfigError> {
        let what = format!("a whole number from {least} to {most}");
        let number = self.parse::<u64>(&what)?;
        if (least..=most).contains(&number) { Ok(number) } else { Err(self.is_not(&what)) }
    }

    pub(super) fn choose<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, ConfigError> {
        choices.iter().find(|(name, _)| *name == self.text).map(|(_, choice)| *choice).ok_or_else(|| {
            let names = choices.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            self.is_not(&format!("one of {names}"))
        })
    }

    pub(super) fn time_zone(&self) -> Result<String, ConfigError> {
        match TimeZone::get(&self.text) {
            Ok(_) => Ok(self.text.clone()),
            Err(_) => Err(self.is_not("a time zone; write an IANA name such as Europe/London")),
        }
    }

    /// A filter of log lines. Of a single word `EnvFilter` thinks that it names a part of the program, so that a slip in
    /// a level would end all logging.
    pub(super) fn log_filter(&self) -> Result<String, ConfigError> {
        const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
        let is_level = |word: &str| LEVELS.contains(&word.to_ascii_lowercase().as_str());
        if self.text.split(',').map(str::trim).all(|part| part.contains('=') || is_level(part)) {
            return Ok(self.text.clone());
        }
        Err(self.is_not("off, error, warn, info, debug or trace, or such a level for a part, as in info,server=debug"))
    }

    pub(super) fn public_name(&self) -> Result<PublicName, ConfigError> {
        if let Ok(address) = IpAddr::from_str(&self.text) {
            return Ok(PublicName::Address(address));
        }
        match DnsName::try_from(self.text.as_str()) {
            Ok(name) => Ok(PublicName::Host(name.as_ref().to_ascii_lowercase())),
            Err(_) => Err(self.is_not("a host name or an address; leave out https:// and the port")),
        }
    }

    pub(super) fn network(&self) -> Result<IpNet, ConfigError> {
        let text = self.text.trim();
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| self.is_not("a network such as 10.0.0.0/8, or an address"))
    }

    pub(super) fn networks(&self) -> Result<Networks, ConfigError> {
        let networks =
            self.text.parse::<Networks>().map_err(|error| ConfigError::new(&self.place, error.to_string()))?;
        if networks.are_everywhere() {
            Err(self.is_not("a network; write one like 192.168.10.0/24"))
        } else {
            Ok(networks)
        }
    }

    pub(super) fn split(&self, separator: char) -> impl Iterator<Item = Self> {
        self.text
            .split(separator)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| Self { place: self.place.clone(), text: part.to_owned() })
    }

    fn is_not(&self, what: &str) -> ConfigError {
        ConfigError::new(&self.place, format!("{:?} is not {what}", self.text))
    }
}
