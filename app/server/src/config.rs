//! All configuration enters here: environment variables and one TOML file become a typed [`Config`].
//!
//! A variable wins over the file. The rest of the program never looks at either.

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

use connectors::demo::Speed;
use ipnet::IpNet;
use pairing::link::server::Networks;

use crate::settings::{DemoHours, Scenario};
use file::File;
use setting::Setting;

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

impl std::fmt::Display for PublicName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Host(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Where the server's certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// A private authority under `pki/`, made at the first start.
    PrivateAuthority,
    /// Files of the operator, PEM.
    Files {
        /// The chain, the server's own certificate first.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
        /// What screens verify the chain against.
        anchor: FileAnchor,
    },
}

/// What screens verify certificate files against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAnchor {
    /// These certificates, PEM: the operator's own authority.
    File(PathBuf),
    /// The public web's roots, for this host name.
    WebPki(String),
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
        Self::from_parts(strings, file)
    }

    fn from_parts(strings: &impl Strings, file: File) -> Result<Self, ConfigError> {
        let from = |variable: &'static str, value: Option<Setting>| setting::first(strings, variable, value);

        let data = from("NEXUS_DATA", file.data)?.map_or_else(|| PathBuf::from("/data"), |data| data.text.into());
        let names = match setting::variable(strings, "NEXUS_NAMES")? {
            Some(list) => list.split(',').map(|name| name.public_name()).collect::<Result<_, _>>()?,
            None => file.names.iter().map(Setting::public_name).collect::<Result<Vec<_>, _>>()?,
        };
        let certificate = certificate(
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

fn certificate(
    certificate: Option<Setting>,
    key: Option<Setting>,
    anchor: Option<Setting>,
    names: &[PublicName],
) -> Result<Certificate, ConfigError> {
    let wrong = |setting: &Setting, reason: &str| Err(ConfigError::new(&setting.place, reason));
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let host = names.iter().find_map(|name| match name {
                PublicName::Host(host) => Some(host.clone()),
                PublicName::Address(_) => None,
            });
            let anchor = match (anchor, host) {
                (Some(anchor), _) => FileAnchor::File(anchor.text.into()),
                (None, Some(host)) => FileAnchor::WebPki(host),
                (None, None) => {
                    return wrong(
                        &certificate,
                        "screens must know for which host name this certificate is; set names (NEXUS_NAMES). For a \
                         certificate of your own authority, name that authority's file in tls.anchor (NEXUS_ANCHOR)",
                    );
                }
            };
            Ok(Certificate::Files { certificate: certificate.text.into(), key: key.text.into(), anchor })
        }
        (None, None) => match anchor {
            None => Ok(Certificate::PrivateAuthority),
            Some(anchor) => wrong(
                &anchor,
                "an anchor belongs to certificate files; set tls.certificate and tls.key, or leave it out",
            ),
        },
        (Some(certificate), None) => {
            wrong(&certificate, "the certificate needs its private key; set tls.key (NEXUS_KEY)")
        }
        (None, Some(key)) => {
            wrong(&key, "the private key needs its certificate; set tls.certificate (NEXUS_CERTIFICATE)")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, variables: &[(&'static str, &'static str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.toml");
        std::fs::write(&path, text).unwrap();
        let strings = variables.iter().copied().collect::<BTreeMap<_, _>>();
        let prefix = format!("{}/", folder.path().display());
        Config::read(&strings, Some(&path)).map_err(|error| error.to_string().replace(&prefix, ""))
    }

    #[test]
    fn an_empty_configuration_is_complete() {
        let config = read("", &[]).unwrap();
        assert_eq!(config.listen.to_string(), "0.0.0.0:8443");
        assert_eq!((config.open_read, config.announce), (OpenRead::Private, Announce::Network));
        assert_eq!(config.certificate, Certificate::PrivateAuthority);
        assert_eq!(config.broker_socket, Path::new("/data/run/broker.sock"));
    }

    #[test]
    fn a_variable_wins_over_the_file() {
        let config = read("listen = \"127.0.0.1:1\"", &[("NEXUS_LISTEN", "[::1]:2")]).unwrap();
        assert_eq!(config.listen.to_string(), "[::1]:2");
    }

    #[test]
    fn a_server_can_be_told_to_keep_quiet() {
        assert_eq!(read("announce = \"off\"", &[]).unwrap().announce, Announce::Nowhere);
        assert_eq!(read("announce = \"off\"", &[("NEXUS_ANNOUNCE", "on")]).unwrap().announce, Announce::Network);
    }

    #[test]
    fn the_demo_desk_is_chosen_by_the_file_or_by_variables() {
        let text = "[desk]\nseed = 7\nscenario = \"busy_day\"\nhours = \"working\"\nspeed = 5";
        let desk = read(text, &[("NEXUS_DEMO_SPEED", "20"), ("NEXUS_DEMO_HOURS", "all")]).unwrap().desk;
        let expected = DeskChoice {
            seed: Some(7),
            scenario: Some(Scenario::BusyDay),
            hours: Some(DemoHours::All),
            speed: Some(Speed::Twenty),
            poll: None,
        };
        assert_eq!(desk, expected);
        assert_eq!(read("", &[]).unwrap().desk, DeskChoice::default());
    }

    #[test]
    fn parts_of_the_program_may_have_levels_of_their_own() {
        for filter in ["debug", "INFO", "info,server=debug", "warn, broker=trace"] {
            assert_eq!(read("", &[("NEXUS_LOG", filter)]).unwrap().log_filter, filter);
        }
    }

    #[test]
    fn networks_come_from_a_list_or_a_comma_separated_variable() {
        let text = "read_allowlist = [\"192.168.0.0/16\", \"2001:db8::/32\"]";
        let config = read(text, &[("TRUSTED_PROXIES", "10.0.0.1, 10.0.1.0/24")]).unwrap();
        assert_eq!(config.read_allowlist.unwrap().to_string(), "192.168.0.0/16, 2001:db8::/32");
        assert_eq!(config.trusted_proxies.unwrap().to_string(), "10.0.0.1/32, 10.0.1.0/24");
        assert_eq!(read("", &[("READ_ALLOWLIST", "")]).unwrap().read_allowlist, None);
    }

    #[test]
    fn names_come_from_a_list_or_a_comma_separated_variable() {
        let config = read("names = [\"Nexus.example.com\", \"192.0.2.7\"]", &[]).unwrap();
        assert_eq!(config.names[0], PublicName::Host("nexus.example.com".to_owned()));
        assert_eq!(config.names[1].to_string(), "192.0.2.7");
        assert_eq!(read("", &[("NEXUS_NAMES", "a.example, b.example")]).unwrap().names.len(), 2);
    }

    #[test]
    fn a_mistake_is_named_with_its_file_line_and_remedy() {
        type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
        let cases: &[Case] = &[
            (
                "\nlisten = \"8443\"",
                &[],
                "server.toml, line 2: \"8443\" is not an address and port such as 0.0.0.0:8443",
            ),
            ("announce = \"no\"", &[], "server.toml, line 1: \"no\" is not one of on, off"),
            ("", &[("NEXUS_ANNOUNCE", "false")], "NEXUS_ANNOUNCE: \"false\" is not one of on, off"),
            ("a = [", &[], "server.toml, line 1"),
            ("listne = \"x\"", &[], "server.toml, line 1: unknown field `listne`"),
            ("[log]\nformat = \"xml\"", &[], "server.toml, line 2: \"xml\" is not one of text, json"),
            ("", &[("NEXUS_LOG", "inof")], "NEXUS_LOG: \"inof\" is not off, error, warn, info, debug or trace, or"),
            ("[log]\nfilter = \"info,servre\"", &[], "server.toml, line 2: \"info,servre\" is not off, error"),
            ("", &[("NEXUS_TIME_ZONE", "Mars/Olympus")], "NEXUS_TIME_ZONE: \"Mars/Olympus\" is not a time zone"),
            ("[tls]\nkey = \"k\"", &[], "server.toml, line 2: the private key needs its certificate"),
            ("[tls]\ncertificate = \"c\"\nkey = \"k\"", &[], "server.toml, line 2: screens must know"),
            ("[desk]\npoll_seconds = \"0\"", &[], "server.toml, line 2: \"0\" is not a whole number from 1 to 3600"),
            ("[broker]\npeer = \"nexus\"", &[], "server.toml, line 2: \"nexus\" is not the number of a user"),
            ("[desk]\nseed = -1", &[], "server.toml, line 2: \"-1\" is not a whole number, 0 or more"),
            ("[desk]\nspeed = 2", &[], "server.toml, line 2: \"2\" is not one of 1, 5, 20"),
            ("[desk]\nhours = \"night\"", &[], "server.toml, line 2: \"night\" is not one of all, working"),
            ("", &[("NEXUS_DEMO_SCENARIO", "quiet")], "NEXUS_DEMO_SCENARIO: \"quiet\" is not one of calm_day,"),
            ("", &[("NEXUS_DEMO_SPEED", "fast")], "NEXUS_DEMO_SPEED: \"fast\" is not one of 1, 5, 20"),
            ("[metrics]\nnetworks = [\"10.0.0.0/33\"]", &[], "server.toml, line 2: \"10.0.0.0/33\" is not a network"),
            (
                "trusted_proxies = [\"10.0.0.0/33\"]",
                &[],
                "server.toml, line 1: \u{201c}10.0.0.0/33\u{201d} is no network",
            ),
            ("", &[("READ_ALLOWLIST", " , ")], "READ_ALLOWLIST: \" , \" is not a network"),
            ("names = [\"a b\"]", &[], "server.toml, line 1: \"a b\" is not a host name or an address"),
        ];
        for (text, variables, expected) in cases {
            let error = read(text, variables).unwrap_err();
            assert!(error.starts_with(expected), "{error} should begin with {expected}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Config::read(&BTreeMap::new(), Some(Path::new("/nowhere/server.toml"))).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/server.toml: "), "{error}");
    }
}
