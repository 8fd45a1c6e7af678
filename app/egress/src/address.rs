//! What an address is good for, by the registries of special-purpose addresses that IANA keeps (RFC 6890).

use std::{fmt, net::IpAddr, sync::LazyLock};

use ipnet::IpNet;

/// What an address is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A host of the internet.
    Public,
    /// A host of a private network: RFC 1918, unique local (RFC 4193), behind a provider's NAT (RFC 6598).
    Private,
    /// This machine.
    Loopback,
    /// Nothing that anybody means who names a server.
    Special(Special),
}

/// Why nobody who names a server means such an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// No address at all.
    Unspecified,
    /// Holds on one cable only.
    LinkLocal,
    /// Where clouds keep their machines' credentials.
    Metadata,
    /// Many hosts at once.
    Multicast,
    /// For examples in texts.
    Documentation,
    /// For measurements in laboratories.
    Benchmarking,
    /// Another address in disguise: IPv4-mapped, NAT64, 6to4, Teredo.
    Embedded,
    /// Reserved for whatever comes.
    Reserved,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "on the internet",
            Self::Private => "on a private network",
            Self::Loopback => "this server itself",
            Self::Special(special) => match special {
                Special::Unspecified => "no address",
                Special::LinkLocal => "link-local",
                Special::Metadata => "a cloud's metadata service",
                Special::Multicast => "multicast",
                Special::Documentation => "for documentation",
                Special::Benchmarking => "for benchmarking",
                Special::Embedded => "another address in disguise (IPv4-mapped, NAT64, 6to4 or Teredo)",
                Special::Reserved => "reserved",
            },
        })
    }
}

/// The first network that holds an address decides. What of IPv6 is in none of them is public if IANA has given it out
/// (2000::/3), and reserved if not; what of IPv4 is in none is public.
const NETWORKS: [(&str, Kind); 45] = {
    use Kind::{Loopback, Private};
    use Special::{Benchmarking, Documentation, Embedded, LinkLocal, Metadata, Multicast, Reserved, Unspecified};
    const fn special(special: Special) -> Kind {
        Kind::Special(special)
    }
    [
        // In the order of how narrow they are: a cloud's metadata lies in networks of other kinds, or on the internet.
        ("169.254.169.254/32", special(Metadata)), // most clouds
        ("169.254.170.2/32", special(Metadata)),   // containers at Amazon
        ("169.254.170.23/32", special(Metadata)),
        ("100.100.100.200/32", special(Metadata)), // Alibaba
        ("168.63.129.16/32", special(Metadata)),   // Azure
        ("192.0.0.192/32", special(Metadata)),     // Oracle
        ("fd00:ec2::/32", special(Metadata)),      // Amazon
        ("fd20:ce::254/128", special(Metadata)),   // Google
        ("fd00:42::42/128", special(Metadata)),    // Scaleway
        ("0.0.0.0/8", special(Unspecified)),
        ("10.0.0.0/8", Private),
        ("100.64.0.0/10", Private),
        ("127.0.0.0/8", Loopback),
        ("169.254.0.0/16", special(LinkLocal)),
        ("172.16.0.0/12", Private),
        ("192.0.0.0/24", special(Reserved)),
        ("192.0.2.0/24", special(Documentation)),
        ("192.31.196.0/24", special(Reserved)),
        ("192.52.193.0/24", special(Reserved)),
        ("192.88.99.0/24", special(Embedded)),
        ("192.168.0.0/16", Private),
        ("192.175.48.0/24", special(Reserved)),
        ("198.18.0.0/15", special(Benchmarking)),
        ("198.51.100.0/24", special(Documentation)),
        ("203.0.113.0/24", special(Documentation)),
        ("224.0.0.0/4", special(Multicast)),
        ("240.0.0.0/4", special(Reserved)),
        ("::/128", special(Unspecified)),
        ("::1/128", Loopback),
        ("::/96", special(Embedded)),
        ("::ffff:0:0/96", special(Embedded)),
        ("::ffff:0:0:0/96", special(Embedded)),
        ("64:ff9b::/96", special(Embedded)),
        ("64:ff9b:1::/48", special(Embedded)),
        ("100::/64", special(Reserved)),
        ("2001::/32", special(Embedded)),
        ("2001:2::/48", special(Benchmarking)),
        ("2001:db8::/32", special(Documentation)),
        ("2001::/23", special(Reserved)),
        ("2002::/16", special(Embedded)),
        ("3fff::/20", special(Documentation)),
        ("fc00::/7", Private),
        ("fe80::/10", special(LinkLocal)),
        ("fec0::/10", special(Reserved)),
        ("ff00::/8", special(Multicast)),
    ]
};

#[expect(clippy::expect_used, reason = "the texts are ours, and every test reads them")]
static TABLE: LazyLock<Vec<(IpNet, Kind)>> = LazyLock::new(|| {
    let network = |text: &str| text.parse().expect("it is a network");
    NETWORKS.iter().map(|(text, kind)| (network(text), *kind)).collect()
});

/// What an address is good for.
#[must_use]
pub fn kind(address: IpAddr) -> Kind {
    if let Some((_, kind)) = TABLE.iter().find(|(network, _)| network.contains(&address)) {
        return *kind;
    }
    match address {
        IpAddr::V6(v6) if v6.segments()[0] >> 13 != 1 => Kind::Special(Special::Reserved),
        _ => Kind::Public,
    }
}
