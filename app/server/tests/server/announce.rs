//! How a server tells its network that it is there, and that it goes: real multicast DNS on loopback.

use std::{collections::HashSet, net::UdpSocket, time::Duration};

use mdns_sd::{IfKind, Receiver, ResolvedService, ServiceDaemon, ServiceEvent};
use server::config::Announce;
use tokio::time::timeout;

use crate::stage::Setup;

const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who looks for servers.
struct Looking {
    daemon: ServiceDaemon,
    events: Receiver<ServiceEvent>,
}

impl Looking {
    fn at(port: u16) -> Self {
        let daemon = ServiceDaemon::new_with_port(port).unwrap();
        daemon.disable_interface(IfKind::All).unwrap();
        daemon.enable_interface(IfKind::LoopbackV4).unwrap();
        let events = daemon.browse("_nexus._tcp.local.").unwrap();
        Self { daemon, events }
    }

    async fn until<T>(&self, wanted: impl Fn(ServiceEvent) -> Option<T>) -> T {
        let found = async {
            loop {
                if let Some(found) = wanted(self.events.recv_async().await.unwrap()) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("nothing of the kind is heard")
    }

    async fn found(&self) -> Box<ResolvedService> {
        self.until(|event| match event {
            ServiceEvent::ServiceResolved(service) => Some(service),
            _ => None,
        })
        .await
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        let _ = self.daemon.shutdown();
    }
}

fn network() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_server_says_where_it_is_and_takes_it_back_when_it_stops() {
    let port = network();
    let setup = Setup { announce: Announce::Loopback { port }, ..Setup::new() };
    let stage = setup.with("NEXUS_NAMES", "nexus.example.com").start().await;
    let looking = Looking::at(port);
    let found = looking.found().await;
    assert_eq!(found.port, stage.server.address().port());
    let addresses: HashSet<_> = found.addresses.iter().map(mdns_sd::ScopedIp::to_ip_addr).collect();
    assert_eq!(addresses, HashSet::from(["127.0.0.1".parse().unwrap()]));
    assert!(found.fullname.starts_with("Nexus nexus"), "{}", found.fullname);
    assert_eq!(
        found.txt_properties.get_property_val("host"),
        None,
        "its authority's certificate is for the address, too"
    );
    stage.server.stop().await;
    looking.until(|event| matches!(event, ServiceEvent::ServiceRemoved(..)).then_some(())).await;
}

#[tokio::test]
async fn a_server_with_a_certificate_of_its_own_names_what_that_is_for() {
    let port = network();
    let setup = Setup { announce: Announce::Loopback { port }, ..Setup::new() };
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(["nexus.example.com".to_owned()]).unwrap().self_signed(&key).unwrap();
    let folder = setup.folder.path().to_owned();
    std::fs::write(folder.join("certificate.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    let path = |name: &str| -> &'static str { folder.join(name).to_str().unwrap().to_owned().leak() };
    let setup = setup.with("NEXUS_NAMES", "192.0.2.7,nexus.example.com");
    let setup = setup.with("NEXUS_CERTIFICATE", path("certificate.pem")).with("NEXUS_KEY", path("key.pem"));
    let _stage = setup.start().await;
    let found = Looking::at(port).found().await;
    assert_eq!(found.txt_properties.get_property_val_str("host"), Some("nexus.example.com"));
}
