//! One server, one device and one admin, with a clock that moves when told.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use pairing::device::{Confirmed, Offered, Open, Opening};
use pairing::message::{Answer, Create, Description, Outcome, Payload, Screen, Trust, Verdict};
use pairing::server::{Admin, AttemptId, Offer, Registry, Stage};
use pairing::{Code, DeviceKey, Entropy};
use uuid::Uuid;

pub const INSTANCE: Uuid = Uuid::from_u128(0x1234);
pub const ANCHOR: &str = "-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n";

pub struct Site {
    pub registry: Registry,
    pub now: Instant,
    seed: u64,
}

impl Site {
    pub fn new() -> Self {
        Self { registry: Registry::new(INSTANCE), now: Instant::now(), seed: 0 }
    }

    pub fn entropy(&mut self) -> Entropy {
        self.seed += 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        Entropy::from_seed(seed)
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// A stick that asks from an address of its own.
    pub fn stick(&mut self, last: u8) -> Stick {
        let key = DeviceKey::draw(&self.entropy());
        let (opening, create) = Opening::new(&key, description(), &self.entropy());
        let entropy = self.entropy();
        let created = self.registry.create(create.clone(), address(last), &entropy, self.now).unwrap();
        Stick { key, create, open: opening.created(created, self.now).unwrap() }
    }

    pub fn types(&mut self, code: &Code) -> AttemptId {
        let entropy = self.entropy();
        self.registry.answer(&admin(), code, offer(), &entropy, self.now).unwrap()
    }

    pub fn answer(&mut self, stick: &Stick) -> Answer {
        match self.registry.poll(stick.open.pairing(), self.now).unwrap() {
            Outcome::Answered(answer) => answer,
            other => panic!("expected an answer, got {other:?}"),
        }
    }

    /// The admin types the stick's code, the stick confirms: both show digits, and wait for the admin.
    pub fn confirmed(&mut self, stick: Stick) -> (AttemptId, Confirmed, Verdict) {
        let attempt = self.types(&stick.code());
        let answer = self.answer(&stick);
        let (confirmed, verdict) = stick.accepts(&answer);
        self.registry.verdict(confirmed.pairing(), &verdict, self.now).unwrap();
        (attempt, confirmed, verdict)
    }

    pub fn stage(&mut self, attempt: AttemptId) -> Stage {
        self.registry.attempt(&admin(), attempt, self.now).unwrap().stage
    }
}

pub struct Stick {
    pub key: DeviceKey,
    pub create: Create,
    pub open: Open,
}

impl Stick {
    pub fn code(&self) -> Code {
        self.open.code().shown().parse().unwrap()
    }

    pub fn answered(self, answer: &Answer) -> Result<Offered, Verdict> {
        self.open.answered(&self.key, answer)
    }

    /// As `answered`, on a connection that verifies.
    pub fn accepts(self, answer: &Answer) -> (Confirmed, Verdict) {
        self.answered(answer).unwrap().check(|_| Ok::<(), ()>(())).unwrap()
    }
}

pub fn admin() -> Admin {
    Admin::signed_in("admin".into())
}

pub fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

pub fn description() -> Description {
    Description {
        model: "Raspberry Pi 4 Model B".parse().unwrap(),
        serial: "10000000abcdef01".parse().unwrap(),
        software: "0.1.0".parse().unwrap(),
    }
}

pub fn offer() -> Offer {
    Offer { trust: Trust::Anchor(ANCHOR.into()), screen: screen() }
}

pub fn screen() -> Screen {
    Screen { id: Uuid::from_u128(7), name: "Support".parse().unwrap(), board: "support".parse().unwrap() }
}

pub fn payload() -> Payload {
    Payload { instance: INSTANCE, trust: offer().trust, screen: screen() }
}
