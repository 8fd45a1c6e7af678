//! All configuration enters here: environment variables and one TOML file become a typed [`Config`].
//!
//! A variable wins over the file. The rest of the program never looks at either.

mod certificate;
mod file;
mod setting;
mod variables;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use demo::Speed;
use ipnet::IpNet;
use pairing::link::server::Networks;
use url::Url;

use crate::settings::{DemoHours, Scenario};
use file::File;
use setting::Setting;

pub use certificate::{Certificate, FileAnchor};
pub use variables::unknown_variables;

/// Where strings come from: the environment, or a map in tests.
pub trait Strings {
    /// The value called `name`, if there is one.
    fn get(&self, name: &str) -> Option<OsString>;
}

/// The environment of this process.
#[derive(Clone, Copy, Debug)]
pub struct Environment;

impl Strings for Environment {
    fn get(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }
}

impl Strings for BTreeMap<&str, &str> {
    fn get(&self, name: &str) -> Option<OsString> {
        BTreeMap::get(self, name).map(OsString::from)
    }
}

/// A mistake in the configuration: where it is, what is wrong, what to do.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct ConfigError {
    place: String,
    reason: String,
}

impl ConfigError {
    pub(crate) fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

/// A name under which browsers and sticks reach the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PublicName {
    /// A host name, in lower case.
    Host(String),
    /// An address.
    Address(IpAddr),
}

impl PublicName {
    /// The host name, where it is one.
    pub(crate) fn host(&self) -> Option<&str> {
        match self {
            Self::Host(name) => Some(name),
            Self::Address(_) => None,
        }
    }
}

impl std::fmt::Display for PublicName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Host(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Who may read a board without being paired or signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenRead {
    /// Everybody on the server's own networks: private source addresses.
    Private,
    /// Everybody who reaches the server.
    Everyone,
    /// Nobody.
    Nobody,
}

/// Where the server is announced, so that new screens find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announce {
    /// Nowhere.
    Nowhere,
    /// In the networks from which it is reached.
    Network,
    /// On this machine alone. Only tests choose this.
    Loopback {
        /// The port of multicast DNS.
        port: u16,
    },
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// What the configuration asks of the desk. What it leaves open is as the settings have it, or else as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskChoice {
    /// Seed of the demo desk.
    pub seed: Option<u64>,
    /// Scenario of the demo desk.
    pub scenario: Option<Scenario>,
    /// At what hours the demo desk is.
    pub hours: Option<DemoHours>,
    /// How fast the demo desk's time runs.
    pub speed: Option<Speed>,
    /// Time between two polls; `None` for what suits the provider.
    pub poll: Option<Duration>,
}

/// Bounds on what strangers can make the server hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections in all.
    pub connections: usize,
    /// Open connections from one address (IPv6: one /64).
    pub connections_per_address: usize,
    /// After this, a connection over which nothing is asked is ended. Only tests choose another.
    pub idle: Duration,
    /// How many times as often as usual strangers may try. Only tests choose another than once.
    pub patience: u32,
}

/// Who may look at the server's inner workings without being an administrator: nobody, unless something stands here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observers {
    /// File that holds the token of `/metrics`.
    pub token_file: Option<PathBuf>,
    /// Networks from which no token is needed.
    pub networks: Vec<IpNet>,
}

/// Where updates of screens come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateSource {
    /// The vendor's `root.json`; without it, nothing is taken for an update.
    pub root: Option<PathBuf>,
    /// The vendor's server. Without it, updates are brought in a folder.
    pub from: Option<Url>,
}

/// The configuration of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where to listen for plain HTTP, for browsers on a LAN; nowhere, as a rule.
    pub listen_http: Option<SocketAddr>,
    /// Where it is announced.
    pub announce: Announce,
    /// The data folder.
    pub data: PathBuf,
    /// Names of this server besides `localhost` and its own addresses. The first is shown to people.
    pub names: Vec<PublicName>,
    /// Where the certificate comes from.
    pub certificate: Certificate,
    /// Who may read without being known.
    pub open_read: OpenRead,
    /// From where anybody may ask for anything at all; from everywhere where there is none.
    pub read_allowlist: Option<Networks>,
    /// Whose `Forwarded` and `X-Forwarded-For` are believed.
    pub trusted_proxies: Option<Networks>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written, in the syntax of `tracing`'s `EnvFilter`.
    pub log_filter: String,
    /// IANA name of the time zone. Where there is none, that of `settings.json` stays; a new installation's is UTC.
    pub time_zone: Option<String>,
    /// What is asked of the desk.
    pub desk: DeskChoice,
    /// Socket of the Broker's signing proxy.
    pub broker_socket: PathBuf,
    /// Number of the user whose processes may ask the Broker beside its own's, where the server runs as another one.
    pub broker_peer: Option<u32>,
    /// Who may look at `/metrics`, and at the reasons of `/readyz`.
    pub observers: Observers,
    /// Where updates of screens come from.
    pub updates: UpdateSource,
    /// Bounds.
    pub limits: Limits,
}

impl Config {
    /// The configuration from the environment and the file that it or `file` names.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn read(strings: &impl Strings, file: Option<&Path>) -> Result<Self, ConfigError> {
        let path = match file {
            Some(path) => Some(path.to_owned()),
            None => strings.get("NEXUS_CONFIG").map(PathBuf::from),
        };
        let file = path.as_deref().map(File::read).transpose()?.unwrap_or_default();
        // Its mistakes are told where a variable wins, too: the start on which that is gone shall not be the first to fail.
        // (A certificate may have its key from a variable, and paths have no mistakes.)
        let alone = File { certificate: None, key: None, anchor: None, ..file.clone() };
        Self::from_parts(&BTreeMap::<&str, &str>::new(), alone)?;
        Self::from_parts(strings, file)
    }

    fn from_parts(strings: &impl Strings, file: File) -> Result<Self, ConfigError> {
        let from = |variable: &'static str, value: Option<Setting>| setting::first(strings, variable, value);

        let data = from("NEXUS_DATA", file.data)?.map_or_else(|| PathBuf::from("/data"), |data| data.text.into());
        let names = match setting::variable(strings, "NEXUS_NAMES")? {
            Some(list) => list.split(',').map(|name| name.public_name()).collect::<Result<_, _>>()?,
            None => file.names.iter().map(Setting::public_name).collect::<Result<Vec<_>, _>>()?,
        };
        let certificate = certificate::from_settings(
            from("NEXUS_CERTIFICATE", file.certificate)?,
            from("NEXUS_KEY", file.key)?,
            from("NEXUS_ANCHOR", file.anchor)?,
            &names,
        )?;
        Ok(Self {
            listen: match from("NEXUS_LISTEN", file.listen)? {
                Some(listen) => listen.parse("an address and port such as 0.0.0.0:8443")?,
                None => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8443)),
            },
            listen_http: from("NEXUS_LISTEN_HTTP", file.listen_http)?
                .map(|listen| listen.parse("an address and port such as 192.168.1.5:8080"))
                .transpose()?,
            announce: match from("NEXUS_ANNOUNCE", file.announce)? {
                Some(choice) => choice.choose(&[("on", Announce::Network), ("off", Announce::Nowhere)])?,
                None => Announce::Network,
            },
            open_read: match from("NEXUS_OPEN_READ", file.open_read)? {
                Some(choice) => choice.choose(&[
                    ("private", OpenRead::Private),
                    ("everyone", OpenRead::Everyone),
                    ("nobody", OpenRead::Nobody),
                ])?,
                None => OpenRead::Private,
            },
            read_allowlist: networks(strings, "READ_ALLOWLIST", &file.read_allowlist)?,
            trusted_proxies: networks(strings, "TRUSTED_PROXIES", &file.trusted_proxies)?,
            log_format: match from("NEXUS_LOG_FORMAT", file.log_format)? {
                Some(choice) => choice.choose(&[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
                None => LogFormat::Text,
            },
            log_filter: match from("NEXUS_LOG", file.log_filter)? {
                Some(filter) => filter.log_filter()?,
                None => "info".to_owned(),
            },
            time_zone: from("NEXUS_TIME_ZONE", file.time_zone)?.map(|zone| zone.time_zone()).transpose()?,
            desk: DeskChoice {
                seed: from("NEXUS_DEMO_SEED", file.demo_seed)?
                    .map(|seed| seed.parse("a whole number, 0 or more"))
                    .transpose()?,
                scenario: from("NEXUS_DEMO_SCENARIO", file.demo_scenario)?
                    .map(|choice| choice.choose(Scenario::NAMES))
                    .transpose()?,
                hours: from("NEXUS_DEMO_HOURS", file.demo_hours)?
                    .map(|choice| choice.choose(DemoHours::NAMES))
                    .transpose()?,
                speed: from("NEXUS_DEMO_SPEED", file.demo_speed)?
                    .map(|choice| choice.choose(&[("1", Speed::Real), ("5", Speed::Five), ("20", Speed::Twenty)]))
                    .transpose()?,
                poll: from("NEXUS_POLL_SECONDS", file.poll_seconds)?
                    .map(|seconds| seconds.within(1, 3600).map(Duration::from_secs))
                    .transpose()?,
            },
            broker_socket: from("NEXUS_BROKER_SOCKET", file.broker_socket)?
                .map_or_else(|| data.join("run/broker.sock"), |path| path.text.into()),
            broker_peer: from("NEXUS_BROKER_PEER", file.broker_peer)?
                .map(|user| user.parse("the number of a user, such as 998 (`id --user`)"))
                .transpose()?,
            observers: Observers {
                token_file: from("NEXUS_METRICS_TOKEN_FILE", file.metrics_token_file)?.map(|path| path.text.into()),
                networks: match setting::variable(strings, "NEXUS_METRICS_NETWORKS")? {
                    Some(list) => list.split(',').map(|network| network.network()).collect::<Result<_, _>>()?,
                    None => file.metrics_networks.iter().map(Setting::network).collect::<Result<_, _>>()?,
                },
            },
            updates: UpdateSource {
                root: from("NEXUS_UPDATES_ROOT", file.updates_root)?.map(|path| path.text.into()),
                from: from("NEXUS_UPDATES_FROM", file.updates_from)?
                    .map(|address| address.parse("an address such as https://updates.example.com/nexus/"))
                    .transpose()?,
            },
            limits: Limits {
                connections: match from("NEXUS_CONNECTIONS", file.connections)? {
                    Some(number) => number.within(1, 1_000_000)? as usize,
                    None => 12_000,
                },
                connections_per_address: match from("NEXUS_CONNECTIONS_PER_ADDRESS", file.connections_per_address)? {
                    Some(number) => number.within(1, 1_000_000)? as usize,
                    None => 1_024,
                },
                idle: Duration::from_secs(60),
                patience: 1,
            },
            data,
            names,
            certificate,
        })
    }
}

/// The networks of the variable called `variable`, else those of the file.
fn networks(strings: &impl Strings, variable: &'static str, file: &[Setting]) -> Result<Option<Networks>, ConfigError> {
    if let Some(list) = setting::variable(strings, variable)? {
        return list.networks().map(Some);
    }
    let networks = file.iter().map(Setting::networks).collect::<Result<Vec<_>, _>>()?;
    Ok(networks.into_iter().reduce(Networks::and))
}

#[cfg(test)]
mod tests;
