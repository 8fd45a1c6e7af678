//! What DHCP says of the network, as NetworkManager tells it.

use std::net::IpAddr;

/// The time servers of all leases (RFC 2132, option 42) as systemd-timesyncd wants them, from what
/// `nmcli --terse --fields DHCP4,DHCP6 device show` prints. `None` where no lease names any.
///
/// A lease comes from whoever answered first, so only addresses are taken.
#[must_use]
pub fn time_servers(said: &str) -> Option<String> {
    let mut servers: Vec<IpAddr> = Vec::new();
    for line in said.lines() {
        let Some((_, option)) = line.split_once(':') else { continue };
        let Some(named) = option.strip_prefix("ntp_servers = ") else { continue };
        // A colon of an IPv6 address stands behind a backslash.
        for server in named.replace('\\', "").split_ascii_whitespace().filter_map(|text| text.parse().ok()) {
            if !servers.contains(&server) {
                servers.push(server);
            }
        }
    }
    let words: Vec<String> = servers.iter().map(IpAddr::to_string).collect();
    (!words.is_empty()).then(|| format!("[Time]\nNTP={}\n", words.join(" ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn the_time_servers_of_all_leases_are_taken_once_each_and_nothing_but_addresses() {
        let said = "DHCP4.OPTION[1]:dhcp_lease_time = 86400\nDHCP4.OPTION[2]:ntp_servers = 192.0.2.1 192.0.2.2\n\
            \nDHCP4.OPTION[1]:ntp_servers = 192.0.2.2 evil\u{7f} [Time] 192.0.2.300\n\
            DHCP6.OPTION[4]:ntp_servers = 2001\\:db8\\:\\:1\nDHCP4.OPTION[7]:domain_name = ntp_servers = 192.0.2.9\n";
        assert_eq!(time_servers(said).unwrap(), "[Time]\nNTP=192.0.2.1 192.0.2.2 2001:db8::1\n");
        assert_eq!(time_servers("DHCP4.OPTION[1]:ip_address = 10.0.2.15\n"), None);
        assert_eq!(time_servers(""), None);
    }
}
