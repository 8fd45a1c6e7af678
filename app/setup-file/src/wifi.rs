//! The wireless network to join.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

use super::reader::{Field, Table};
use super::{ERASED, Mistake};

/// A wireless network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wifi {
    /// Its name, 1 to 32 bytes.
    pub ssid: String,
    /// Its key.
    pub key: Key,
    /// How it is secured, where it has a key.
    pub security: Security,
    /// The country whose radio rules hold, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Whether it does not announce its name.
    pub hidden: bool,
}

/// The key as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// An open network has none.
    None,
    /// It stands there.
    Written(Passphrase),
    /// It was taken over and erased.
    Erased {
        /// Where it stood.
        line: usize,
    },
}

/// How a network with a key is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// WPA2-Personal; such a network may offer WPA3 as well.
    #[default]
    Wpa2,
    /// WPA3-Personal (SAE) only.
    Wpa3,
}

/// A network's key: 8 to 63 printable ASCII characters, or 64 hexadecimal digits. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The key itself. A secret.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Passphrase {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let text = Zeroizing::new(text);
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        match text.len() {
            8..=63 if printable => Ok(Self(text)),
            64 if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => Ok(Self(text)),
            8..=63 => Err("key may only have letters, digits and signs of an English keyboard"),
            _ => Err("key must have 8 to 63 characters; leave it out where the Wi-Fi has none"),
        }
    }
}

/// For the state folder.
impl Serialize for Passphrase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<Option<Wifi>, Mistake> {
    let Some(wifi) = root.table("wifi")? else { return Ok(None) };
    wifi.knows(&["ssid", "key", "security", "country", "hidden"])?;
    let Some(ssid) = wifi.string("ssid")? else {
        let line = root.line_of("wifi");
        return Err(Mistake { line, reason: "[wifi] needs an ssid: the name of the network".to_owned() });
    };
    if ssid.value.is_empty() || ssid.value.len() > 32 || ssid.value.chars().any(char::is_control) {
        return Err(ssid.mistake("ssid is the name of the network and has 1 to 32 bytes"));
    }
    let key = wifi.string("key")?;
    let security = match wifi.string("security")? {
        None => Security::default(),
        Some(security) if key.is_none() => {
            return Err(security.mistake("security needs a key; leave it out where the Wi-Fi has none"));
        }
        Some(security) => match security.value {
            "wpa2" => Security::Wpa2,
            "wpa3" => Security::Wpa3,
            other => return Err(security.mistake(format!("security = \"{other}\": only wpa2 and wpa3"))),
        },
    };
    Ok(Some(Wifi {
        ssid: ssid.value.to_owned(),
        key: key.map_or(Ok(Key::None), |key| self::key(&key))?,
        security,
        country: wifi.string("country")?.map(|country| self::country(&country)).transpose()?,
        hidden: wifi.boolean("hidden")?.is_some_and(|hidden| hidden.value),
    }))
}

fn key(field: &Field<'_, &str>) -> Result<Key, Mistake> {
    if field.value == ERASED {
        return Ok(Key::Erased { line: field.line() });
    }
    Passphrase::try_from(field.value.to_owned()).map(Key::Written).map_err(|reason| field.mistake(reason))
}

fn country(field: &Field<'_, &str>) -> Result<String, Mistake> {
    if field.value.len() == 2 && field.value.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(field.value.to_owned());
    }
    Err(field.mistake(format!("country = \"{}\": two capital letters, like DE or US", field.value)))
}
