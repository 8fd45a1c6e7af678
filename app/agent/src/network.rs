//! Whether this machine has a network, by its interfaces and addresses.

use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;

/// How the network stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Network {
    /// No cable, no Wi-Fi.
    Down,
    /// There is a link, and no address yet.
    Joining,
    /// There is an address.
    Up {
        /// "wired", "Wi-Fi".
        name: String,
        /// The address by which others reach this machine.
        address: IpAddr,
    },
}

/// One interface with one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    wireless: bool,
    address: Option<IpAddr>,
}

/// Looks at the machine's interfaces.
///
/// # Errors
/// The kernel does not list them.
pub fn look() -> std::io::Result<Network> {
    let seen = getifaddrs()?
        .filter(|interface| {
            interface.flags.contains(InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING)
                && !interface.flags.contains(InterfaceFlags::IFF_LOOPBACK)
        })
        .map(|interface| Seen {
            wireless: Path::new("/sys/class/net").join(&interface.interface_name).join("wireless").exists(),
            address: interface.address.as_ref().and_then(|address| {
                let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
                v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
            }),
        })
        .collect::<Vec<_>>();
    Ok(judge(&seen))
}

/// The networks that this machine is in with an address that counts beyond one link; or else, with `loopback`, only its own.
///
/// # Errors
/// The kernel does not list them.
pub fn own(loopback: bool) -> std::io::Result<Vec<IpNet>> {
    let ip = |storage: &SockaddrStorage| {
        let v4 = storage.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
        v4.or_else(|| storage.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
    };
    let networks = getifaddrs()?
        .filter(|interface| interface.flags.contains(InterfaceFlags::IFF_LOOPBACK) == loopback)
        .filter_map(|interface| {
            let (address, mask) = (ip(interface.address.as_ref()?)?, ip(interface.netmask.as_ref()?)?);
            counts(&address).then(|| IpNet::with_netmask(address, mask).ok())?
        });
    Ok(networks.collect())
}

/// IPv4 first, as people read it more easily; addresses that only count on the link do not count.
fn judge(seen: &[Seen]) -> Network {
    let best = seen
        .iter()
        .filter_map(|interface| interface.address.filter(counts).map(|address| (interface.wireless, address)))
        .min_by_key(|(wireless, address)| (address.is_ipv6(), *wireless));
    match best {
        Some((wireless, address)) => Network::Up { name: if wireless { "Wi-Fi" } else { "wired" }.to_owned(), address },
        None if seen.is_empty() => Network::Down,
        None => Network::Joining,
    }
}

/// Whether an address is one by which others than the next ones reach this machine.
fn counts(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_link_local() && !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_unicast_link_local() && !v6.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn seen(wireless: bool, address: &str) -> Seen {
        Seen { wireless, address: address.parse().ok() }
    }

    #[test]
    fn a_link_without_an_address_is_joining_and_no_link_is_down() {
        assert_eq!(judge(&[]), Network::Down);
        assert_eq!(judge(&[seen(false, "")]), Network::Joining);
        assert_eq!(judge(&[seen(false, "169.254.3.4"), seen(false, "fe80::1")]), Network::Joining);
    }

    #[test]
    fn the_address_that_people_read_best_is_shown() {
        let up = |name: &str, address: &str| Network::Up { name: name.into(), address: address.parse().unwrap() };
        assert_eq!(judge(&[seen(false, "2001:db8::1"), seen(true, "192.0.2.7")]), up("Wi-Fi", "192.0.2.7"));
        assert_eq!(judge(&[seen(true, "192.0.2.7"), seen(false, "192.0.2.8")]), up("wired", "192.0.2.8"));
        assert_eq!(judge(&[seen(false, "2001:db8::1")]), up("wired", "2001:db8::1"));
    }

    #[test]
    fn this_machine_can_be_looked_at() {
        assert!(look().is_ok());
    }
}
