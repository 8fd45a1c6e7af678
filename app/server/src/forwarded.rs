//! Who asks, where proxies stand in between: `Forwarded` (RFC 7239) and `X-Forwarded-For`.
//!
//! Every proxy appends whom it heard from, and passes on what was there before, whoever wrote that. So these headers are
//! read from their end, and only as far as proxies wrote them that the operator trusts: the first other address is the
//! client's. What stands before it is anybody's invention.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::{HeaderMap, HeaderName, header};
use pairing::link::server::Networks;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers by which a proxy shows that it is one.
const TRACES: [HeaderName; 5] = [
    header::FORWARDED,
    X_FORWARDED_FOR,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-forwarded-host"),
    header::VIA,
];

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    address: IpAddr,
    vouched: bool,
}

/// What a trusted proxy says about its client cannot be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbelievable {
    /// A header does not read.
    #[error("The proxy sent a Forwarded or X-Forwarded-For header that does not read. Look at how it is configured.")]
    Malformed,
    /// The two headers name different clients: one of them is the client's own invention, and who knows which.
    #[error(
        "Forwarded and X-Forwarded-For name different clients. Let the proxy set one of them and remove the other from \
         what it passes on."
    )]
    Contradiction,
}

impl Client {
    /// Who asks over a connection from `peer`. `proxies` are those that the operator trusts, none of them by default.
    ///
    /// # Errors
    /// A trusted proxy says something unbelievable.
    pub fn of(peer: SocketAddr, headers: &HeaderMap, proxies: Option<&Networks>) -> Result<Self, Unbelievable> {
        let peer = peer.ip().to_canonical();
        let trusted = |address: IpAddr| proxies.is_some_and(|proxies| proxies.contain(address));
        if !trusted(peer) {
            return Ok(Self { address: peer, vouched: !is_forwarded(headers) });
        }
        let standard = lines(headers, &header::FORWARDED)?.map(|lines| standard(&lines)).transpose()?;
        let usual = lines(headers, &X_FORWARDED_FOR)?;
        let usual = usual.as_deref().map(|lines| lines.split(',').map(str::trim).collect::<Vec<_>>());
        let by_standard = standard.map(|nodes| walk(peer, nodes.iter().map(String::as_str), trusted)).transpose()?;
        let by_usual = usual.map(|nodes| walk(peer, nodes.into_iter(), trusted)).transpose()?;
        match (by_standard, by_usual) {
            (Some(one), Some(other)) if one != other => Err(Unbelievable::Contradiction),
            (Some(client), _) | (None, Some(client)) => Ok(client),
            // It may ask for anybody.
            (None, None) => Ok(Self { address: peer, vouched: false }),
        }
    }

    /// The client's address; where that is unknown, the address of the last proxy that is known. An IPv4 address in
    /// IPv6 clothes is an IPv4 address.
    pub fn ip(self) -> IpAddr {
        self.address
    }

    /// Whether that address is known to be the client's: it came directly, or through trusted proxies alone.
    pub fn is_known(self) -> bool {
        self.vouched
    }
}

/// Whether a proxy shows that it stands in between, of whatever kind it is.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    TRACES.iter().any(|name| headers.contains_key(name))
}

/// From the end of the list to the first address that no proxy of ours has.
fn walk<'a>(
    peer: IpAddr,
    nodes: impl DoubleEndedIterator<Item = &'a str>,
    trusted: impl Fn(IpAddr) -> bool,
) -> Result<Client, Unbelievable> {
    let mut last = peer;
    for node in nodes.rev() {
        match Node::read(node).ok_or(Unbelievable::Malformed)? {
            Node::Address(address) if trusted(address) => last = address,
            Node::Address(address) => return Ok(Client { address, vouched: true }),
            Node::Hidden => return Ok(Client { address: last, vouched: false }),
        }
    }
    // Proxies of ours and nobody else: the first of them asks for itself.
    Ok(Client { address: last, vouched: true })
}

/// What a proxy says about one that it heard from.
#[derive(Debug, PartialEq, Eq)]
enum Node {
    Address(IpAddr),
    /// It does not know, or does not tell (RFC 7239, sections 6.2 and 6.3).
    Hidden,
}

impl Node {
    /// An address with or without a port, as RFC 7239, section 6, and as proxies write it.
    fn read(text: &str) -> Option<Self> {
        if text.is_empty() || text.eq_ignore_ascii_case("unknown") || text.starts_with('_') {
            return Some(Self::Hidden);
        }
        let address = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            Some((address, "")) => IpAddr::V6(address.parse::<Ipv6Addr>().ok()?),
            Some((address, rest)) if is_port(rest.strip_prefix(':')?) => IpAddr::V6(address.parse::<Ipv6Addr>().ok()?),
            Some(_) => return None,
            None => match text.parse::<IpAddr>() {
                Ok(address) => address,
                Err(_) => {
                    let (address, port) = text.rsplit_once(':')?;
                    is_port(port).then_some(())?;
                    IpAddr::V4(address.parse::<Ipv4Addr>().ok()?)
                }
            },
        };
        Some(Self::Address(address.to_canonical()))
    }
}

fn is_port(text: &str) -> bool {
    let obfuscated = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.parse::<u16>().is_ok() || text.strip_prefix('_').is_some_and(|name| name.chars().all(obfuscated))
}

/// All lines of a header, as one list (RFC 9110, section 5.3).
fn lines(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Unbelievable> {
    let lines = headers.get_all(name).iter().map(|line| line.to_str());
    let lines = lines.collect::<Result<Vec<_>, _>>().map_err(|_| Unbelievable::Malformed)?;
    Ok((!lines.is_empty()).then(|| lines.join(",")))
}

/// The `for` of every element of `Forwarded`, in order; empty where an element has none.
fn standard(text: &str) -> Result<Vec<String>, Unbelievable> {
    let mut nodes = Vec::new();
    let mut rest = text;
    loop {
        let (node, end) = element(rest).ok_or(Unbelievable::Malformed)?;
        nodes.push(node.unwrap_or_default());
        match end {
            Some(further) => rest = further,
            None => return Ok(nodes),
        }
    }
}

/// One element: its `for`, and what follows its comma.
fn element(mut text: &str) -> Option<(Option<String>, Option<&str>)> {
    let mut node = None;
    loop {
        text = text.trim_start_matches([' ', '\t']);
        let name = text.split(['=', ';', ',']).next()?;
        text = &text[name.len()..];
        if let Some(value) = text.strip_prefix('=') {
            let (value, rest) = value_of(value)?;
            text = rest.trim_start_matches([' ', '\t']);
            if name.eq_ignore_ascii_case("for") && node.replace(value).is_some() {
                return None;
            }
        } else if !name.trim().is_empty() {
            return None;
        }
        match text.chars().next() {
            Some(';') => text = &text[1..],
            Some(',') => return Some((node, Some(&text[1..]))),
            None => return Some((node, None)),
            Some(_) => return None,
        }
    }
}

/// A token or a quoted string (RFC 9110, section 5.6.4), and what follows it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ';', ' ', '\t', '"', '=']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            character => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(peer: &str, headers: &[(&str, &str)]) -> Result<(String, bool), Unbelievable> {
        let proxies = "10.0.0.0/8, 2001:db8:1::/48".parse().unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let client = Client::of(SocketAddr::new(peer.parse().unwrap(), 1), &map, Some(&proxies))?;
        Ok((client.ip().to_string(), client.is_known()))
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_of_ours_is_the_client() {
        let xff = "x-forwarded-for";
        for (peer, headers, expected, known) in [
            ("203.0.113.1", &[][..], "203.0.113.1", true),
            ("::ffff:203.0.113.1", &[], "203.0.113.1", true),
            ("203.0.113.1", &[(xff, "192.168.0.1")], "203.0.113.1", false),
            ("10.0.0.1", &[(xff, "198.51.100.7")], "198.51.100.7", true),
            ("::ffff:10.0.0.1", &[(xff, "::ffff:198.51.100.7")], "198.51.100.7", true),
            ("10.0.0.1", &[(xff, "192.168.0.1, 198.51.100.7, 10.0.0.2")], "198.51.100.7", true),
            ("10.0.0.1", &[(xff, "nonsense, 198.51.100.7:4711")], "198.51.100.7", true),
            ("10.0.0.1", &[(xff, "192.168.0.1"), (xff, "[2001:db8:2::7]:443")], "2001:db8:2::7", true),
            ("10.0.0.1", &[(xff, "10.0.0.9, 10.0.0.8")], "10.0.0.9", true),
            ("10.0.0.1", &[(xff, "192.168.0.1, unknown")], "10.0.0.1", false),
            ("10.0.0.1", &[(xff, "")], "10.0.0.1", false),
            ("10.0.0.1", &[("forwarded", "for=192.168.0.1, for=198.51.100.7;proto=https")], "198.51.100.7", true),
            ("10.0.0.1", &[("forwarded", "By=x; FOR=\"[2001:db8:2::7]:_a\" ;host=\"a,b\"")], "2001:db8:2::7", true),
            ("10.0.0.1", &[("forwarded", "for=198.51.100.7, for=_hidden, for=10.0.0.3")], "10.0.0.3", false),
            ("10.0.0.1", &[("forwarded", "for=198.51.100.7, proto=https")], "10.0.0.1", false),
            ("10.0.0.1", &[("forwarded", "for=198.51.100.7"), (xff, "198.51.100.7")], "198.51.100.7", true),
            ("10.0.0.1", &[], "10.0.0.1", false),
        ] {
            assert_eq!(of(peer, headers), Ok((expected.to_owned(), known)), "{peer} {headers:?}");
        }
    }

    #[test]
    fn what_cannot_be_believed_is_refused() {
        let contradiction = of("10.0.0.1", &[("forwarded", "for=192.168.0.1"), ("x-forwarded-for", "198.51.100.7")]);
        assert_eq!(contradiction, Err(Unbelievable::Contradiction));
        for (name, value) in [
            ("x-forwarded-for", "198.51.100.7, nonsense"),
            ("x-forwarded-for", "198.51.100.7:99999"),
            ("forwarded", "for=\"[2001:db8::1, for=198.51.100.7"),
            ("forwarded", "for=192.168.0.1;for=198.51.100.7"),
            ("forwarded", "for"),
            ("forwarded", "for=\"198.51.100.7\"x"),
            ("forwarded", "for=[2001:db8::1]x"),
        ] {
            assert_eq!(of("10.0.0.1", &[(name, value)]), Err(Unbelievable::Malformed), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_a_client_sends_never_stands_for_it(forged in "[ -~]{0,60}", standard in any::<bool>()) {
            let (name, added) = if standard {
                ("forwarded", "for=198.51.100.7")
            } else {
                ("x-forwarded-for", "198.51.100.7")
            };
            // A proxy appends to the line that it got, or adds a line of its own.
            for headers in [vec![(name, format!("{forged}, {added}"))], vec![(name, forged.clone()), (name, added.to_owned())]] {
                let headers = headers.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
                let client = of("10.0.0.1", &headers);
                prop_assert!(
                    client == Ok(("198.51.100.7".to_owned(), true)) || client == Err(Unbelievable::Malformed),
                    "{client:?}"
                );
            }
        }

        #[test]
        fn an_address_reads_however_it_is_written(address in any::<IpAddr>(), port in any::<u16>()) {
            let canonical = address.to_canonical();
            let mut written = vec![address.to_string(), SocketAddr::new(address, port).to_string()];
            if address.is_ipv6() {
                written.push(format!("[{address}]"));
            }
            for text in written {
                prop_assert_eq!(Node::read(&text), Some(Node::Address(canonical)));
            }
        }
    }
}
