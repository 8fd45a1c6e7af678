//! Telling the server's own network that it is there, so that a new screen finds it: DNS-SD (RFC 6763) over multicast DNS.
//!
//! Nothing depends on it. Where the network takes no multicast, in most containers for example, the log says so.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use mdns_sd::{DaemonEvent, IfKind, IfPredicate, Receiver, ServiceDaemon, ServiceInfo};
use pairing::discovery::{HOST, SERVICE};
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

use crate::config::{Announce, Certificate, Config, PublicName};

/// Longest label of a DNS name, in bytes.
const LABEL: usize = 63;
/// How long the first announcement may take: three probes and a random wait come before it.
const HEARD: Duration = Duration::from_secs(10);
/// How long the goodbye may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// An announcement that holds until it is ended.
pub(crate) struct Announcement {
    daemon: ServiceDaemon,
    name: String,
}

/// What is told of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    /// What people read, in one label.
    name: String,
    /// What tells its machine from others for multicast DNS.
    machine: String,
    /// The name by which alone its certificate counts. A private authority's is for every address, too.
    host: Option<String>,
}

impl Card {
    pub(crate) fn of(config: &Config, instance: Uuid) -> Self {
        let short: String = instance.simple().to_string().chars().take(8).collect();
        let host = config.names.iter().find_map(PublicName::host).map(str::to_owned);
        let mut name = host.as_ref().map_or_else(|| format!("Nexus {short}"), |host| format!("Nexus {host}"));
        name.truncate(LABEL);
        Self {
            name,
            machine: format!("nexus-{short}.local."),
            host: host.filter(|_| matches!(config.certificate, Certificate::Files { .. })),
        }
    }
}

impl Announcement {
    /// Announces a server that listens at `address`, where the configuration wants that and others can reach it.
    pub(crate) fn begin(choice: Announce, card: &Card, address: SocketAddr) -> Option<Self> {
        let (port, loopback) = match choice {
            Announce::Nowhere => return None,
            Announce::Network if address.ip().to_canonical().is_loopback() => {
                tracing::info!("the server is not announced: it can be reached from this machine alone");
                return None;
            }
            Announce::Network => (mdns_sd::MDNS_PORT, false),
            Announce::Loopback { port } => (port, true),
        };
        match announce(card, address, port, loopback) {
            Ok((announcement, events)) => {
                tokio::spawn(watch(events));
                Some(announcement)
            }
            Err(error) => {
                complain(&error.to_string());
                None
            }
        }
    }

    /// Takes it back, so that no screen looks for what is gone.
    pub(crate) async fn end(self) {
        if let Ok(gone) = self.daemon.unregister(&self.name) {
            // Who does not hear it forgets the server after two minutes.
            let _ = timeout(FAREWELL, gone.recv_async()).await;
        }
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // One that ended already has nothing to end.
        let _ = self.daemon.shutdown();
    }
}

fn announce(
    card: &Card,
    address: SocketAddr,
    port: u16,
    loopback: bool,
) -> mdns_sd::Result<(Announcement, Receiver<DaemonEvent>)> {
    let host = card.host.as_ref().map(|host| (HOST, host.as_str()));
    let service =
        ServiceInfo::new(SERVICE, &card.name, &card.machine, "", address.port(), host.as_slice())?.enable_addr_auto();
    let daemon = ServiceDaemon::new_with_port(port)?;
    daemon.disable_interface(IfKind::All)?;
    let reached = IfPredicate::new(move |interface| reaches(address.ip(), interface.ip(), loopback));
    daemon.enable_interface(IfKind::Predicate(reached))?;
    let events = daemon.monitor()?;
    let name = service.get_fullname().to_owned();
    daemon.register(service)?;
    Ok((Announcement { daemon, name }, events))
}

/// Whether who listens at `listen` is reached from others by `address`, one of this machine's own.
fn reaches(listen: IpAddr, address: IpAddr, loopback: bool) -> bool {
    let by = match listen {
        IpAddr::V4(v4) if v4.is_unspecified() => address.is_ipv4(),
        // An unspecified IPv6 address takes IPv4 as well.
        IpAddr::V6(v6) if v6.is_unspecified() => true,
        one => one.to_canonical() == address,
    };
    by && address.is_loopback() == loopback
}

/// Says what became of an announcement, once.
async fn watch(events: Receiver<DaemonEvent>) {
    let end = Instant::now() + HEARD;
    while let Ok(Ok(event)) = timeout_at(end, events.recv_async()).await {
        match event {
            DaemonEvent::Announce(name, by) => {
                tracing::info!(%name, %by, "the server is announced in its network, so that new screens find it");
                return;
            }
            DaemonEvent::Error(error) => return complain(&error.to_string()),
            _ => {}
        }
    }
    complain("no network of this machine takes multicast");
}

fn complain(why: &str) {
    tracing::warn!(
        "the server cannot be announced in its network ({why}); new screens need its address in nexus.toml. \
         NEXUS_ANNOUNCE=off leaves it out"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_announced_by_the_addresses_at_which_it_listens_and_never_by_loopback() {
        let reached = |listen: &str, loopback| {
            let own = ["127.0.0.1", "::1", "192.0.2.7", "198.51.100.7", "2001:db8::7"];
            let listen = listen.parse().unwrap();
            own.into_iter().filter(|own| reaches(listen, own.parse().unwrap(), loopback)).collect::<Vec<_>>()
        };
        assert_eq!(reached("0.0.0.0", false), ["192.0.2.7", "198.51.100.7"]);
        assert_eq!(reached("::", false), ["192.0.2.7", "198.51.100.7", "2001:db8::7"]);
        assert_eq!(reached("192.0.2.7", false), ["192.0.2.7"]);
        assert_eq!(reached("127.0.0.1", false), [""; 0]);
    }
}
