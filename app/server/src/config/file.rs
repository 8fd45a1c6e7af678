//! The TOML file.

use std::{fmt, path::Path};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor, value::SeqAccessDeserializer},
};
use toml::Spanned;

use super::{ConfigError, setting::Setting};

/// Every setting of the file, with the place where it stands.
#[derive(Clone, Default)]
pub(super) struct File {
    pub(super) listen: Option<Setting>,
    pub(super) listen_http: Option<Setting>,
    pub(super) announce: Option<Setting>,
    pub(super) data: Option<Setting>,
    pub(super) names: Vec<Setting>,
    pub(super) open_read: Option<Setting>,
    pub(super) read_allowlist: Vec<Setting>,
    pub(super) trusted_proxies: Vec<Setting>,
    pub(super) time_zone: Option<Setting>,
    pub(super) certificate: Option<Setting>,
    pub(super) key: Option<Setting>,
    pub(super) anchor: Option<Setting>,
    pub(super) log_format: Option<Setting>,
    pub(super) log_filter: Option<Setting>,
    pub(super) demo_seed: Option<Setting>,
    pub(super) demo_scenario: Option<Setting>,
    pub(super) demo_hours: Option<Setting>,
    pub(super) demo_speed: Option<Setting>,
    pub(super) poll_seconds: Option<Setting>,
    pub(super) broker_socket: Option<Setting>,
    pub(super) broker_peer: Option<Setting>,
    pub(super) metrics_token_file: Option<Setting>,
    pub(super) metrics_networks: Vec<Setting>,
    pub(super) updates_root: Option<Setting>,
    pub(super) updates_from: Option<Setting>,
    pub(super) connections: Option<Setting>,
    pub(super) connections_per_address: Option<Setting>,
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError::new(path.display().to_string(), format!("cannot be read: {error}; name another with --config"))
        })?;
        let place = |offset: usize| format!("{}, line {}", path.display(), line(&text, offset));
        let tables: Tables = toml::from_str(&text).map_err(|error| {
            ConfigError::new(place(error.span().map_or(0, |span| span.start)), error.message().replace('\n', ", "))
        })?;

        let one = |value: Spanned<Scalar>| Setting { place: place(value.span().start), text: value.into_inner().0 };
        let setting = |value: Option<Spanned<Scalar>>| value.map(one);
        let list = |list: Option<Spanned<List>>| {
            let Some(list) = list else { return Vec::new() };
            let place_of_all = place(list.span().start);
            match list.into_inner() {
                List::Items(items) => items.into_iter().map(one).collect(),
                List::Text(text) => {
                    let whole = Setting { place: place_of_all, text };
                    let items: Vec<_> = whole.split(',').collect();
                    // Nothing but commas is a mistake, and told as one.
                    if items.is_empty() { vec![whole] } else { items }
                }
            }
        };
        Ok(Self {
            listen: setting(tables.listen),
            listen_http: setting(tables.listen_http),
            announce: setting(tables.announce),
            data: setting(tables.data),
            names: list(tables.names),
            open_read: setting(tables.open_read),
            read_allowlist: list(tables.read_allowlist),
            trusted_proxies: list(tables.trusted_proxies),
            time_zone: setting(tables.time_zone),
            certificate: setting(tables.tls.certificate),
            key: setting(tables.tls.key),
            anchor: setting(tables.tls.anchor),
            log_format: setting(tables.log.format),
            log_filter: setting(tables.log.filter),
            demo_seed: setting(tables.desk.seed),
            demo_scenario: setting(tables.desk.scenario),
            demo_hours: setting(tables.desk.hours),
            demo_speed: setting(tables.desk.speed),
            poll_seconds: setting(tables.desk.poll_seconds),
            broker_socket: setting(tables.broker.socket),
            broker_peer: setting(tables.broker.peer),
            metrics_token_file: setting(tables.metrics.token_file),
            metrics_networks: list(tables.metrics.networks),
            updates_root: setting(tables.updates.root),
            updates_from: setting(tables.updates.from),
            connections: setting(tables.limits.connections),
            connections_per_address: setting(tables.limits.connections_per_address),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tables {
    listen: Option<Spanned<Scalar>>,
    listen_http: Option<Spanned<Scalar>>,
    announce: Option<Spanned<Scalar>>,
    data: Option<Spanned<Scalar>>,
    names: Option<Spanned<List>>,
    open_read: Option<Spanned<Scalar>>,
    read_allowlist: Option<Spanned<List>>,
    trusted_proxies: Option<Spanned<List>>,
    time_zone: Option<Spanned<Scalar>>,
    tls: Tls,
    log: Log,
    desk: Desk,
    broker: Broker,
    metrics: Metrics,
    updates: Updates,
    limits: Limits,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tls {
    certificate: Option<Spanned<Scalar>>,
    key: Option<Spanned<Scalar>>,
    anchor: Option<Spanned<Scalar>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Log {
    format: Option<Spanned<Scalar>>,
    filter: Option<Spanned<Scalar>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Desk {
    seed: Option<Spanned<Scalar>>,
    scenario: Option<Spanned<Scalar>>,
    hours: Option<Spanned<Scalar>>,
    speed: Option<Spanned<Scalar>>,
    poll_seconds: Option<Spanned<Scalar>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Broker {
    socket: Option<Spanned<Scalar>>,
    peer: Option<Spanned<Scalar>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Metrics {
    token_file: Option<Spanned<Scalar>>,
    networks: Option<Spanned<List>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Updates {
    root: Option<Spanned<Scalar>>,
    from: Option<Spanned<Scalar>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Limits {
    connections: Option<Spanned<Scalar>>,
    connections_per_address: Option<Spanned<Scalar>>,
}

/// A list, or its items in one string with commas between them, as in a variable.
enum List {
    Items(Vec<Spanned<Scalar>>),
    Text(String),
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfEither;

        impl<'de> Visitor<'de> for OfEither {
            type Value = List;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of strings")
            }

            fn visit_str<E>(self, text: &str) -> Result<List, E> {
                Ok(List::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<List, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(sequence)).map(List::Items)
            }
        }

        deserializer.deserialize_any(OfEither)
    }
}

/// A string or a whole number, as the text that a variable would have.
struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            toml::Value::Integer(number) => Ok(Self(number.to_string())),
            other => {
                Err(D::Error::custom(format!("a string or a whole number belongs here, not {}", other.type_str())))
            }
        }
    }
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
