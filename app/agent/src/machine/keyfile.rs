//! Connections in NetworkManager's keyfile format (nm-settings-keyfile(5)).

use std::fmt::Write as _;

use zeroize::Zeroizing;

use setup_file::{Address, Machine, Passphrase, Security, Wifi};

pub(super) fn wifi(wifi: &Wifi, passphrase: Option<&Passphrase>, machine: &Machine) -> Zeroizing<String> {
    // As a list of bytes, which is never taken for something else, whatever the name is.
    let ssid = wifi.ssid.bytes().map(|byte| format!("{byte};")).collect::<String>();
    let hidden = if wifi.hidden { "hidden=true\n" } else { "" };
    let mut file = Zeroizing::new(format!(
        "[connection]\nid=nexus-wifi\ntype=wifi\nautoconnect=true\nautoconnect-retries=0\n\n\
         [wifi]\nmode=infrastructure\nssid={ssid}\n{hidden}\n"
    ));
    if let Some(passphrase) = passphrase {
        let management = match wifi.security {
            // NetworkManager's wpa-psk joins networks that offer WPA2 and WPA3 by the better one.
            Security::Wpa2 => "wpa-psk",
            Security::Wpa3 => "sae",
        };
        let psk = Zeroizing::new(escaped(passphrase.expose()));
        // Room for all that follows, so that no copy of the key is left behind by growing.
        file.reserve(4096);
        file.push_str("[wifi-security]\nkey-mgmt=");
        file.push_str(management);
        file.push_str("\npsk=");
        file.push_str(&psk);
        file.push_str("\n\n");
    }
    file.push_str(&address(&machine.address, machine.hostname.as_deref()));
    file
}

pub(super) fn wired(address: &Address, hostname: Option<&str>) -> Zeroizing<String> {
    Zeroizing::new(format!(
        "[connection]\nid=nexus-wired\ntype=ethernet\nautoconnect=true\nautoconnect-priority=10\n\
         autoconnect-retries=0\n\n{}",
        self::address(address, hostname)
    ))
}

/// The address sections: fixed for the family that has an address, by DHCP or router advertisement for the other. Whoever
/// gives addresses hears the machine's name.
fn address(address: &Address, hostname: Option<&str>) -> String {
    let mut sections = String::new();
    for (section, v4) in [("ipv4", true), ("ipv6", false)] {
        let own = address.own.filter(|own| own.addr().is_ipv4() == v4);
        let _ = writeln!(sections, "[{section}]\nmethod={}", if own.is_some() { "manual" } else { "auto" });
        if let Some(own) = own {
            let gateway = address.gateway.map(|gateway| format!(",{gateway}")).unwrap_or_default();
            let _ = writeln!(sections, "address1={own}{gateway}");
        }
        if let (None, Some(hostname)) = (own, hostname) {
            let _ = writeln!(sections, "dhcp-hostname={hostname}");
        }
        let dns = address.dns.iter().filter(|dns| dns.is_ipv4() == v4).map(|dns| format!("{dns};")).collect::<String>();
        if !dns.is_empty() {
            let _ = writeln!(sections, "dns={dns}");
        }
        if v4 {
            sections.push('\n');
        }
    }
    sections
}

/// A value as GLib's key files have it: a backslash is doubled, and spaces at the ends are written out.
fn escaped(value: &str) -> String {
    let inner = value.trim_matches(' ');
    let start = value.len() - value.trim_start_matches(' ').len();
    let end = if inner.is_empty() { 0 } else { value.len() - start - inner.len() };
    format!("{}{}{}", "\\s".repeat(start), inner.replace('\\', "\\\\"), "\\s".repeat(end))
}
