#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

use std::collections::HashMap;

use device::{Check, Connection, Startup};
use jiff::SignedDuration;
use pairing::link::server::{Admission, Ask, Issued, Terms, judge};
use pairing::link::{Address, Exchange};
use pairing::message::{Outcome, Payload, PublicKey, Screen, Trust};
use pairing::server::{Admin, AttemptId, Failure, Offer, Registry, Stage};
use pairing::session::{Assertion, Nonces, Token};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls_pki_types::ServerName;
use uuid::Uuid;

use super::*;
use crate::clock::Clock;
use crate::trust::{Presented, Untrusted};

const INSTANCE: Uuid = Uuid::from_u128(0x1);

/// A server, an admin and a network around one agent, with a clock that moves when told.
struct World {
    core: Core,
    instant: Instant,
    system: Timestamp,
    clock: Clock,
    registry: Registry,
    nonces: Nonces,
    known: HashMap<Uuid, PublicKey>,
    anchor: String,
    presented: Presented,
    screen: Screen,
    /// `None`: nobody answers.
    up: bool,
    /// What the server believes the time to be.
    date: Timestamp,
    refuse_tokens: bool,
    shown: Option<State>,
    stored: Option<Paired>,
    forgot: u32,
    silent: u32,
    calls: Vec<Call>,
    pending: Option<(u64, Call)>,
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

fn chain(pem_of: &str, from: i32, until: i32) -> (String, Presented) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, pem_of);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2200, 1, 1);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let mut params = CertificateParams::new(["nexus.test".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    (pem, Presented { chain: vec![leaf.der().clone()], host: ServerName::try_from("nexus.test").unwrap() })
}

impl World {
    fn new() -> Self {
        let (anchor, presented) = chain("ours", 2090, 2091);
        let instant = Instant::now();
        let entropy = |seed| Entropy::from_seed([seed; 32]);
        let setup = Setup {
            server: "https://nexus.test:8443".parse().unwrap(),
            configured: true,
            before_pairing: Assurance::None,
            link: None,
            proxy: None,
            rotation: 90,
            description: crate::hardware::describe(None),
        };
        Self {
            core: Core::new(setup, Arc::new(DeviceKey::draw(&entropy(1))), None, up(), instant),
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
            shown: None,
            stored: None,
            forgot: 0,
            silent: 0,
            calls: Vec::new(),
            pending: None,
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
                Action::Store(paired) => self.stored = Some(*paired),
                Action::Forget(_) => {
                    self.stored = None;
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
        while let Some((call, made)) = self.pending.take() {
            let result = self.serve(&made).map(Box::new);
            self.event(Event::Answered { call, result });
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

    fn serve(&mut self, call: &Call) -> Result<Reply, CallError> {
        if !self.up {
            return Err(CallError::Silent("connection refused".into()));
        }
        let trusted = self.clock.time(self.instant, self.system);
        match call.assurance() {
            Assurance::None => Ok(()),
            Assurance::Anchored(trust) => self.presented.verify(trust, trusted),
            Assurance::AnchoredAtSomeTime(trust) => {
                let time = self.presented.valid_at(trusted, Timestamp::UNIX_EPOCH).expect("a leaf that was valid once");
                self.presented.verify(trust, time)
            }
        }
        .map_err(CallError::Untrusted)?;
        let entropy = self.entropy();
        let now = self.instant;
        let gone = |_| CallError::Refused { status: 404, code: "unknown_pairing".into() };
        let body = match call {
            Call::Create(create, _) => {
                let from = [192, 0, 2, 9].into();
                Body::Created(self.registry.create((**create).clone(), from, &entropy, now).unwrap())
            }
            Call::Poll(pairing, _) => Body::Outcome(self.registry.poll(pairing, now).map_err(gone)?),
            Call::Verdict(pairing, verdict, _) => {
                Body::Outcome(self.registry.verdict(pairing, verdict, now).map_err(gone)?)
            }
            Call::Nonce(_) => Body::Nonce(self.nonces.issue(&entropy, now)),
            Call::Time(_) => Body::Time,
            Call::Anchor(_) => Body::Anchor(self.named.clone()),
            Call::Exchange(id, exchange, _) => self.exchange(id, exchange)?,
            Call::Token(request, _) => {
                assert!(request.is_ours());
                let assertion = Assertion::read(&request.client_assertion).unwrap();
                let refused = |code: &str| CallError::Refused { status: 401, code: code.into() };
                let key = *self.known.get(&assertion.device()).ok_or_else(|| refused("unknown_device"))?;
                assertion.verify(&key, INSTANCE, &mut self.nonces, now).map_err(|_| refused("stale_nonce"))?;
                if self.refuse_tokens {
                    return Err(refused("other"));
                }
                Body::Token(Box::new(Token {
                    access_token: format!("token {}", self.seed),
                    token_type: "Bearer".into(),
                    expires_in: 1800,
                    scope: "board:read".into(),
                    screen: self.screen.clone(),
                }))
            }
        };
        Ok(Reply { body, presented: self.presented.clone(), date: Some(self.date) })
    }

    fn exchange(&mut self, id: &Id, exchange: &Exchange) -> Result<Body, CallError> {
        let joined = self.joined.iter().find(|(_, key)| *key == exchange.device_key).copied();
        let ask = Ask { id, exchange, from: self.from, joined: joined.is_some() };
        let link = self.links.iter_mut().find(|link| link.id == *id);
        let judged = judge(link.as_deref(), &ask, &mut self.nonces, self.instant, 0);
        let admission = judged.map_err(|refusal| CallError::Refused { status: 403, code: refusal.code().into() })?;
        let device = joined.map_or(Uuid::from_u128(9), |(device, _)| device);
        if admission == Admission::New {
            link.unwrap().used += 1;
            self.joined.push((device, exchange.device_key));
            self.known.insert(device, exchange.device_key);
        }
        let trust = Trust::Anchor(self.anchor.clone());
        let payload = Payload { instance: INSTANCE, trust, screen: self.screen.clone() };
        Ok(Body::Joined(Box::new(Paired { device, payload })))
    }

    fn types(&mut self, code: &str) -> AttemptId {
        let offer = Offer { trust: Trust::Anchor(self.anchor.clone()), screen: self.screen.clone() };
        let entropy = self.entropy();
        self.registry.answer(&admin(), &code.parse().unwrap(), offer, &entropy, self.instant).unwrap()
    }

    fn stage(&mut self, attempt: AttemptId) -> Stage {
        self.registry.attempt(&admin(), attempt, self.instant).unwrap().stage
    }

    fn approve(&mut self, attempt: AttemptId) {
        let registration = self.registry.approve(&admin(), attempt, self.instant).unwrap();
        self.known.insert(registration.device, registration.key);
        self.registry.registered(&admin(), attempt, self.instant).unwrap();
    }

    /// A world in which the agent is live.
    fn live() -> Self {
        let mut world = Self::new();
        world.settle();
        let code = world.code().code;
        let attempt = world.types(&code);
        world.pass(5);
        world.approve(attempt);
        world.pass(5);
        world.token();
        world.calls.clear();
        world
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

fn admin() -> Admin {
    Admin::signed_in("admin".into())
}

#[test]
fn a_new_stick_shows_its_code_and_becomes_live_once_everybody_agreed() {
    let mut world = World::new();
    world.settle();
    let shown = world.code();
    assert_eq!((shown.server.as_str(), shown.confirm.clone()), ("nexus.test:8443", None));
    assert_eq!(shown.expires_at.duration_since(shown.issued_at).as_secs(), 600);
    assert_eq!(shown.network, Some(device::Network { name: "wired".into(), address: "192.0.2.48".into() }));

    let attempt = world.types(&shown.code);
    world.pass(3);
    let Stage::Compare(digits) = world.stage(attempt) else { panic!("the device did not confirm") };
    assert_eq!(world.code().confirm, Some(digits.to_string()), "both screens show the same");
    assert_eq!(world.code().code, shown.code);
    assert!(world.stored.is_none(), "nothing before the admin compared");

    world.approve(attempt);
    world.pass(3);
    let live = world.board();
    assert_eq!((live.board.as_str(), live.screen.as_str(), live.rotation), ("support", "Support", 90));
    assert_eq!(live.trust, device::Trust::Anchor(world.anchor.clone()));
    assert_eq!(live.clock_offset, 0);
    assert!(world.stored.is_some());
}

#[test]
fn from_the_verdict_on_every_connection_is_verified_strictly() {
    let mut world = World::live();
    let strict = Assurance::Anchored(Trust::Anchor(world.anchor.clone()));
    world.pass(4000);
    assert!(!world.calls.is_empty());
    assert!(world.calls.iter().all(|call| *call.assurance() == strict));

    let mut world = World::new();
    world.settle();
    let code = world.code().code;
    world.types(&code);
    world.pass(3);
    let verdict = world.calls.iter().find(|call| matches!(call, Call::Verdict(..))).unwrap();
    assert_eq!(*verdict.assurance(), Assurance::Anchored(Trust::Anchor(world.anchor.clone())));
}

#[test]
fn a_wrong_code_is_burned_and_a_new_one_shown() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    let nameplate = first.split('-').next().unwrap().to_owned();
    // The first secret that passes the check character with this nameplate and is not the right one.
    let wrong = (0..)
        .map(|number: u32| format!("{nameplate}-{:04}-{:04}", number / 10_000, number % 10_000))
        .find(|code| *code != first && code.parse::<pairing::Code>().is_ok())
        .unwrap();
    let attempt = world.types(&wrong);
    world.pass(3);
    assert_eq!(world.stage(attempt), Stage::Failed(Failure::WrongCode));
    assert_ne!(world.code().code, first);
    assert_eq!(world.code().confirm, None);
}

#[test]
fn an_intercepted_connection_is_told_on_the_tv_and_to_the_admin_and_a_new_code_follows_in_a_minute() {
    let mut world = World::new();
    world.presented = chain("the man in the middle", 2090, 2091).1;
    world.settle();
    let first = world.code().code;
    let attempt = world.types(&first);
    world.pass(3);
    assert!(
        matches!(&world.shown, Some(State::Problem { headline, .. }) if headline.contains("not the server's own")),
        "{:?}",
        world.shown
    );
    assert_eq!(world.stage(attempt), Stage::Failed(Failure::Untrusted));
    world.pass(61);
    assert_ne!(world.code().code, first);
    assert!(world.stored.is_none());
}

#[test]
fn a_code_that_nobody_typed_is_replaced_after_ten_minutes() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    world.pass(590);
    assert_eq!(world.code().code, first);
    world.pass(12);
    assert_ne!(world.code().code, first);
}

#[test]
fn a_restarted_server_gets_a_new_pairing() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    world.registry = Registry::new(INSTANCE);
    world.pass(3);
    assert_ne!(world.code().code, first);
}

#[test]
fn a_server_that_goes_away_during_pairing_is_told_within_five_seconds_and_its_code_comes_back() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    world.up = false;
    world.pass(5);
    let startup = world.starting();
    assert_eq!((startup.network, startup.server), (Check::Done, Check::Failed));
    assert_eq!(startup.server_text, "nexus.test:8443 is not answering, trying again");
    world.up = true;
    world.pass(31);
    assert_eq!(world.code().code, first, "it still holds");
}

#[test]
fn an_admin_who_declines_makes_the_screen_start_over() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    let attempt = world.types(&first);
    world.pass(3);
    world.registry.decline(&admin(), attempt, world.instant).unwrap();
    world.pass(3);
    assert_ne!(world.code().code, first);
}

#[test]
fn a_fresh_token_comes_before_the_old_one_ends() {
    let mut world = World::live();
    let first = world.board();
    world.pass(1100);
    assert_eq!(world.token(), first.access_token);
    world.pass(200);
    let second = world.board();
    assert_ne!(second.access_token, first.access_token);
    assert!(world.system < first.expires_at && second.expires_at > first.expires_at);
}

#[test]
fn a_refused_token_is_replaced_at_once_but_a_server_that_refuses_its_own_is_not_asked_in_a_loop() {
    let refused = || Event::Report(Report::Connection { connection: Connection::Refused });
    let mut world = World::live();
    world.pass(10);
    let first = world.token();
    world.event(refused());
    world.settle();
    assert_ne!(world.token(), first);

    world.calls.clear();
    for _ in 0..100 {
        world.event(refused());
        world.pass(1);
    }
    let tokens = world.calls.iter().filter(|call| matches!(call, Call::Token(..))).count();
    assert!((3..50).contains(&tokens), "{tokens} tokens in 100 s");
}

#[test]
fn a_server_that_goes_away_leaves_the_tv_its_board_and_all_comes_back_by_itself() {
    let mut world = World::live();
    let first = world.token();
    world.up = false;
    world.pass(2400);
    assert_eq!(world.token(), first, "the TV says how old its data is");
    let calls = world.calls.len();
    world.pass(60);
    assert!(world.calls.len() - calls < 40, "it backs off");
    world.up = true;
    world.pass(31);
    assert_ne!(world.token(), first);
}

#[test]
fn a_server_with_another_authority_is_told_at_once_and_all_comes_back_with_the_right_one() {
    let untrusted = || Event::Report(Report::Connection { connection: Connection::Untrusted });
    let mut world = World::live();
    world.pass(10);
    let first = world.token();
    let (_, another) = chain("another", 2090, 2091);
    let ours = std::mem::replace(&mut world.presented, another);
    world.event(untrusted());
    world.settle();
    let Some(State::Problem { headline, detail, remedy }) = &world.shown else { panic!("{:?}", world.shown) };
    assert_eq!(headline, "This is not the server that this screen was paired with");
    assert!(detail[0].starts_with("Something else answers at nexus.test:8443"), "{detail:?}");
    assert!(remedy.contains("whoever looks after Nexus") && remedy.contains("nexus-agent forget"), "{remedy}");
    world.pass(300);
    assert!(matches!(world.shown, Some(State::Problem { .. })), "{:?}", world.shown);
    assert!(world.stored.is_some() && world.forgot == 0, "the pairing is kept");

    // A restart does not forget it.
    let paired = world.stored.clone();
    world.core = Core::new(world.core.setup.clone(), world.core.key.clone(), paired, up(), world.instant);
    world.settle();
    assert!(matches!(world.shown, Some(State::Problem { .. })), "{:?}", world.shown);

    world.presented = ours;
    world.pass(31);
    assert_ne!(world.token(), first);
}

#[test]
fn a_tv_that_alone_distrusts_the_server_gets_other_tokens_but_not_in_a_loop() {
    let untrusted = || Event::Report(Report::Connection { connection: Connection::Untrusted });
    let mut world = World::live();
    world.pass(10);
    let first = world.token();
    for _ in 0..100 {
        world.event(untrusted());
        world.pass(1);
    }
    assert_ne!(world.token(), first);
    let tokens = world.calls.iter().filter(|call| matches!(call, Call::Token(..))).count();
    assert!((3..50).contains(&tokens), "{tokens} tokens in 100 s");
}

#[test]
fn a_restart_without_a_server_says_so_and_names_the_screen() {
    let mut world = World::live();
    let paired = world.stored.clone();
    let setup = world.core.setup.clone();
    world.core = Core::new(setup, world.core.key.clone(), paired, up(), world.instant);
    world.up = false;
    world.settle();
    assert_eq!((world.starting().server, world.starting().screen.as_deref()), (Check::Failed, Some("Support")));
    world.up = true;
    world.pass(3);
    world.board();
}

#[test]
fn a_removed_screen_says_so_and_then_shows_a_code_under_another_key() {
    let mut world = World::live();
    let key = world.core.key.public();
    world.known.clear();
    world.pass(10);
    world.event(Event::Report(Report::Connection { connection: Connection::Refused }));
    world.settle();
    assert_eq!(world.shown, Some(State::Removed { server: "nexus.test:8443".into() }));
    assert_eq!((world.forgot, world.stored.is_none()), (1, true));
    world.pass(59);
    assert!(matches!(world.shown, Some(State::Removed { .. })));
    world.pass(2);
    world.code();
    assert_ne!(world.core.key.public(), key);
}

#[test]
fn a_screen_that_shows_another_board_is_told_and_remembers_it() {
    let mut world = World::live();
    world.screen.board = "sales".parse().unwrap();
    world.pass(10);
    world.event(Event::Report(Report::Connection { connection: Connection::Refused }));
    world.settle();
    assert_eq!(world.board().board, "sales");
    assert_eq!(&*world.stored.as_ref().unwrap().payload.screen.board, "sales");
}

#[test]
fn a_clock_that_is_years_off_comes_back_by_the_paired_servers_time() {
    for off in [-40 * 366, -366, 366, 40 * 366] {
        let mut world = World::live();
        let paired = world.stored.clone();
        world.core = Core::new(world.core.setup.clone(), world.core.key.clone(), paired, up(), world.instant);
        world.clock = Clock::new(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        world.system += SignedDuration::from_hours(24 * off);
        world.settle();
        world.pass(5);
        assert_eq!(world.board().clock_offset, -off * 86_400, "{off} days");
        assert!(matches!(world.calls[1], Call::Time(Assurance::AnchoredAtSomeTime(_))), "{:?}", world.calls);
    }
}

#[test]
fn a_new_stick_whose_clock_is_years_off_pairs_with_a_pinned_server() {
    for off in [-40 * 366, 366] {
        let mut world = World::new();
        world.system += SignedDuration::from_hours(24 * off);
        world.settle();
        let code = world.code().code;
        let attempt = world.types(&code);
        world.pass(3);
        world.approve(attempt);
        world.pass(3);
        assert_eq!(world.board().clock_offset, -off * 86_400, "{off} days");
    }
}

#[test]
fn a_certificate_that_truly_ended_is_told_and_not_asked_about_in_a_loop() {
    let mut world = World::live();
    world.date += SignedDuration::from_hours(24 * 400);
    world.system = world.date;
    let paired = world.stored.clone();
    world.core = Core::new(world.core.setup.clone(), world.core.key.clone(), paired, up(), world.instant);
    world.clock = Clock::new(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    world.settle();
    world.calls.clear();
    world.pass(60);
    assert!(world.starting().server_text.contains("does not trust"), "{:?}", world.shown);
    assert!(world.calls.len() < 60, "{} calls in a minute", world.calls.len());
}

#[test]
fn a_foreign_certificate_after_pairing_is_told() {
    let mut world = World::live();
    let paired = world.stored.clone();
    world.core = Core::new(world.core.setup.clone(), world.core.key.clone(), paired, up(), world.instant);
    world.presented = chain("the man in the middle", 2090, 2091).1;
    world.settle();
    assert!(
        matches!(&world.shown, Some(State::Problem { headline, .. }) if headline.starts_with("This is not the server"))
    );
    assert!(matches!(world.core.contact, Contact::Fails(CallError::Untrusted(Untrusted::Chain(_)))));
}

#[test]
fn the_network_is_told_as_it_is() {
    let mut world = World::new();
    world.up = false;
    for (network, check, text, server) in [
        (Network::Down, Check::Failed, "no network: check the cable or Wi-Fi", "waiting for the network"),
        (Network::Joining, Check::Waiting, "waiting for an address", "waiting for the network"),
        (up(), Check::Done, "connected: wired, 192.0.2.48", "nexus.test:8443 is not answering, trying again"),
    ] {
        world.event(Event::Network(network));
        world.settle();
        let startup = world.starting();
        assert_eq!((startup.network, startup.network_text.as_str()), (check, text));
        assert_eq!(startup.server_text, server);
    }
}

#[test]
fn a_network_that_comes_up_is_used_at_once() {
    let mut world = World::new();
    world.up = false;
    world.event(Event::Network(Network::Down));
    world.settle();
    world.pass(300);
    world.up = true;
    world.event(Event::Network(up()));
    world.settle();
    world.code();
}

#[test]
fn an_answer_to_an_old_call_changes_nothing() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    world.event(Event::Answered { call: 0, result: Err(CallError::Silent("late".into())) });
    world.event(Event::Answered { call: 1, result: Err(CallError::Refused { status: 404, code: String::new() }) });
    assert_eq!(world.code().code, first);
}

#[test]
fn nonsense_from_the_server_is_told_and_not_asked_for_in_a_loop() {
    let mut world = World::new();
    world.event(Event::Tick);
    for step in 0..300 {
        if let Some((call, _)) = world.pending.take() {
            let reply = Reply { body: Body::Time, presented: world.presented.clone(), date: None };
            let outcome = Reply { body: Body::Outcome(Outcome::Comparing), ..reply.clone() };
            let reply = if step % 2 == 0 { reply } else { outcome };
            world.event(Event::Answered { call, result: Ok(Box::new(reply)) });
        }
        world.instant += Duration::from_millis(100);
        world.event(Event::Tick);
    }
    assert!(world.starting().server_text.contains("is no Nexus server"), "{:?}", world.shown);
    assert!(world.calls.len() <= 16, "{} calls in 30 s", world.calls.len());
}

#[test]
fn a_tv_that_is_refused_by_a_server_that_came_back_makes_the_agent_hurry() {
    let refused = || Event::Report(Report::Connection { connection: Connection::Refused });
    let mut world = World::live();
    world.pass(10);
    let first = world.token();
    world.up = false;
    world.event(refused());
    world.settle();
    world.pass(300);
    world.up = true;
    world.event(refused());
    world.settle();
    assert_ne!(world.token(), first, "at once, not after the half minute that it had come to");
}

#[test]
fn a_tv_that_falls_silent_is_noticed_once() {
    let mut world = World::live();
    world.event(Event::Report(Report::Alive { frames: 1, width: 1920, height: 1080 }));
    world.pass(14);
    assert_eq!(world.silent, 0);
    world.pass(60);
    assert_eq!(world.silent, 1);
    world.event(Event::Report(Report::Alive { frames: 2, width: 1920, height: 1080 }));
    world.pass(60);
    assert_eq!(world.silent, 2);
}

#[test]
fn the_qr_code_names_the_page_only_where_its_address_is_trusted() {
    let server = "https://nexus.test:8443".parse().unwrap();
    assert_eq!(qr("417-KX7M-2QPD", &server, false), "417-KX7M-2QPD");
    assert_eq!(qr("417-KX7M-2QPD", &server, true), "https://nexus.test:8443/admin/screens/add?code=417-KX7M-2QPD");
    let mut world = World::new();
    world.core.setup.configured = false;
    world.settle();
    assert_eq!(world.code().qr, world.code().code, "remembered, and not verified by web PKI");
}

mod links;
