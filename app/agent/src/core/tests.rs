#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

use std::collections::HashMap;
use std::sync::Arc;

use device::{Check, Connection, Startup};
use jiff::SignedDuration;
use pairing::link::server::{Admission, Ask, Issued, Terms, judge};
use pairing::link::{Address, Exchange, Id};
use pairing::message::{Outcome, Payload, PublicKey, Screen, Trust};
use pairing::rotation::device::SealedRing;
use pairing::rotation::server::{Ask as Rotating, Keys};
use pairing::rotation::{Refusal as KeyRefusal, Rotated};
use pairing::server::{Admin, AttemptId, Failure, Offer, Registry, Stage};
use pairing::session::{Assertion, AssertionError, Nonces, Token};
use pairing::{DeviceKey, MachineKey};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls_pki_types::ServerName;
use uuid::Uuid;

use super::*;
use crate::clock::Clock;
use crate::discovery::{Answer, Found};
use crate::trust::{Presented, Untrusted};

mod clock;
mod codes;
mod connection;
mod links;
mod rotation;
mod search;
mod server;
mod sessions;

use server::{admin, chain};

const INSTANCE: Uuid = Uuid::from_u128(0x1);

/// A server, an admin and a network around one agent, with a clock that moves when told.
struct World {
    core: Core,
    instant: Instant,
    system: Timestamp,
    clock: Clock,
    registry: Registry,
    nonces: Nonces,
    known: HashMap<Uuid, Keys>,
    anchor: String,
    presented: Presented,
    screen: Screen,
    /// `None`: nobody answers.
    up: bool,
    /// What the server believes the time to be.
    date: Timestamp,
    refuse_tokens: bool,
    /// Whether the server knows what a rotation is.
    takes_keys: bool,
    shown: Option<State>,
    stored: Option<Paired>,
    /// The key in the folder, and those before and after it.
    key: Arc<DeviceKey>,
    keys: Option<SealedRing>,
    forgot: u32,
    silent: u32,
    calls: Vec<Call>,
    pending: Option<(u64, Call)>,
    /// Whom a look finds, and who of them does not answer.
    servers: Vec<Found>,
    absent: Vec<Url>,
    looking: Option<u64>,
    looks: u32,
    /// Whom calls go to, once that was said.
    asked: Option<Url>,
    seed: u64,
    /// The access links of the server, and who joined by them.
    links: Vec<Issued>,
    joined: Vec<(Uuid, PublicKey)>,
    from: std::net::IpAddr,
    /// The anchor that is named to who asks for it.
    named: Option<String>,
    finished: u32,
}

fn today() -> Timestamp {
    "2090-06-15T12:00:00Z".parse().unwrap()
}

impl World {
    fn new() -> Self {
        let (anchor, presented) = chain("ours", 2090, 2091);
        let instant = Instant::now();
        let entropy = |seed| Entropy::from_seed([seed; 32]);
        let setup = Setup {
            server: "https://nexus.test:8443".parse().ok(),
            configured: true,
            before_pairing: Assurance::None,
            link: None,
            proxy: None,
            rotation: 90,
            description: crate::hardware::describe(None),
        };
        let key = Arc::new(DeviceKey::draw(&entropy(1)));
        Self {
            core: Core::new(setup, Ring::new(key.clone()), None, up(), instant),
            key,
            keys: None,
            instant,
            system: today(),
            clock: Clock::new(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH),
            registry: Registry::new(INSTANCE),
            nonces: Nonces::new(&entropy(2), instant),
            known: HashMap::new(),
            anchor,
            presented,
            screen: Screen {
                id: Uuid::from_u128(3),
                name: "Support".parse().unwrap(),
                board: "support".parse().unwrap(),
            },
            up: true,
            date: today(),
            refuse_tokens: false,
            takes_keys: true,
            shown: None,
            stored: None,
            forgot: 0,
            silent: 0,
            calls: Vec::new(),
            pending: None,
            servers: Vec::new(),
            absent: Vec::new(),
            looking: None,
            looks: 0,
            asked: None,
            seed: 0,
            links: Vec::new(),
            joined: Vec::new(),
            from: [192, 0, 2, 9].into(),
            named: None,
            finished: 0,
        }
    }

    fn entropy(&mut self) -> Entropy {
        self.seed += 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        Entropy::from_seed(seed)
    }

    /// One event, and what it causes, but no answer to a call.
    fn event(&mut self, event: Event) {
        let entropy = self.entropy();
        let trusted = self.clock.time(self.instant, self.system);
        let now = Now { instant: self.instant, system: self.system, trusted };
        let mut clock_changed = false;
        for action in self.core.handle(event, now, &entropy) {
            match action {
                Action::Show(state) => self.shown = Some(state),
                Action::Call { id, call } => {
                    self.calls.push(call.clone());
                    self.pending = Some((id, call));
                }
                Action::Look { id } => {
                    self.looks += 1;
                    self.looking = Some(id);
                }
                Action::Ask(server) => self.asked = Some(server),
                Action::Store(paired) => self.stored = Some(*paired),
                Action::StoreKeys { device, ring } => {
                    let entropy = self.entropy();
                    self.keys = Some(ring.seal(device, &machine(), &entropy));
                    self.key = ring.present().clone();
                }
                Action::Forget(key) => {
                    (self.stored, self.keys, self.key) = (None, None, key);
                    self.forgot += 1;
                }
                Action::FinishLink(_) => self.finished += 1,
                Action::Clock(date) => {
                    self.clock.server_says(date, self.instant);
                    clock_changed = true;
                }
                Action::TvSilent => self.silent += 1,
            }
        }
        if clock_changed {
            self.event(Event::Tick);
        }
    }

    /// Starts, or lets what is under way come to rest.
    fn settle(&mut self) {
        self.event(Event::Tick);
        loop {
            if let Some(call) = self.looking.take() {
                self.event(Event::Found { call, servers: self.servers.clone() });
            } else if let Some((call, made)) = self.pending.take() {
                let result = self.serve(&made).map(Box::new);
                self.event(Event::Answered { call, result });
            } else {
                return;
            }
        }
    }

    fn pass(&mut self, seconds: u64) {
        let end = self.instant + Duration::from_secs(seconds);
        while self.instant < end {
            let next = self.core.wake_at(self.instant).max(self.instant + Duration::from_millis(100)).min(end);
            let passed = SignedDuration::try_from(next - self.instant).unwrap();
            self.instant = next;
            self.system += passed;
            self.date += passed;
            self.settle();
        }
    }

    /// A person types the code and approves the screen, which goes live.
    fn is_paired(&mut self) {
        self.settle();
        let code = self.code().code;
        let attempt = self.types(&code);
        self.pass(5);
        self.approve(attempt);
        self.pass(5);
        self.token();
    }

    /// A world in which the agent is live.
    fn live() -> Self {
        let mut world = Self::new();
        world.is_paired();
        world.calls.clear();
        world
    }

    /// The agent starts again, with what it has stored.
    fn restart(&mut self) {
        let (setup, ring) = (self.core.setup.clone(), self.ring_on_disk());
        self.core = Core::new(setup, ring, self.stored.clone(), up(), self.instant);
    }

    /// The keys as the folder has them.
    fn ring_on_disk(&self) -> Ring {
        let key = self.key.seal(&machine(), &Entropy::from_seed([8; 32])).open(&machine()).unwrap();
        match (&self.keys, &self.stored) {
            (Some(keys), Some(paired)) if keys.device() == paired.device => keys.open(key, &machine()).unwrap(),
            _ => Ring::new(key.into()),
        }
    }

    /// Tells the agent 100 times, a second apart, what became of the TV's connection; the tokens it got in that time.
    fn tokens_of_100_reports(&mut self, connection: Connection) -> usize {
        self.calls.clear();
        for _ in 0..100 {
            self.event(reports(connection));
            self.pass(1);
        }
        self.calls.iter().filter(|call| matches!(call, Call::Token(..))).count()
    }

    fn code(&self) -> device::Pairing {
        match &self.shown {
            Some(State::Pairing(pairing)) => pairing.clone(),
            other => panic!("no code is shown but {other:?}"),
        }
    }

    fn board(&self) -> device::Live {
        match &self.shown {
            Some(State::Live(live)) => live.clone(),
            other => panic!("not live but {other:?}"),
        }
    }

    fn token(&self) -> String {
        self.board().access_token
    }

    fn starting(&self) -> Startup {
        match &self.shown {
            Some(State::Starting(startup)) => startup.clone(),
            other => panic!("not starting but {other:?}"),
        }
    }
}

fn up() -> Network {
    Network::Up { name: "wired".into(), address: [192, 0, 2, 48].into() }
}

/// The TV says what became of its connection.
fn reports(connection: Connection) -> Event {
    Event::Report(Report::Connection { connection })
}

fn machine() -> MachineKey {
    MachineKey::draw(&Entropy::from_seed([7; 32]))
}
