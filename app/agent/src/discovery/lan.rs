//! Asking the network: by DNS-SD (RFC 6763) over multicast DNS, and for the name `nexus` in the search domains.

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use mdns_sd::{IfKind, Receiver, ResolvedService, ServiceDaemon, ServiceEvent};
use pairing::discovery::{HOST, SERVICE};
use tokio::time::{Instant, timeout, timeout_at};

use super::{Answer, Finder, Found, domains};
use crate::network;

/// How long answers are waited for. A question that was lost is asked again after a second.
const WAIT: Duration = Duration::from_secs(4);
/// How long others are waited for once somebody answered: RFC 6762 lets them take up to 0.12 s.
const LINGER: Duration = Duration::from_secs(1);
/// More answers than this are not read.
const MOST_ANSWERS: usize = 64;
/// How long the name servers may take.
const NAMES: Duration = Duration::from_secs(5);
/// Largest `resolv.conf` that is read, in bytes.
const MAX_FILE: u64 = 64 * 1024;
/// Where a server listens unless it was told something else, and where a proxy before it does.
const PORTS: [u16; 2] = [8443, 443];

/// Who says whether a name has an address.
pub trait Names: Send + Sync + 'static {
    /// Whether it has one.
    fn knows(&self, name: &str) -> impl Future<Output = bool> + Send;
}

/// The name servers of this machine.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Names for System {
    async fn knows(&self, name: &str) -> bool {
        let addresses = tokio::net::lookup_host((name, PORTS[0])).await;
        addresses.is_ok_and(|mut addresses| addresses.next().is_some())
    }
}

/// The networks that this machine is in.
#[derive(Clone, Debug)]
pub struct Lan<N = System> {
    /// The port of multicast DNS; only tests choose another than 5353.
    pub port: u16,
    /// Whether this machine alone is asked; only tests want that.
    pub loopback: bool,
    /// Where the search domains stand.
    pub resolv_conf: PathBuf,
    /// Whom names are asked of.
    pub names: N,
}

impl Default for Lan {
    fn default() -> Self {
        Self { port: 5353, loopback: false, resolv_conf: PathBuf::from("/etc/resolv.conf"), names: System }
    }
}

impl<N: Names> Finder for Lan<N> {
    async fn look(&self) -> Vec<Found> {
        let (answers, mut named) = tokio::join!(self.answers(), self.named());
        let answers = answers.unwrap_or_else(|error| {
            tracing::warn!("servers cannot be looked for by multicast DNS: {error}");
            Vec::new()
        });
        let networks = network::own(self.loopback).unwrap_or_default();
        let mut found = Found::among(&answers, &networks);
        named.retain(|named| !found.contains(named));
        found.append(&mut named);
        found
    }
}

impl<N: Names> Lan<N> {
    async fn answers(&self) -> mdns_sd::Result<Vec<Answer>> {
        let asking = Asking::begin(self.port, self.loopback)?;
        let (mut answers, mut end) = (Vec::new(), Instant::now() + WAIT);
        while answers.len() < MOST_ANSWERS
            && let Ok(Ok(event)) = timeout_at(end, asking.events.recv_async()).await
        {
            if let ServiceEvent::ServiceResolved(service) = event {
                answers.push(read(&service));
                end = end.min(Instant::now() + LINGER);
            }
        }
        Ok(answers)
    }

    /// The servers called `nexus` in the search domains.
    async fn named(&self) -> Vec<Found> {
        let mut text = String::new();
        let read =
            std::fs::File::open(&self.resolv_conf).and_then(|file| file.take(MAX_FILE).read_to_string(&mut text));
        if read.is_err() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for domain in domains(&text) {
            let name = format!("nexus.{domain}");
            // With its dot at the end it is looked up as it is, and in no search domain once more.
            if timeout(NAMES, self.names.knows(&format!("{name}."))).await.unwrap_or(false) {
                found.extend(PORTS.iter().filter_map(|port| Found::named(&name, *port)));
            }
        }
        found
    }
}

/// A question that is under way. Multicast DNS is spoken only while it is.
struct Asking {
    daemon: ServiceDaemon,
    events: Receiver<ServiceEvent>,
}

impl Asking {
    fn begin(port: u16, loopback: bool) -> mdns_sd::Result<Self> {
        let daemon = ServiceDaemon::new_with_port(port)?;
        if loopback {
            daemon.disable_interface(IfKind::All)?;
            daemon.enable_interface(IfKind::LoopbackV4)?;
        } else {
            daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6])?;
        }
        let events = daemon.browse(SERVICE)?;
        Ok(Self { daemon, events })
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        // One that ended already has nothing to say.
        let _ = self.daemon.shutdown();
    }
}

fn read(service: &ResolvedService) -> Answer {
    let host = service.txt_properties.get_property_val(HOST).flatten();
    let addresses = service.addresses.iter().map(mdns_sd::ScopedIp::to_ip_addr).collect();
    Answer { port: service.port, addresses, host: host.map(<[u8]>::to_vec) }
}
