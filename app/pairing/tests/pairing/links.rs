//! Access links: who may join by one, and what becomes of everything else that can be tried.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use pairing::device::Paired;
use pairing::link::device::{Foreign, Holder, Ready};
use pairing::link::server::{Admission, Ask, Issued, Terms, judge};
use pairing::link::{Address, AddressError, AnchorHash, Exchange, Key, Refusal};
use pairing::message::{Octets, Payload, Screen, Trust};
use pairing::session::Nonces;
use pairing::{DeviceKey, Entropy};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{ANCHOR, INSTANCE, description};

const NOW: i64 = 1_800_000_000;
const HOUR: i64 = 3600;

/// A server with one link, and its clock.
struct Desk {
    link: Issued,
    key: Key,
    joined: Vec<Octets<32>>,
    nonces: Nonces,
    now: Instant,
    unix_now: i64,
    seed: u8,
}

impl Desk {
    fn new(uses: u32, networks: &str) -> Self {
        let terms = Terms { networks: networks.parse().unwrap(), expires_at: NOW + HOUR, uses };
        let (link, key) = Issued::new(terms, &entropy(1));
        let now = Instant::now();
        Self { link, key, joined: Vec::new(), nonces: Nonces::new(&entropy(2), now), now, unix_now: NOW, seed: 10 }
    }

    fn address(&self) -> Address {
        Address::new("https://nexus.test:8443".parse().unwrap(), self.link.id, Some(hash(ANCHOR))).unwrap()
    }

    fn ready(&self) -> Ready {
        Holder::new(self.address(), self.key.clone()).anchored(ANCHOR.into(), |pem| Some(hash(pem))).unwrap()
    }

    fn stick(&mut self) -> DeviceKey {
        self.seed += 1;
        DeviceKey::draw(&entropy(self.seed))
    }

    fn exchange(&mut self, key: &DeviceKey) -> Exchange {
        self.seed += 1;
        let nonce = self.nonces.issue(&entropy(self.seed), self.now);
        self.ready().exchange(key, description(), nonce)
    }

    fn post(&mut self, exchange: &Exchange, from: &str) -> Result<Admission, Refusal> {
        let joined = self.joined.contains(&exchange.device_key);
        let ask = Ask { id: &self.link.id, exchange, from: from.parse::<IpAddr>().unwrap(), joined };
        let admission = judge(Some(&self.link), &ask, &mut self.nonces, self.now, self.unix_now)?;
        if admission == Admission::New {
            self.link.used += 1;
            self.joined.push(exchange.device_key);
        }
        Ok(admission)
    }

    fn join(&mut self, key: &DeviceKey) -> Result<Admission, Refusal> {
        let exchange = self.exchange(key);
        self.post(&exchange, "192.0.2.9")
    }
}

fn entropy(seed: u8) -> Entropy {
    Entropy::from_seed([seed; 32])
}

/// Stands in for the hash of the certificates' keys, which needs a reader of certificates.
fn hash(pem: &str) -> AnchorHash {
    AnchorHash::of([pem.as_bytes()])
}

fn changed(exchange: &Exchange, change: impl FnOnce(&mut Value)) -> Exchange {
    let mut value = json!(exchange);
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_link_is_read_as_it_was_written_and_shown_without_its_key() {
    let desk = Desk::new(1, "");
    let whole = desk.address().with(&desk.key);
    assert_eq!(Address::read(&whole), Ok((desk.address(), Some(desk.key.clone()))));
    let shown = desk.address().to_string();
    assert!(shown.starts_with("https://nexus.test:8443/s/") && shown.contains("#erased."), "{shown}");
    assert_eq!(Address::read(&shown), Ok((desk.address(), None)));

    let public = Address::new("https://nexus.test".parse().unwrap(), desk.link.id, None).unwrap();
    assert_eq!(Address::read(&public.with(&desk.key)), Ok((public.clone(), Some(desk.key.clone()))));
    assert_eq!(Address::read(&public.to_string()), Ok((public, None)));
}

#[test]
fn what_is_no_link_is_told_without_repeating_it() {
    let desk = Desk::new(1, "");
    let whole = desk.address().with(&desk.key);
    let cases = [
        (whole.replace("https", "http"), AddressError::Scheme),
        (whole.replace("/s/", "/t/"), AddressError::Shape),
        (whole.replace("/s/", "/s/x"), AddressError::Shape),
        (whole.replace("nexus.test", "user@nexus.test"), AddressError::Shape),
        (whole.split('#').next().unwrap().to_owned(), AddressError::Fragment),
        (whole[..whole.len() - 1].to_owned(), AddressError::Fragment),
        (whole.replace('.', ","), AddressError::Fragment),
        ("an access link".to_owned(), AddressError::Shape),
    ];
    for (text, error) in cases {
        let refused = Address::read(&text).unwrap_err();
        assert_eq!(refused, error, "{text}");
        assert!(!refused.to_string().contains(desk.key.expose().as_str()));
    }
}

#[test]
fn a_key_is_not_printed() {
    let mut desk = Desk::new(1, "");
    let key = desk.stick();
    let exchange = desk.exchange(&key);
    let printed = format!("{:?} {:?} {:?} {:?} {}", desk.key, exchange, desk.ready(), desk.link, desk.address());
    assert!(!printed.contains(desk.key.expose().as_str()), "{printed}");
    assert_ne!(desk.link.key_hash.to_string(), *desk.key.expose());
    // What is wrong with one is told without repeating it.
    let error = serde_json::from_value::<Key>(json!("not-a-key-but-somebodys-secret")).unwrap_err().to_string();
    assert!(!error.contains("secret"), "{error}");
}

#[test]
fn a_device_joins_once_and_hears_it_again_if_the_answer_was_lost() {
    let mut desk = Desk::new(1, "");
    let key = desk.stick();
    assert_eq!(desk.join(&key), Ok(Admission::New));
    assert_eq!(desk.join(&key), Ok(Admission::Again));
    desk.unix_now += HOUR;
    assert_eq!(desk.join(&key), Ok(Admission::Again), "it was in time the first time");
    assert_eq!(desk.link.used, 1);
    desk.joined.clear();
    assert_eq!(desk.join(&key), Err(Refusal::Expired), "its screen was removed meanwhile");
}

#[test]
fn a_link_admits_as_many_devices_as_it_has_uses() {
    let mut desk = Desk::new(3, "");
    let sticks: Vec<_> = (0..5).map(|_| desk.stick()).collect();
    let answers: Vec<_> = sticks.iter().map(|stick| desk.join(stick)).collect();
    assert_eq!(answers[..3], [Ok(Admission::New); 3]);
    assert_eq!(answers[3..], [Err(Refusal::UsedUp); 2]);
}

#[test]
fn an_expired_or_revoked_link_admits_nobody() {
    let mut desk = Desk::new(2, "");
    let (first, second) = (desk.stick(), desk.stick());
    desk.unix_now = NOW + HOUR - 1;
    assert_eq!(desk.join(&first), Ok(Admission::New));
    desk.unix_now = NOW + HOUR;
    assert_eq!(desk.join(&second), Err(Refusal::Expired));
    desk.unix_now = NOW;
    desk.link.revoked = true;
    assert_eq!(desk.join(&second), Err(Refusal::Revoked));
    assert_eq!(desk.join(&first), Err(Refusal::Revoked), "nor does it tell anything again");
}

#[test]
fn a_link_admits_only_from_its_networks() {
    for (from, admitted) in [
        ("192.0.2.9", true),
        ("::ffff:192.0.2.9", true),
        ("2001:db8:7::1", true),
        ("198.51.100.5", true),
        ("192.0.3.9", false),
        ("198.51.100.6", false),
        ("2001:db8:8::1", false),
        ("::1", false),
    ] {
        let mut desk = Desk::new(1, "192.0.2.77/24, 2001:db8:7::/48 198.51.100.5");
        let key = desk.stick();
        let exchange = desk.exchange(&key);
        let expected = if admitted { Ok(Admission::New) } else { Err(Refusal::Elsewhere) };
        assert_eq!(desk.post(&exchange, from), expected, "{from}");
    }
    let desk = Desk::new(1, "192.0.2.77/24, 198.51.100.5");
    assert_eq!(desk.link.terms.networks.to_string(), "192.0.2.0/24, 198.51.100.5/32");
    assert!("10.0.0.0/33".parse::<pairing::link::server::Networks>().is_err());
    let mapped = "::ffff:10.0.0.0/104".parse::<pairing::link::server::Networks>().unwrap();
    assert_eq!(mapped.to_string(), "10.0.0.0/8");
}

#[test]
fn a_wrong_key_and_an_unknown_link_are_told_apart_by_nobody() {
    let mut desk = Desk::new(1, "203.0.113.0/24");
    desk.link.revoked = true;
    let key = desk.stick();
    let right = desk.exchange(&key);
    let (_, other) = Issued::new(desk.link.terms.clone(), &entropy(9));
    let wrong = changed(&right, |value| value["key"] = json!(other));
    assert_eq!(desk.post(&wrong, "192.0.2.9"), Err(Refusal::Unknown));
    let ask = Ask { id: &desk.link.id, exchange: &right, from: [192, 0, 2, 9].into(), joined: false };
    assert_eq!(judge(None, &ask, &mut desk.nonces, desk.now, NOW), Err(Refusal::Unknown));
    assert_eq!(desk.post(&right, "203.0.113.5"), Err(Refusal::Revoked), "who holds the key hears why");
}

#[test]
fn a_replayed_exchange_is_refused() {
    let mut desk = Desk::new(5, "");
    let key = desk.stick();
    let exchange = desk.exchange(&key);
    assert_eq!(desk.post(&exchange, "192.0.2.9"), Ok(Admission::New));
    assert_eq!(desk.post(&exchange, "192.0.2.9"), Err(Refusal::StaleNonce));
    let late = desk.exchange(&key);
    desk.now += Duration::from_secs(600);
    assert_eq!(desk.post(&late, "192.0.2.9"), Err(Refusal::StaleNonce));
    assert_eq!(desk.link.used, 1);
}

#[test]
fn a_tampered_exchange_is_refused() {
    let mut desk = Desk::new(5, "");
    let (key, other) = (desk.stick(), desk.stick());
    let honest = desk.exchange(&key);
    let theirs = desk.exchange(&other);
    for tampered in [
        changed(&honest, |value| value["device_key"] = json!(other.public())),
        changed(&honest, |value| value["description"]["serial"] = json!("another")),
        changed(&honest, |value| value["nonce"] = json!(theirs.nonce)),
        changed(&honest, |value| value["signature"] = json!(theirs.signature)),
        changed(&honest, |value| value["device_key"] = json!(Octets::new([0; 32]))),
    ] {
        assert_eq!(desk.post(&tampered, "192.0.2.9"), Err(Refusal::Signature));
    }
    let newer = changed(&honest, |value| value["version"] = json!(2));
    assert_eq!(desk.post(&newer, "192.0.2.9"), Err(Refusal::Version));
    assert_eq!(desk.post(&honest, "192.0.2.9"), Ok(Admission::New), "and none of that spent the nonce");
}

#[test]
fn a_foreign_anchor_gets_no_exchange() {
    let desk = Desk::new(1, "");
    let holder = Holder::new(desk.address(), desk.key.clone());
    assert_eq!(holder.anchored("theirs".into(), |pem| Some(hash(pem))), Err(Foreign));
    assert_eq!(holder.anchored("no certificate".into(), |_| None), Err(Foreign));
    assert_eq!(holder.unanchored(Trust::WebPki("nexus.test".parse().unwrap())), None, "the hash is not passed over");
    assert_eq!(desk.ready().trust(), &Trust::Anchor(ANCHOR.into()));
}

#[test]
fn what_the_connection_does_not_verify_against_is_not_stored() {
    let desk = Desk::new(1, "");
    let screen = Screen { id: Uuid::nil(), name: "Lobby".parse().unwrap(), board: "overview".parse().unwrap() };
    let payload = Payload { instance: INSTANCE, trust: Trust::WebPki("elsewhere.test".parse().unwrap()), screen };
    let paired = Paired { device: Uuid::from_u128(7), payload };
    assert_eq!(desk.ready().joined(paired.clone(), |_| Err("another host")), Err("another host"));
    assert_eq!(desk.ready().joined(paired.clone(), |_| Ok::<_, ()>(())), Ok(paired));
}

#[test]
fn every_refusal_is_known_by_its_code() {
    for refusal in Refusal::ALL {
        assert_eq!(Refusal::from_code(refusal.code()), Some(refusal));
    }
    assert_eq!(Refusal::from_code("too_many_requests"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_a_reader_panic(text in "(https://|nexus|/s/|[A-Za-z0-9_-]{12}|#|\\.|erased|\\PC){0,12}") {
        if let Ok((address, key)) = Address::read(&text) {
            let again = key.as_ref().map_or_else(|| address.to_string(), |key| address.with(key).to_string());
            prop_assert_eq!(Address::read(&again), Ok((address, key)));
        }
        let _ = text.parse::<pairing::link::server::Networks>();
    }

    #[test]
    fn no_key_but_the_right_one_opens_a_link(bit in 0_usize..256) {
        let mut desk = Desk::new(1, "");
        let stick = desk.stick();
        let exchange = desk.exchange(&stick);
        let mut bytes = *desk.key.expose().parse::<Octets<32>>().unwrap().as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let wrong = changed(&exchange, |value| value["key"] = json!(Octets::new(bytes)));
        prop_assert_eq!(desk.post(&wrong, "192.0.2.9"), Err(Refusal::Unknown));
    }

    #[test]
    fn in_whatever_order_devices_come_no_more_join_than_may(
        uses in 1_u32..5, visits in proptest::collection::vec((0_usize..6, 0_i64..HOUR * 2), 0..24),
    ) {
        let mut desk = Desk::new(uses, "");
        let sticks: Vec<_> = (0..6).map(|_| desk.stick()).collect();
        for (stick, later) in visits {
            desk.unix_now = NOW + later;
            let before = desk.joined.contains(&sticks[stick].public());
            match desk.join(&sticks[stick]) {
                Ok(Admission::New) => prop_assert!(!before && later < HOUR),
                Ok(Admission::Again) => prop_assert!(before),
                Err(Refusal::Expired) => prop_assert!(!before && later >= HOUR),
                Err(refusal) => prop_assert!(!before && refusal == Refusal::UsedUp && desk.link.used == uses),
            }
            prop_assert!(desk.link.used <= uses);
        }
    }
}
