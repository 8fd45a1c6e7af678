//! A small server over TLS that pairs and signs in, proxies in front of it, and an agent of its own for each test.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use device::fleet::{Acknowledgement, COMMAND, Command, Health, Order};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use pairing::device::Paired;
use pairing::link::server::{Ask, Issued, Terms, judge};
use pairing::link::{Address, Anchor};
use pairing::message::{Payload, Screen, Trust};
use pairing::rotation::server::{Ask as Rotating, Keys};
use pairing::rotation::{Refusal, Rotated, Rotation};
use pairing::server::{Admin, AttemptId, Offer, Registry, Stage};
use pairing::session::{Assertion, Fresh, Nonces, Token, TokenRequest};
use pairing::{Entropy, Spake2};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

use crate::stick::Stick;

const INSTANCE: Uuid = Uuid::from_u128(0x1);
/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that comes by itself.
pub async fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(Instant::now() < end, "it did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A certificate authority.
pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // All of one name, so that only the key tells them apart.
        params.distinguished_name.push(rcgen::DnType::CommonName, "Nexus");
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2200, 1, 1);
        let key = KeyPair::generate().unwrap();
        Self { pem: params.self_signed(&key).unwrap().pem(), issuer: Issuer::new(params, key) }
    }

    pub fn leaf(&self, from: i32, until: i32) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        (leaf.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
    }
}

pub fn acceptor(leaf: CertificateDer<'static>, key: &PrivateKeyDer<'static>) -> TlsAcceptor {
    // Not `with_single_cert`, which would notice a certificate that is not the key's.
    let provider = aws_lc_rs::default_provider();
    let key = provider.key_provider.load_private_key(key.clone_key()).unwrap();
    let resolver = SingleCertAndKey::from(CertifiedKey::new(vec![leaf], key));
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    TlsAcceptor::from(Arc::new(config))
}

/// The server.
pub struct Site {
    pub anchor: String,
    pub address: SocketAddr,
    pub leaf: CertificateDer<'static>,
    state: Arc<Served>,
    task: JoinHandle<()>,
}

struct Served {
    anchor: String,
    registry: Mutex<Registry<Spake2>>,
    nonces: Mutex<Nonces>,
    devices: Mutex<HashMap<Uuid, Keys>>,
    opened: AtomicUsize,
    reported: Mutex<Option<Health>>,
    channel: Mutex<Channel>,
    nonces_given: AtomicUsize,
    link: Mutex<Option<Issued>>,
    /// How often somebody posted a link's key.
    posted: AtomicUsize,
    ahead: SignedDuration,
}

impl Site {
    /// A server whose certificate is valid in these years, and that believes it is `date`.
    pub async fn start(authority: &Authority, from: i32, until: i32, date: Option<Timestamp>) -> Self {
        let (leaf, key) = authority.leaf(from, until);
        let acceptor = acceptor(leaf.clone(), &key);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Served {
            anchor: authority.pem.clone(),
            registry: Mutex::new(Registry::new(INSTANCE)),
            nonces: Mutex::new(Nonces::new(&Entropy::system().unwrap(), Instant::now())),
            devices: Mutex::default(),
            opened: AtomicUsize::new(0),
            reported: Mutex::new(None),
            channel: Mutex::default(),
            nonces_given: AtomicUsize::new(0),
            link: Mutex::default(),
            posted: AtomicUsize::new(0),
            ahead: date.map_or(SignedDuration::ZERO, |date| date.duration_since(Timestamp::now())),
        });
        let served = state.clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, served) = (acceptor.clone(), served.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| {
                        let served = served.clone();
                        async move { Ok::<_, Infallible>(served.answer(request).await) }
                    });
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { anchor: authority.pem.clone(), address, leaf, state, task }
    }

    pub fn url(&self) -> String {
        format!("https://{}/", self.address)
    }

    /// A one-time link, as it would be written for the server at `url`.
    pub fn link_at(&self, url: &str) -> String {
        let terms = Terms { networks: "127.0.0.0/8".parse().unwrap(), expires_at: i64::MAX, uses: 1 };
        let (link, key) = Issued::new(terms, &Entropy::system().unwrap());
        let address = Address::new(url.parse().unwrap(), link.id, agent::trust::anchor_hash(&self.anchor)).unwrap();
        *self.state.link.lock().unwrap() = Some(link);
        address.with(&key).to_string()
    }

    pub fn posted(&self) -> usize {
        self.state.posted.load(Ordering::SeqCst)
    }

    pub fn types(&self, code: &str) -> AttemptId {
        let offer = Offer { trust: Trust::Anchor(self.anchor.clone()), screen: screen() };
        let (code, entropy) = (code.parse().unwrap(), Entropy::system().unwrap());
        self.state.registry.lock().unwrap().answer(&admin(), &code, offer, &entropy, Instant::now()).unwrap()
    }

    /// What became of an attempt, once the device has said its word.
    pub fn settled(&self, attempt: AttemptId) -> Option<Stage> {
        let stage = self.state.registry.lock().unwrap().attempt(&admin(), attempt, Instant::now()).unwrap().stage;
        (stage != Stage::WaitingForDevice).then_some(stage)
    }

    pub fn approve(&self, attempt: AttemptId) {
        let mut registry = self.state.registry.lock().unwrap();
        let registration = registry.approve(&admin(), attempt, Instant::now()).unwrap();
        self.state.devices.lock().unwrap().insert(registration.device, Keys::new(registration.key));
        registry.registered(&admin(), attempt, Instant::now()).unwrap();
    }

    /// The whole honest exchange.
    pub async fn pair(&self, stick: &Stick) {
        let attempt = self.types(&stick.code().await.code);
        assert!(matches!(until(|| self.settled(attempt)).await, Stage::Compare(_)));
        self.approve(attempt);
        stick.live().await;
    }

    pub fn forget_devices(&self) {
        self.state.devices.lock().unwrap().clear();
    }

    pub fn devices(&self) -> usize {
        self.state.devices.lock().unwrap().len()
    }

    /// The keys of the only device.
    pub fn keys(&self) -> Keys {
        self.state.devices.lock().unwrap().values().next().unwrap().clone()
    }

    /// What a device reported of itself last.
    pub fn reported(&self) -> Option<Health> {
        self.state.reported.lock().unwrap().clone()
    }

    /// Gives the device a command, over every stream until it is acknowledged.
    pub fn commands(&self, order: Order, life: SignedDuration) -> Uuid {
        let expires_at = Timestamp::now() + self.state.ahead + life;
        let command = Command { id: Uuid::new_v4(), expires_at, order };
        self.state.channel.lock().unwrap().commands.push(command.clone());
        command.id
    }

    /// What the device says of a command, once it does.
    pub fn outcome(&self, id: Uuid) -> Option<Acknowledgement> {
        self.state.channel.lock().unwrap().outcomes.get(&id).cloned()
    }

    /// How many streams of commands there were; none of them lasts here.
    pub fn streams(&self) -> usize {
        self.state.channel.lock().unwrap().streams
    }

    /// Whether acknowledgements are lost.
    pub fn goes_deaf(&self, deaf: bool) {
        self.state.channel.lock().unwrap().deaf = deaf;
    }

    pub fn opened(&self) -> usize {
        self.state.opened.load(Ordering::SeqCst)
    }

    pub fn nonces_given(&self) -> usize {
        self.state.nonces_given.load(Ordering::SeqCst)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The channel of commands.
#[derive(Default)]
struct Channel {
    commands: Vec<Command>,
    outcomes: HashMap<Uuid, Acknowledgement>,
    streams: usize,
    deaf: bool,
}

impl Channel {
    /// All that is to be done, as a stream that ends after it.
    fn events(&mut self) -> String {
        self.streams += 1;
        let event = |command: &Command| format!("event: {COMMAND}\ndata: {}\n\n", json!(command));
        format!(":\n\nevent: of the future\ndata: 1\n\n{}", self.commands.iter().map(event).collect::<String>())
    }
}

impl Served {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let (status, answer) = match (&parts.method, parts.uri.path()) {
            (&Method::GET, "/api/v1/commands") => {
                assert_eq!(parts.headers["authorization"], "Bearer canary");
                (200, self.channel.lock().unwrap().events())
            }
            (method, path) => {
                let (status, answer) = self.route(method, path, &body);
                (status, answer.to_string())
            }
        };
        let date = Timestamp::now() + self.ahead;
        let date = date.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let answer = Full::new(answer.into());
        Response::builder().status(status).header("date", date).body(answer).unwrap()
    }

    fn route(&self, method: &Method, path: &str, body: &[u8]) -> (u16, Value) {
        let (entropy, now) = (Entropy::system().unwrap(), Instant::now());
        let refused = |status: u16, code: &str| (status, json!({ "code": code, "message": "" }));
        let mut registry = self.registry.lock().unwrap();
        match (method.as_str(), path.strip_prefix("/api/v1/").unwrap_or(path)) {
            ("GET", "/healthz") => (200, json!("ok")),
            ("POST", "pairings") => {
                self.opened.fetch_add(1, Ordering::SeqCst);
                let create = serde_json::from_slice(body).unwrap();
                let created = registry.create(create, [127, 0, 0, 1].into(), &entropy, now).unwrap();
                (201, json!(created))
            }
            ("POST", "nonces") => {
                self.nonces_given.fetch_add(1, Ordering::SeqCst);
                (200, json!(Fresh { nonce: self.nonces.lock().unwrap().issue(&entropy, now) }))
            }
            ("POST", "token") => {
                let form: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
                let request: TokenRequest = serde_json::from_value(json!(form)).unwrap();
                assert!(request.is_ours());
                let assertion = Assertion::read(&request.client_assertion).unwrap();
                let mut devices = self.devices.lock().unwrap();
                let Some(keys) = devices.get_mut(&assertion.device()) else { return refused(401, "unknown_device") };
                let Ok(proof) = assertion.prove(keys.all(), INSTANCE, &mut self.nonces.lock().unwrap(), now) else {
                    return refused(401, "invalid_assertion");
                };
                let judged = keys.session(&proof.key, proof.nonce_given_at, now, Timestamp::now().as_second());
                match judge_keys(keys, judged) {
                    Err(refusal) => refused(401, refusal.code()),
                    Ok(()) => (
                        200,
                        json!(Token {
                            access_token: "canary".into(),
                            token_type: "Bearer".into(),
                            expires_in: 1800,
                            scope: "board:read".into(),
                            screen: screen(),
                        }),
                    ),
                }
            }
            ("POST", "keys") => {
                let rotation: Rotation = serde_json::from_slice(body).unwrap();
                let mut devices = self.devices.lock().unwrap();
                let Some(keys) = devices.get_mut(&rotation.device) else { return refused(401, "unknown_device") };
                let ask = Rotating { instance: INSTANCE, screen: screen().id, rotation: &rotation };
                let judged = keys.rotate(&ask, &mut self.nonces.lock().unwrap(), now, Timestamp::now().as_second());
                match judge_keys(keys, judged) {
                    Err(refusal) => refused(401, refusal.code()),
                    Ok(()) => (200, json!(Rotated { generation: rotation.generation })),
                }
            }
            ("POST", "health") => {
                *self.reported.lock().unwrap() = Some(serde_json::from_slice(body).unwrap());
                (200, json!(null))
            }
            ("POST", path) if path.starts_with("commands/") => {
                let mut channel = self.channel.lock().unwrap();
                if channel.deaf {
                    return refused(503, "busy");
                }
                let id: Uuid = path["commands/".len()..].parse().unwrap();
                channel.commands.retain(|command| command.id != id);
                channel.outcomes.insert(id, serde_json::from_slice(body).unwrap());
                (200, json!(null))
            }
            ("GET", "anchor") => (200, json!(Anchor { certificates: Some(self.anchor.clone()) })),
            ("POST", path) if path.starts_with("links/") => {
                self.posted.fetch_add(1, Ordering::SeqCst);
                let (id, exchange) = (path["links/".len()..].parse().unwrap(), serde_json::from_slice(body).unwrap());
                let ask = Ask { id: &id, exchange: &exchange, from: [127, 0, 0, 1].into(), joined: false };
                let mut link = self.link.lock().unwrap();
                match judge(link.as_ref(), &ask, &mut self.nonces.lock().unwrap(), now, 0) {
                    Err(refusal) => refused(410, refusal.code()),
                    Ok(_) => {
                        let device = Uuid::new_v4();
                        self.devices.lock().unwrap().insert(device, Keys::new(exchange.device_key));
                        if let Some(link) = link.as_mut() {
                            link.used += 1;
                        }
                        let trust = Trust::Anchor(self.anchor.clone());
                        let payload = Payload { instance: INSTANCE, trust, screen: screen() };
                        (200, json!(Paired { device, payload }))
                    }
                }
            }
            (_, path) => {
                let mut parts = path.strip_prefix("pairings/").unwrap().split('/');
                let pairing = parts.next().unwrap().parse().unwrap();
                let outcome = match parts.next() {
                    None => registry.poll(&pairing, now),
                    Some("confirmation") => registry.verdict(&pairing, &serde_json::from_slice(body).unwrap(), now),
                    Some(other) => panic!("no such path: {other}"),
                };
                outcome.map_or_else(|_| refused(404, "unknown_pairing"), |outcome| (200, json!(outcome)))
            }
        }
    }
}

/// Keeps what the rules say of a device's keys.
fn judge_keys(keys: &mut Keys, judged: Result<Option<Keys>, Refusal>) -> Result<(), Refusal> {
    if judged == Err(Refusal::Copied) {
        *keys = keys.clone().suspend();
    }
    if let Some(changed) = judged? {
        *keys = changed;
    }
    Ok(())
}

fn admin() -> Admin {
    Admin::signed_in("admin".into())
}

fn screen() -> Screen {
    Screen { id: Uuid::from_u128(3), name: "Support".parse().unwrap(), board: "support".parse().unwrap() }
}
