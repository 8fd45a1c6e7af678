//! Every JSON body of the pairing and session calls, by whoever reads it. No foreign body gets anybody registered, or a key
//! replaced.
#![no_main]

use std::{fmt::Debug, net::IpAddr, sync::LazyLock, time::Instant};

use libfuzzer_sys::fuzz_target;
use pairing::{
    DeviceKey, Entropy, MachineKey, SealedKey, Spake2,
    device::{Open, Opening, Paired},
    message::{Answer, Create, Created, Description, Outcome, PairingId, Payload, Screen, Trust, Verdict},
    rotation::{
        Rotated, Rotation,
        device::SealedRing,
        server::{Ask, Keys},
    },
    server::{Admin, Offer, Registry, Stage},
    session::{Denial, Fresh, Nonces, Token, TokenRequest},
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

static NOW: LazyLock<Instant> = LazyLock::new(Instant::now);
const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fuzz_target!(|body: &[u8]| {
    if let Some(create) = same::<Create>(body) {
        Registry::<Spake2>::new(Uuid::nil()).create(create, ADDRESS, &entropy(1), *NOW).ok();
    }
    if let Some(created) = same::<Created>(body) {
        let lifetime = created.lifetime_seconds;
        match opening().0.created(created, *NOW) {
            Ok(open) => assert!(open.expires_at() > *NOW),
            Err(_) => assert_eq!(lifetime, 0),
        }
    }
    match same::<Outcome>(body) {
        Some(Outcome::Answered(answer)) => is_refused(&answer),
        Some(_) => {}
        None => drop(same::<Answer>(body).as_ref().map(is_refused)),
    }
    if let Some(verdict) = same::<Verdict>(body) {
        registers_nobody(&verdict);
    }
    same::<Paired>(body);
    same::<Payload>(body);
    same::<Fresh>(body);
    same::<Rotated>(body);
    if let Some(rotation) = same::<Rotation>(body) {
        replaces_nothing(&rotation);
    }
    if let Some(sealed) = same::<SealedRing>(body) {
        assert!(sealed.open(key(), &MachineKey::draw(&entropy(2))).is_err(), "nobody sealed these");
    }
    same::<Denial>(body);
    let _ = serde_json::from_slice::<Token>(body);
    let _ = serde_json::from_slice::<TokenRequest>(body);
    if let Some(sealed) = same::<SealedKey>(body) {
        assert!(sealed.open(&MachineKey::draw(&entropy(2))).is_err(), "nobody sealed this");
    }
    if let Some(id) = std::str::from_utf8(body).ok().and_then(|text| text.parse::<PairingId>().ok()) {
        assert_eq!(id.expose().as_bytes(), body.to_ascii_lowercase());
    }
});

/// Reads a message; what was read can be written, and reads as the same.
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(body: &[u8]) -> Option<T> {
    let message = serde_json::from_slice::<T>(body).ok()?;
    let written = serde_json::to_vec(&message).expect("what was read can be written");
    assert_eq!(serde_json::from_slice::<T>(&written).expect("what was written can be read"), message);
    Some(message)
}

/// The device trusts no answer of somebody who does not know its code.
fn is_refused(answer: &Answer) {
    let (open, _) = opened(&mut Registry::new(Uuid::nil()));
    assert!(open.answered(&key(), answer).is_err(), "an answer without the code was taken");
}

/// The server trusts no verdict of somebody who does not know the code.
fn registers_nobody(verdict: &Verdict) {
    let mut registry = Registry::new(Uuid::nil());
    let (open, pairing) = opened(&mut registry);
    let admin = Admin::signed_in("admin".to_owned());
    let screen = Screen { id: Uuid::nil(), name: fits("Support"), board: fits("overview") };
    let offer = Offer { trust: Trust::WebPki(fits("nexus.example.com")), screen };
    let attempt = registry.answer(&admin, open.code(), offer, &entropy(4), *NOW).expect("the screen waits");
    registry.verdict(&pairing, verdict, *NOW).expect("the pairing is there");
    let stage = registry.attempt(&admin, attempt, *NOW).expect("the attempt is there").stage;
    assert!(matches!(stage, Stage::Failed(_)), "{verdict:?} led to {stage:?}");
    assert!(registry.approve(&admin, attempt, *NOW).is_err());
}

/// The server takes no key of somebody who does not hold the present one.
fn replaces_nothing(rotation: &Rotation) {
    let keys = Keys::new(key().public());
    let ask = Ask { instance: Uuid::nil(), screen: Uuid::nil(), rotation };
    let judged = keys.rotate(&ask, &mut Nonces::new(&entropy(7), *NOW), *NOW, 0);
    assert!(judged.is_err(), "{rotation:?} was taken");
}

fn opened(registry: &mut Registry) -> (Open, PairingId) {
    let (opening, create) = opening();
    let created = registry.create(create, ADDRESS, &entropy(3), *NOW).expect("an honest device may pair");
    let pairing = created.pairing.clone();
    (opening.created(created, *NOW).expect("the server gives time"), pairing)
}

fn opening() -> (Opening, Create) {
    let description = Description { model: fits("Stick"), serial: fits("1"), software: fits("0.1.0") };
    Opening::new(&key(), description, &entropy(5))
}

fn key() -> DeviceKey {
    DeviceKey::draw(&entropy(6))
}

fn fits<const MAX: usize>(text: &str) -> pairing::message::Text<MAX> {
    text.parse().expect("a short text")
}

fn entropy(seed: u8) -> Entropy {
    Entropy::from_seed([seed; 32])
}
