//! Nonces and client assertions: what the server accepts, and what it does not.

use std::time::{Duration, Instant};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pairing::message::{Octets, PublicKey};
use pairing::session::{Assertion, AssertionError, Claims, Nonce, NonceError, Nonces, assert};
use pairing::{DeviceKey, Entropy};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

const DEVICE: Uuid = Uuid::from_u128(0xd);
const INSTANCE: Uuid = Uuid::from_u128(0x1);
const TODAY: i64 = 1_790_000_000;

struct Server {
    nonces: Nonces,
    now: Instant,
    key: DeviceKey,
    known: PublicKey,
    seed: u8,
}

impl Server {
    fn new() -> Self {
        let now = Instant::now();
        let nonces = Nonces::new(&Entropy::from_seed([1; 32]), now);
        let key = DeviceKey::draw(&Entropy::from_seed([2; 32]));
        Self { nonces, now, known: key.public(), key, seed: 10 }
    }

    fn nonce(&mut self) -> Nonce {
        self.seed += 1;
        self.nonces.issue(&Entropy::from_seed([self.seed; 32]), self.now)
    }

    fn verify(&mut self, assertion: &str) -> Result<Claims, AssertionError> {
        let read = Assertion::read(assertion)?;
        assert_eq!(read.device(), DEVICE);
        read.verify(&self.known, INSTANCE, &mut self.nonces, self.now)
    }

    fn assertion(&mut self, clock: i64) -> String {
        let nonce = self.nonce();
        assert(&self.key, DEVICE, INSTANCE, nonce, clock, &Entropy::from_seed([self.seed; 32])).unwrap()
    }
}

#[test]
fn an_assertion_is_accepted_once() {
    let mut server = Server::new();
    let assertion = server.assertion(TODAY);
    let claims = server.verify(&assertion).unwrap();
    assert_eq!((claims.iss, claims.sub, claims.aud, claims.exp - claims.iat), (DEVICE, DEVICE, INSTANCE, 60));
    assert_eq!(server.verify(&assertion), Err(NonceError::Spent.into()), "a replay");
}

#[test]
fn a_wrong_device_clock_locks_nobody_out() {
    let mut server = Server::new();
    let year = 366 * 24 * 3600;
    for clock in [0, TODAY - year, TODAY + year, -5, i64::from(u32::MAX) * 2] {
        let assertion = server.assertion(clock);
        assert!(server.verify(&assertion).is_ok(), "{clock}");
    }
}

#[test]
fn an_old_nonce_is_refused_whatever_the_assertion_says_of_its_age() {
    let mut server = Server::new();
    let assertion = server.assertion(TODAY);
    server.now += Duration::from_secs(119);
    let in_time = server.assertion(TODAY);
    server.now += Duration::from_secs(1);
    assert_eq!(server.verify(&assertion), Err(NonceError::Old.into()));
    assert!(server.verify(&in_time).is_ok());
}

#[test]
fn a_nonce_of_another_server_or_of_before_a_restart_is_foreign() {
    let mut server = Server::new();
    let assertion = server.assertion(TODAY);
    server.nonces = Nonces::new(&Entropy::from_seed([9; 32]), server.now);
    assert_eq!(server.verify(&assertion), Err(NonceError::Foreign.into()));
}

#[test]
fn an_assertion_for_another_server_is_refused() {
    let mut server = Server::new();
    let nonce = server.nonce();
    let elsewhere =
        assert(&server.key, DEVICE, Uuid::from_u128(2), nonce, TODAY, &Entropy::from_seed([3; 32])).unwrap();
    assert_eq!(server.verify(&elsewhere), Err(AssertionError::Audience));
}

#[test]
fn an_assertion_signed_by_another_device_is_refused_and_spends_no_nonce() {
    let mut server = Server::new();
    let nonce = server.nonce();
    let thief = DeviceKey::draw(&Entropy::from_seed([7; 32]));
    let forged = assert(&thief, DEVICE, INSTANCE, nonce, TODAY, &Entropy::from_seed([3; 32])).unwrap();
    assert_eq!(server.verify(&forged), Err(AssertionError::Signature));
    let honest = assert(&server.key, DEVICE, INSTANCE, nonce, TODAY, &Entropy::from_seed([3; 32])).unwrap();
    assert!(server.verify(&honest).is_ok());
}

/// An assertion with claims of the test's choice by a device that misbehaves: the key is one that the server knows.
fn signed(server: &mut Server, change: impl FnOnce(&mut Value)) -> String {
    let nonce = server.nonce();
    let mut claims = json!({
        "iss": DEVICE, "sub": DEVICE, "aud": INSTANCE, "jti": Uuid::from_u128(5), "iat": TODAY, "exp": TODAY + 60,
        "nonce": nonce,
    });
    change(&mut claims);
    let key = SigningKey::from_bytes(&[8; 32]);
    server.known = Octets::new(key.verifying_key().to_bytes());
    let key = EncodingKey::from_ed_der(key.to_pkcs8_der().unwrap().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &key).unwrap()
}

#[test]
fn claims_that_contradict_each_other_are_refused() {
    let mut server = Server::new();
    let honest = signed(&mut server, |_| ());
    assert!(server.verify(&honest).is_ok(), "the helper itself makes a good one");
    for (name, value) in [
        ("exp", json!(TODAY)),
        ("exp", json!(TODAY - 60)),
        ("exp", json!(TODAY + 301)),
        ("iat", json!(i64::MIN)),
        ("iss", json!(Uuid::from_u128(9))),
    ] {
        let assertion = signed(&mut server, |claims| claims[name] = value.clone());
        assert_eq!(server.verify(&assertion), Err(AssertionError::Claims), "{name}: {value}");
    }
    for (name, value) in
        [("exp", json!("soon")), ("aud", json!([INSTANCE])), ("nonce", json!("x")), ("extra", json!(1))]
    {
        let assertion = signed(&mut server, |claims| claims[name] = value.clone());
        assert_eq!(server.verify(&assertion), Err(AssertionError::Malformed), "{name}: {value}");
    }
}

#[test]
fn another_algorithm_is_refused() {
    let mut server = Server::new();
    let assertion = server.assertion(TODAY);
    let mut parts = assertion.split('.');
    let (_, claims, signature) = (parts.next(), parts.next().unwrap(), parts.next().unwrap());
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256","typ":"JWT"}"#] {
        let forged = format!("{}.{claims}.{signature}", data_encoding::BASE64URL_NOPAD.encode(header.as_bytes()));
        assert_eq!(server.verify(&forged), Err(AssertionError::Signature), "{header}");
        let unsigned = format!("{}.{claims}.", data_encoding::BASE64URL_NOPAD.encode(header.as_bytes()));
        assert_eq!(server.verify(&unsigned), Err(AssertionError::Signature), "{header}");
    }
    // The public key as an HMAC secret, the oldest trick of all.
    let claims: Value = json!({
        "iss": DEVICE, "sub": DEVICE, "aud": INSTANCE, "jti": DEVICE, "iat": TODAY, "exp": TODAY + 60,
        "nonce": server.nonce(),
    });
    let secret = EncodingKey::from_secret(server.key.public().as_bytes());
    let confused = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &secret).unwrap();
    assert_eq!(server.verify(&confused), Err(AssertionError::Signature));
}

#[test]
fn an_oversized_assertion_is_not_looked_at() {
    assert_eq!(Assertion::read(&"a".repeat(2049)).unwrap_err(), AssertionError::Malformed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_is_sent_makes_it_panic(text in "\\PC{0,200}", parts in "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}") {
        prop_assert!(Assertion::read(&text).is_err());
        prop_assert!(Assertion::read(&parts).is_err());
    }

    #[test]
    fn a_changed_assertion_is_refused(place in 0_usize..400, with in "[A-Za-z0-9_-]") {
        let mut server = Server::new();
        let right = server.assertion(TODAY);
        let mut text = right.clone();
        let place = place % text.len();
        text.replace_range(place..=place, &with);
        prop_assume!(text != right);
        let accepted = Assertion::read(&text)
            .and_then(|read| read.verify(&server.key.public(), INSTANCE, &mut server.nonces, server.now));
        prop_assert!(accepted.is_err());
    }
}
