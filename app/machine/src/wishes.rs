//! Reads the agent's wishes, and takes none that it does not know.

use std::{
    fs::OpenOptions,
    io::{self, Read as _},
    net::IpAddr,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use nix::fcntl::OFlag;
use zeroize::Zeroizing;

/// Largest file that is read, in bytes.
const LONGEST: u64 = 16 * 1024;
/// What lies there is a file, and neither a way to another one nor a pipe.
const CAREFULLY: OFlag = OFlag::O_NOFOLLOW.union(OFlag::O_NONBLOCK);

/// A connection of NetworkManager that the agent may wish for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// The wireless network.
    Wifi,
    /// The cable's fixed address.
    Wired,
}

impl Connection {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Wifi, Self::Wired];

    /// Its name, in NetworkManager and in front of its file's ending.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wifi => "nexus-wifi",
            Self::Wired => "nexus-wired",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Wifi => "wifi",
            Self::Wired => "ethernet",
        }
    }
}

/// What the machine shall be. What is not wished for is left as the image has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The wireless network, as a keyfile.
    pub wifi: Option<Zeroizing<String>>,
    /// The cable's fixed address, as a keyfile.
    pub wired: Option<Zeroizing<String>>,
    /// The machine's name.
    pub hostname: Option<String>,
    /// systemd-timesyncd's settings with the time servers.
    pub time_servers: Option<String>,
    /// The country whose radio rules hold, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The proxy through which updates are streamed, `http://HOST:PORT/`.
    pub proxy: Option<String>,
}

/// A wish that is not taken. It repeats nothing of the file, which may hold a key.
#[derive(Debug, thiserror::Error)]
#[error("{} is not applied: {reason}", path.display())]
pub struct Refused {
    path: PathBuf,
    reason: String,
}

impl Wishes {
    /// Reads the folder. A wish that is refused is not there; why stands in the second value.
    #[must_use]
    pub fn read(folder: &Path) -> (Self, Vec<Refused>) {
        let mut refused = Vec::new();
        let mut take = |name: &str, check: &dyn Fn(&str) -> Result<(), String>| {
            let path = folder.join(name);
            let text = match text(&path) {
                Ok(text) => text?,
                Err(error) => {
                    refused.push(Refused { path, reason: error.to_string() });
                    return None;
                }
            };
            match check(&text) {
                Ok(()) => Some(text),
                Err(reason) => {
                    refused.push(Refused { path, reason });
                    None
                }
            }
        };
        let mut connection = |connection: Connection| {
            take(&format!("system-connections/{}.nmconnection", connection.name()), &|text| keyfile(connection, text))
        };
        let (wifi, wired) = (connection(Connection::Wifi), connection(Connection::Wired));
        let mut line = |name: &str, is_one: fn(&str) -> bool, what: &str| {
            let text = take(name, &|text| is_one(text.trim_end()).then_some(()).ok_or_else(|| format!("it is {what}")));
            text.map(|text| text.trim_end().to_owned())
        };
        let hostname = line("hostname", is_label, "no host name");
        let country = line("wifi-country", is_country, "no country");
        let proxy = line("proxy", is_proxy, "no proxy");
        let time_servers = take("timesyncd.conf.d/nexus.conf", &time_servers).map(|text| text.to_string());
        (Self { wifi, wired, hostname, time_servers, country, proxy }, refused)
    }

    /// The keyfile of a connection.
    #[must_use]
    pub fn connection(&self, connection: Connection) -> Option<&Zeroizing<String>> {
        match connection {
            Connection::Wifi => self.wifi.as_ref(),
            Connection::Wired => self.wired.as_ref(),
        }
    }
}

/// The text of a file; `None` where there is none.
fn text(path: &Path) -> io::Result<Option<Zeroizing<String>>> {
    let file = match OpenOptions::new().read(true).custom_flags(CAREFULLY.bits()).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    let mut text = Zeroizing::new(String::with_capacity(LONGEST as usize + 1));
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(io::Error::other(format!("it is longer than {LONGEST} bytes")));
    }
    Ok(Some(text))
}

/// Takes a keyfile whose every line is one that the agent writes. NetworkManager reads keyfiles as root, and some of its
/// settings name files and programs.
fn keyfile(connection: Connection, text: &str) -> Result<(), String> {
    let mut section = "";
    for (number, line) in text.lines().enumerate() {
        let known = match line.split_once('=') {
            _ if line.is_empty() => true,
            None => {
                section = line;
                matches!(
                    (connection, section),
                    (_, "[connection]" | "[ipv4]" | "[ipv6]") | (Connection::Wifi, "[wifi]" | "[wifi-security]")
                )
            }
            Some((key, value)) => match (section, key) {
                ("[connection]", "id") => value == connection.name(),
                ("[connection]", "type") => value == connection.kind(),
                ("[connection]", "autoconnect") | ("[wifi]", "hidden") => value == "true",
                ("[connection]", "autoconnect-priority" | "autoconnect-retries") => value.parse::<u8>().is_ok(),
                ("[wifi]", "mode") => value == "infrastructure",
                ("[wifi]", "ssid") => value.split_terminator(';').all(|byte| byte.parse::<u8>().is_ok()),
                ("[wifi-security]", "key-mgmt") => matches!(value, "wpa-psk" | "sae"),
                ("[wifi-security]", "psk") => !value.contains(char::is_control),
                ("[ipv4]" | "[ipv6]", "method") => matches!(value, "auto" | "manual"),
                ("[ipv4]" | "[ipv6]", "address1") => is_address(value),
                ("[ipv4]" | "[ipv6]", "dhcp-hostname") => is_label(value),
                ("[ipv4]" | "[ipv6]", "dns") => value.split_terminator(';').all(|dns| dns.parse::<IpAddr>().is_ok()),
                _ => false,
            },
        };
        if !known {
            return Err(format!("its line {} is none that the agent writes", number + 1));
        }
    }
    Ok(())
}

/// `address/prefix`, or `address/prefix,gateway`.
fn is_address(value: &str) -> bool {
    let (own, gateway) = value.split_once(',').map_or((value, None), |(own, gateway)| (own, Some(gateway)));
    let own = own.split_once('/').is_some_and(|(address, prefix)| {
        address.parse::<IpAddr>().is_ok() && prefix.parse::<u8>().is_ok_and(|prefix| prefix <= 128)
    });
    own && gateway.is_none_or(|gateway| gateway.parse::<IpAddr>().is_ok())
}

fn time_servers(text: &str) -> Result<(), String> {
    let servers = text.strip_prefix("[Time]\nNTP=").and_then(|rest| rest.strip_suffix('\n'));
    let is_server = |server: &str| server.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-".contains(&byte));
    let known = servers.is_some_and(|servers| !servers.is_empty() && servers.split(' ').all(is_server));
    known.then_some(()).ok_or_else(|| "it names more than time servers".to_owned())
}

/// One label of RFC 1123.
fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A host, by its name or address, and a port. It is written into a file of variables, so there is nothing else in it.
fn is_proxy(text: &str) -> bool {
    let host = text.strip_prefix("http://").and_then(|rest| rest.strip_suffix('/'));
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".:-_[]".contains(&byte);
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(known))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::{fs, os::unix::fs::symlink};

    use super::*;

    const WIFI: &str = "[connection]\nid=nexus-wifi\ntype=wifi\nautoconnect=true\nautoconnect-retries=0\n\n\
                        [wifi]\nmode=infrastructure\nssid=66;59;195;188;\nhidden=true\n\n\
                        [wifi-security]\nkey-mgmt=wpa-psk\npsk=\\sback\\\\slash = #\\s\n\n\
                        [ipv4]\nmethod=manual\naddress1=192.0.2.10/24,192.0.2.1\ndns=192.0.2.1;\n\n\
                        [ipv6]\nmethod=auto\ndhcp-hostname=lobby-tv\ndns=2001:db8::1;\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn what_the_agent_writes_is_taken() {
        let folder = folder(&[
            ("system-connections/nexus-wifi.nmconnection", WIFI),
            ("hostname", "lobby-tv\n"),
            ("timesyncd.conf.d/nexus.conf", "[Time]\nNTP=a.example 192.0.2.9 2001:db8::1\n"),
            ("wifi-country", "DE\n"),
            ("proxy", "http://[2001:db8::1]:3128/\n"),
        ]);
        let (wishes, refused) = Wishes::read(folder.path());
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(wishes.wifi.as_deref().map(String::as_str), Some(WIFI));
        assert_eq!((wishes.wired, wishes.hostname.as_deref()), (None, Some("lobby-tv")));
        assert_eq!(wishes.time_servers.as_deref(), Some("[Time]\nNTP=a.example 192.0.2.9 2001:db8::1\n"));
        assert_eq!(wishes.country.as_deref(), Some("DE"));
        assert_eq!(wishes.proxy.as_deref(), Some("http://[2001:db8::1]:3128/"));
        let empty = tempfile::tempdir().unwrap();
        let (wishes, refused) = Wishes::read(empty.path());
        assert_eq!((wishes, refused.len()), (Wishes::default(), 0));
    }

    #[test]
    fn a_keyfile_with_a_line_that_the_agent_never_writes_is_refused_and_not_repeated() {
        for (old, new) in [
            ("type=wifi", "type=vpn"),
            ("id=nexus-wifi", "id=another"),
            ("mode=infrastructure", "mode=ap"),
            ("hidden=true", "bssid=secret"),
            ("key-mgmt=wpa-psk", "key-mgmt=wpa-eap"),
            ("[ipv6]", "[802-1x]\nprivate-key=secret"),
            ("[ipv6]", "[ipv6]\nroute1=secret"),
            ("dns=192.0.2.1;", "dns=secret;"),
            ("dhcp-hostname=lobby-tv", "dhcp-hostname=lobby tv"),
            ("/24,192.0.2.1", "/24,secret"),
            ("method=manual", "method=shared"),
        ] {
            let text = WIFI.replace(old, new);
            let folder = folder(&[("system-connections/nexus-wifi.nmconnection", &text)]);
            let (wishes, refused) = Wishes::read(folder.path());
            assert_eq!((wishes.wifi, refused.len()), (None, 1), "{new}");
            assert!(!refused[0].to_string().contains("secret"), "{}", refused[0]);
        }
    }

    #[test]
    fn other_wishes_that_are_none_are_refused() {
        let folder = folder(&[
            ("hostname", "two words\n"),
            ("timesyncd.conf.d/nexus.conf", "[Time]\nNTP=a\nFallbackNTP=b\n"),
            ("wifi-country", "Germany\n"),
            ("proxy", "http://proxy/\nLD_PRELOAD=/data/x\n"),
            ("system-connections/nexus-wired.nmconnection", "[wifi]\nssid=65;\n"),
        ]);
        let (wishes, refused) = Wishes::read(folder.path());
        assert_eq!((wishes, refused.len()), (Wishes::default(), 5));
    }

    #[test]
    fn nothing_but_plain_short_files_is_read() {
        let folder = folder(&[("elsewhere", "lobby-tv\n"), ("wifi-country", &"D".repeat(20_000))]);
        symlink(folder.path().join("elsewhere"), folder.path().join("hostname")).unwrap();
        fs::create_dir_all(folder.path().join("timesyncd.conf.d/nexus.conf")).unwrap();
        let (wishes, refused) = Wishes::read(folder.path());
        assert_eq!((wishes, refused.len()), (Wishes::default(), 3));
    }
}
