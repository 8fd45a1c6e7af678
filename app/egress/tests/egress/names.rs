//! A real DNS server, whose answers may differ from one question to the next.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use egress::{Addrs, Name, Resolve, Resolving};
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
};
use hickory_server::{
    net::runtime::Time,
    proto::{
        op::{Metadata, ResponseCode},
        rr::{RData, Record, RecordType},
    },
    server::{Request, RequestHandler, ResponseHandler, ResponseInfo, Server},
    zone_handler::MessageResponseBuilder,
};
use tokio::net::UdpSocket;

/// The answers to one question after the other; the last one stays.
type Answers = Vec<Vec<IpAddr>>;

/// A DNS server on a port of this host.
pub(crate) struct Names {
    address: SocketAddr,
    zone: Arc<Zone>,
    _server: Server<Handler>,
}

#[derive(Default)]
struct Zone {
    answers: Mutex<HashMap<String, Answers>>,
    questions: AtomicUsize,
    unknown: Mutex<Vec<String>>,
}

struct Handler(Arc<Zone>);

impl Names {
    pub(crate) async fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let zone = Arc::<Zone>::default();
        let mut server = Server::new(Handler(zone.clone()));
        server.register_socket(socket);
        Self { address, zone, _server: server }
    }

    /// Says where a name is, from one question for an address to the next.
    pub(crate) fn say(&self, name: &str, answers: Answers) {
        self.zone.answers.lock().unwrap().insert(plain(name), answers);
    }

    /// How often somebody asked for IPv4 addresses.
    pub(crate) fn questions(&self) -> usize {
        self.zone.questions.load(Ordering::SeqCst)
    }

    /// Names that somebody asked for, and of which nothing was said.
    pub(crate) fn unknown(&self) -> Vec<String> {
        self.zone.unknown.lock().unwrap().clone()
    }

    /// Asks this server over the network, and remembers nothing.
    pub(crate) fn resolver(&self) -> Arc<dyn Resolve> {
        let mut connection = ConnectionConfig::udp();
        connection.port = self.address.port();
        let server = NameServerConfig::new(self.address.ip(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        options.cache_size = 0;
        options.use_hosts_file = hickory_resolver::config::ResolveHosts::Never;
        options.ip_strategy = hickory_resolver::config::LookupIpStrategy::Ipv4AndIpv6;
        Arc::new(Asking(builder.build().unwrap()))
    }
}

struct Asking(TokioResolver);

impl Resolve for Asking {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.0.clone();
        Box::pin(async move {
            let name = format!("{}.", name.as_str().trim_end_matches('.'));
            let found: Vec<SocketAddr> =
                resolver.lookup_ip(name).await?.iter().map(|address| SocketAddr::new(address, 0)).collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut response: R) -> ResponseInfo {
        let info = request.request_info().unwrap();
        let wanted = info.query.query_type();
        let name = info.query.original().name().clone();
        let mut said = Vec::new();
        if let Some(answers) = self.0.answers.lock().unwrap().get_mut(&plain(&name.to_ascii())) {
            said.clone_from(&answers[0]);
            // One question asks for both kinds of addresses; that for IPv4 counts.
            if wanted == RecordType::A && answers.len() > 1 {
                answers.remove(0);
            }
        } else {
            self.0.unknown.lock().unwrap().push(name.to_ascii());
        }
        if wanted == RecordType::A {
            self.0.questions.fetch_add(1, Ordering::SeqCst);
        }
        let records: Vec<Record> = said
            .into_iter()
            .map(RData::from)
            .filter(|data| data.record_type() == wanted)
            .map(|data| Record::from_rdata(name.clone(), 0, data))
            .collect();
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        metadata.response_code = ResponseCode::NoError;
        let message = MessageResponseBuilder::from_message_request(request).build(metadata, &records, [], [], []);
        response.send_response(message).await.unwrap()
    }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
