//! A stick that nobody told about a server finds one: real multicast DNS on loopback, and a real DNS server.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use agent::discovery::{Finder, Lan, Names};
use device::State;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Metadata, ResponseCode};
use hickory_server::proto::rr::{RData, Record, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo, Server};
use hickory_server::zone_handler::MessageResponseBuilder;
use mdns_sd::{IfKind, ServiceDaemon, ServiceEvent, ServiceInfo};
use tokio::net::UdpSocket;

use crate::site::{Authority, Site};
use crate::stick::{Stick, network};

/// Somebody who says in a network that he is a server.
struct Announcer {
    daemon: ServiceDaemon,
    name: String,
}

impl Announcer {
    fn start(network: u16, name: &str, address: &str, port: u16, properties: &[(&str, &str)]) -> Self {
        let daemon = ServiceDaemon::new_with_port(network).unwrap();
        daemon.disable_interface(IfKind::All).unwrap();
        daemon.enable_interface(IfKind::LoopbackV4).unwrap();
        let host = format!("{}.local.", name.replace(' ', "-"));
        let service = ServiceInfo::new("_nexus._tcp.local.", name, &host, address, port, properties).unwrap();
        let name = service.get_fullname().to_owned();
        daemon.register(service).unwrap();
        Self { daemon, name }
    }

    /// Says goodbye.
    async fn end(self) {
        self.daemon.unregister(&self.name).unwrap().recv_async().await.unwrap();
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        let _ = self.daemon.shutdown();
    }
}

fn port(site: &Site) -> u16 {
    site.url().parse::<url::Url>().unwrap().port().unwrap()
}

#[tokio::test]
async fn a_stick_that_nobody_told_about_a_server_finds_one_pairs_and_remembers_it() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let network = network();
    let stick = Stick::in_network(network);
    let problem = stick.until(|state| match state {
        State::Problem { headline, .. } => Some(headline),
        _ => None,
    });
    assert_eq!(problem.await, "No Nexus server was found here");
    let announced = Announcer::start(network, "Nexus", "127.0.0.1", port(&site), &[]);
    let shown = stick.code().await;
    assert_eq!((shown.found_among, &shown.qr), (Some(1), &shown.code));
    assert_eq!(shown.server, format!("127.0.0.1:{}", port(&site)));
    site.pair(&stick).await;
    announced.end().await;
    let stick = stick.restart("", "").await;
    assert_eq!(stick.live().await.server.as_str(), site.url());
}

#[tokio::test]
async fn of_two_servers_a_stick_takes_the_same_whoever_answers_first_and_says_that_there_are_two() {
    let sites = [
        Site::start(&Authority::new(), 2020, 2099, None).await,
        Site::start(&Authority::new(), 2020, 2099, None).await,
    ];
    let first = sites.iter().map(port).min().unwrap();
    let network = network();
    let announced =
        sites.iter().map(port).map(|port| Announcer::start(network, &format!("Nexus {port}"), "127.0.0.1", port, &[]));
    let _announced: Vec<_> = announced.collect();
    let lan = Lan { port: network, loopback: true, resolv_conf: "/nowhere".into(), names: agent::discovery::System };
    all_heard(network, 2).await;
    assert_eq!(lan.look().await.len(), 2);
    let shown = Stick::in_network(network).code().await;
    assert_eq!((shown.server, shown.found_among), (format!("127.0.0.1:{first}"), Some(2)));
}

#[tokio::test]
async fn who_announces_odd_names_or_no_port_is_not_asked() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let network = network();
    let _none = Announcer::start(network, "none", "127.0.0.1", 0, &[]);
    let _odd = Announcer::start(network, "odd", "127.0.0.1", 8443, &[("host", "user@phish.example/")]);
    let long = format!("{}.example", "a".repeat(200));
    let _long = Announcer::start(network, "long", "127.0.0.1", 8443, &[("host", &long)]);
    let _good = Announcer::start(network, "good", "127.0.0.1", port(&site), &[]);
    all_heard(network, 4).await;
    let lan = Lan { port: network, loopback: true, resolv_conf: "/nowhere".into(), names: agent::discovery::System };
    let found: Vec<_> = lan.look().await.iter().map(|found| found.server().to_string()).collect();
    assert_eq!(found, [site.url()]);
}

/// Waits until so many servers are announced, whatever they say.
async fn all_heard(network: u16, servers: usize) {
    let daemon = ServiceDaemon::new_with_port(network).unwrap();
    daemon.disable_interface(IfKind::All).unwrap();
    daemon.enable_interface(IfKind::LoopbackV4).unwrap();
    let events = daemon.browse("_nexus._tcp.local.").unwrap();
    let mut heard = HashSet::new();
    while heard.len() < servers {
        if let ServiceEvent::ServiceResolved(service) = events.recv_async().await.unwrap() {
            heard.insert(service.fullname);
        }
    }
    daemon.shutdown().unwrap();
}

#[tokio::test]
async fn the_name_nexus_in_a_search_domain_is_found_by_asking_the_name_servers() {
    let folder = tempfile::tempdir().unwrap();
    let resolv_conf = folder.path().join("resolv.conf");
    std::fs::write(&resolv_conf, "search absent.example office.example\n").unwrap();
    let names = Zone::start(HashMap::from([("nexus.office.example.", Ipv4Addr::new(192, 0, 2, 7))])).await;
    let lan = Lan { port: network(), loopback: true, resolv_conf, names };
    let found: Vec<_> = lan.look().await.iter().map(|found| found.server().to_string()).collect();
    assert_eq!(found, ["https://nexus.office.example:8443/", "https://nexus.office.example/"]);
}

/// A DNS server, and how to ask it.
struct Zone {
    resolver: TokioResolver,
    _server: Server<Handler>,
}

struct Handler(HashMap<&'static str, Ipv4Addr>);

impl Zone {
    async fn start(names: HashMap<&'static str, Ipv4Addr>) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address: SocketAddr = socket.local_addr().unwrap();
        let mut server = Server::new(Handler(names));
        server.register_socket(socket);
        let mut connection = ConnectionConfig::udp();
        connection.port = address.port();
        let server_of = NameServerConfig::new(address.ip(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server_of]);
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        Self { resolver: builder.build().unwrap(), _server: server }
    }
}

impl Names for Zone {
    async fn knows(&self, name: &str) -> bool {
        self.resolver
            .lookup_ip(name)
            .await
            .is_ok_and(|found| found.iter().any(|address| !IpAddr::is_unspecified(&address)))
    }
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut response: R) -> ResponseInfo {
        let query = request.request_info().unwrap().query;
        let name = query.original().name().clone();
        let known = self.0.get(name.to_ascii().to_lowercase().as_str());
        let address = known.filter(|_| query.query_type() == RecordType::A);
        let records: Vec<_> =
            address.map(|address| Record::from_rdata(name, 0, RData::from(IpAddr::V4(*address)))).into_iter().collect();
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        metadata.response_code = if known.is_some() { ResponseCode::NoError } else { ResponseCode::NXDomain };
        let message = MessageResponseBuilder::from_message_request(request).build(metadata, &records, [], [], []);
        response.send_response(message).await.unwrap()
    }
}
