//! What the machine under the agent shall be: its name, its time servers, its network.

use std::net::IpAddr;

use ipnet::IpNet;

use super::reader::{Field, Table};
use super::{Mistake, Wifi, wifi};

/// Most time servers, and most DNS servers, that are taken.
const MOST: usize = 8;

/// What the machine shall be. Nothing stands for leaving it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Its name: one label of RFC 1123.
    pub hostname: Option<String>,
    /// Names or addresses of time servers.
    pub ntp: Vec<String>,
    /// The wireless network to join.
    pub wifi: Option<Wifi>,
    /// A fixed address: of the Wi-Fi where there is one, else of the cable.
    pub address: Address,
}

/// How the machine gets its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Its own, with the length of the network's prefix; `None` where DHCP gives one.
    pub own: Option<IpNet>,
    /// The router.
    pub gateway: Option<IpAddr>,
    /// DNS servers, beside those of DHCP.
    pub dns: Vec<IpAddr>,
}

pub(super) fn read(root: &Table<'_>) -> Result<Machine, Mistake> {
    Ok(Machine {
        hostname: root.string("hostname")?.map(|name| hostname(&name)).transpose()?,
        ntp: few(root.strings("ntp")?)?.iter().map(time_server).collect::<Result<_, _>>()?,
        wifi: wifi::read(root)?,
        address: address(root)?,
    })
}

fn hostname(name: &Field<'_, &str>) -> Result<String, Mistake> {
    if is_label(name.value) {
        return Ok(name.value.to_owned());
    }
    Err(name.mistake(format!("hostname = \"{}\": 1 to 63 letters, digits and hyphens, like lobby-tv", name.value)))
}

fn time_server(server: &Field<'_, &str>) -> Result<String, Mistake> {
    let name = server.value.strip_suffix('.').unwrap_or(server.value);
    let is_name = name.len() <= 253 && name.split('.').all(is_label);
    if is_name || server.value.parse::<IpAddr>().is_ok() {
        return Ok(server.value.to_owned());
    }
    Err(server.mistake(format!("ntp: \"{}\" is no host name and no address", server.value)))
}

fn address(root: &Table<'_>) -> Result<Address, Mistake> {
    let Some(network) = root.table("network")? else { return Ok(Address::default()) };
    network.knows(&["address", "gateway", "dns"])?;
    let own = network.string("address")?.map(|own| own_address(&own)).transpose()?;
    let gateway = match network.string("gateway")? {
        None => None,
        Some(field) => {
            let gateway = parse(&field, "gateway")?;
            let Some(own) = own else {
                return Err(field.mistake("gateway needs an address; leave both out where DHCP gives them"));
            };
            // IPv6's routers are known by addresses of the link (RFC 4861).
            let reached = own.contains(&gateway) || (own.addr().is_ipv6() && is_link_local(&gateway));
            if !reached || gateway == own.addr() {
                let link = if own.addr().is_ipv6() { ", and none of the link like fe80::1" } else { "" };
                let network = own.trunc();
                return Err(field.mistake(format!("gateway = \"{gateway}\" is no other machine in {network}{link}")));
            }
            Some(gateway)
        }
    };
    let dns = few(network.strings("dns")?)?.iter().map(|dns| parse(dns, "dns")).collect::<Result<_, _>>()?;
    Ok(Address { own, gateway, dns })
}

fn is_link_local(address: &IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

fn own_address(field: &Field<'_, &str>) -> Result<IpNet, Mistake> {
    let text = field.value;
    let wrong = |reason: &str| Err(field.mistake(format!("address = \"{text}\" {reason}")));
    let Ok(own) = text.parse::<IpNet>() else {
        return wrong("is none; write address and prefix length, like 192.0.2.10/24");
    };
    let address = own.addr();
    if address.is_unspecified() || address.is_loopback() || address.is_multicast() {
        return wrong("cannot be a machine's own");
    }
    // The first and the last of an IPv4 network are the network itself and all of its machines (RFC 3021 excepted).
    let reserved = address.is_ipv4() && own.prefix_len() < 31 && [own.network(), own.broadcast()].contains(&address);
    if reserved { wrong("is the network's own; choose one for this screen") } else { Ok(own) }
}

fn parse(field: &Field<'_, &str>, name: &str) -> Result<IpAddr, Mistake> {
    field.value.parse().map_err(|_| field.mistake(format!("{name}: \"{}\" is no address, like 192.0.2.1", field.value)))
}

fn few<'a>(list: Vec<Field<'a, &'a str>>) -> Result<Vec<Field<'a, &'a str>>, Mistake> {
    match list.get(MOST) {
        Some(one_more) => Err(one_more.mistake(format!("{MOST} are enough"))),
        None => Ok(list),
    }
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}
