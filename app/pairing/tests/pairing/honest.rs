//! Honest ends, whatever the randomness, the network and the person's typing make of it.

use std::net::IpAddr;

use pairing::device::Opening;
use pairing::message::{Answer, Create, Created, Outcome, PairingId, Trust, Verdict};
use pairing::server::{AnswerError, AttemptError, CreateError, Failure, MAX_OPEN, Registration, Stage};
use pairing::{DeviceKey, Entropy, Spake2};
use proptest::prelude::*;

use crate::stage::{Site, address, admin, description, offer, payload, screen};

#[test]
fn an_honest_run_registers_the_device_after_everybody_agreed() {
    let mut site = Site::new();
    let stick = site.stick(1);
    assert_eq!(site.registry.poll(stick.open.pairing(), site.now), Ok(Outcome::Waiting));

    let attempt = site.types(&stick.code());
    assert_eq!(site.stage(attempt), Stage::WaitingForDevice);
    let answer = site.answer(&stick);
    let key = stick.key.public();
    let offered = stick.answered(&answer).unwrap();
    let (confirmed, verdict) = offered.check(|trust| if *trust == offer().trust { Ok(()) } else { Err(()) }).unwrap();
    assert_eq!(*confirmed.payload(), payload());

    assert_eq!(site.registry.verdict(confirmed.pairing(), &verdict, site.now), Ok(Outcome::Comparing));
    assert_eq!(site.stage(attempt), Stage::Compare(confirmed.digits()));
    let registration = site.registry.approve(&admin(), attempt, site.now).unwrap();
    assert_eq!(
        registration,
        Registration {
            device: registration.device,
            key,
            description: description(),
            address: address(1),
            screen: screen(),
        }
    );
    assert_eq!(site.registry.poll(confirmed.pairing(), site.now), Ok(Outcome::Comparing), "not stored yet");
    assert_eq!(site.registry.approve(&admin(), attempt, site.now), Ok(registration.clone()), "storing failed once");
    site.registry.registered(&admin(), attempt, site.now).unwrap();

    let outcome = site.registry.poll(confirmed.pairing(), site.now).unwrap();
    assert_eq!(outcome, Outcome::Registered { device: registration.device });
    let paired = confirmed.registered(registration.device);
    assert_eq!((paired.device, paired.payload), (registration.device, payload()));
}

#[test]
fn a_lost_answer_or_confirmation_is_said_again() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let attempt = site.types(&stick.code());
    let first = site.answer(&stick);
    assert_eq!(site.answer(&stick), first);
    let (confirmed, verdict) = stick.accepts(&first);
    for _ in 0..2 {
        assert_eq!(site.registry.verdict(confirmed.pairing(), &verdict, site.now), Ok(Outcome::Comparing));
    }
    assert_eq!(site.stage(attempt), Stage::Compare(confirmed.digits()));
}

#[test]
fn the_admin_can_decline_and_the_screen_starts_over() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let (attempt, confirmed, _) = site.confirmed(stick);
    site.registry.decline(&admin(), attempt, site.now).unwrap();
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::Declined));
    assert_eq!(site.registry.poll(confirmed.pairing(), site.now), Ok(Outcome::Closed));
    assert_eq!(site.registry.approve(&admin(), attempt, site.now), Err(AttemptError::NotComparing));
}

#[test]
fn an_admin_who_does_not_compare_within_five_minutes_adds_nothing() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let (attempt, confirmed, _) = site.confirmed(stick);
    site.pass(299);
    assert_eq!(site.stage(attempt), Stage::Compare(confirmed.digits()));
    site.pass(1);
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::Declined));
}

#[test]
fn a_fourth_pairing_from_one_address_waits_until_the_first_has_ended() {
    let mut site = Site::new();
    for _ in 0..3 {
        site.stick(1);
        site.pass(10);
    }
    let fourth = |site: &mut Site, from: IpAddr| {
        let (_, create) = Opening::<Spake2>::new(&DeviceKey::draw(&site.entropy()), description(), &site.entropy());
        let entropy = site.entropy();
        site.registry.create(create, from, &entropy, site.now)
    };
    let retry_after = std::time::Duration::from_secs(570);
    assert_eq!(fourth(&mut site, address(1)), Err(CreateError::TooManyFromNetwork { retry_after }));
    assert_eq!(
        fourth(&mut site, "::ffff:192.0.2.1".parse().unwrap()),
        Err(CreateError::TooManyFromNetwork { retry_after }),
        "the same address in its IPv6 clothes"
    );
    assert!(fourth(&mut site, address(2)).is_ok());
    site.pass(570);
    assert!(fourth(&mut site, address(1)).is_ok());
}

#[test]
fn addresses_of_one_ipv6_network_count_as_one() {
    let mut site = Site::new();
    let mut ask = |from: &str| {
        let (_, create) = Opening::<Spake2>::new(&DeviceKey::draw(&site.entropy()), description(), &site.entropy());
        let entropy = site.entropy();
        site.registry.create(create, from.parse().unwrap(), &entropy, site.now)
    };
    assert!((1..=3).all(|host| ask(&format!("2001:db8::{host}")).is_ok()));
    assert!(matches!(ask("2001:db8::4"), Err(CreateError::TooManyFromNetwork { .. })));
    assert!(ask("2001:db8:0:1::4").is_ok());
}

#[test]
fn a_thousand_pairings_are_open_at_most_and_no_two_share_a_nameplate() {
    let mut site = Site::new();
    let (_, create) = Opening::<Spake2>::new(&DeviceKey::draw(&site.entropy()), description(), &site.entropy());
    let mut ask = |number: usize| {
        let number = u32::try_from(number).unwrap();
        let entropy = site.entropy();
        site.registry.create(create.clone(), IpAddr::from((10 << 24 | number).to_be_bytes()), &entropy, site.now)
    };
    let nameplates: std::collections::HashSet<_> =
        (0..MAX_OPEN).map(|number| ask(number).unwrap().nameplate.number()).collect();
    assert_eq!(nameplates.len(), MAX_OPEN);
    assert!(nameplates.iter().filter(|number| **number < 1000).count() >= 450, "three digits while they last");
    assert!(matches!(ask(MAX_OPEN), Err(CreateError::TooMany { .. })));
}

#[test]
fn a_spent_code_frees_its_place() {
    let mut site = Site::new();
    for _ in 0..10 {
        let stick = site.stick(1);
        site.types(&stick.code());
        let answer = site.answer(&stick);
        let (pairing, verdict) = refuse(stick, &answer);
        assert_eq!(site.registry.verdict(&pairing, &verdict, site.now), Ok(Outcome::Closed));
    }
}

fn refuse(stick: crate::stage::Stick, answer: &Answer) -> (PairingId, Verdict) {
    let pairing = stick.open.pairing().clone();
    let (_, verdict) = stick.answered(answer).unwrap().check(|_| Err::<(), ()>(())).unwrap_err();
    (pairing, verdict)
}

#[test]
fn a_device_of_another_version_or_with_a_weak_key_is_told_so() {
    let mut site = Site::new();
    let (_, create) = Opening::<Spake2>::new(&DeviceKey::draw(&site.entropy()), description(), &site.entropy());
    let mut ask = |create: Create| {
        let entropy = site.entropy();
        site.registry.create(create, address(1), &entropy, site.now).unwrap_err()
    };
    assert_eq!(ask(Create { version: 2, ..create.clone() }), CreateError::Version { theirs: 2 });
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(
        ask(Create { device_key: pairing::message::Octets::new(identity), ..create }),
        CreateError::DeviceKey,
        "a point of small order signs for everything"
    );
}

#[test]
fn a_server_cannot_keep_a_code_open_for_longer_than_ten_minutes() {
    let mut site = Site::new();
    let created = |lifetime_seconds| {
        serde_json::from_value::<Created>(serde_json::json!({
            "pairing": "0".repeat(32), "nameplate": 417, "lifetime_seconds": lifetime_seconds,
        }))
        .unwrap()
    };
    let mut open = |seconds| {
        let key = DeviceKey::draw(&site.entropy());
        let (opening, _) = Opening::<Spake2>::new(&key, description(), &site.entropy());
        opening.created(created(seconds), site.now).map(|open| open.expires_at() - site.now)
    };
    assert_eq!(open(u32::MAX).unwrap().as_secs(), 600);
    assert_eq!(open(60).unwrap().as_secs(), 60);
    assert!(open(0).is_err());
}

#[test]
fn an_anchor_that_is_too_long_spends_no_guess() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let long = pairing::server::Offer { trust: Trust::Anchor("x".repeat(24 * 1024 + 1)), ..offer() };
    let entropy = site.entropy();
    assert_eq!(
        site.registry.answer(&admin(), &stick.code(), long, &entropy, site.now),
        Err(AnswerError::AnchorTooLong)
    );
    site.types(&stick.code());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn honest_runs_always_succeed(seeds: [[u8; 32]; 4], anchor in "[ -~\n]{0,4000}", name in "[\\p{L} ]{0,15}x") {
        let now = std::time::Instant::now();
        let mut registry = pairing::server::Registry::<Spake2>::new(crate::stage::INSTANCE);
        let [key, device, server, admin_side] = seeds.map(Entropy::from_seed);
        let key = DeviceKey::draw(&key);
        let (opening, create) = Opening::<Spake2>::new(&key, description(), &device);
        let create: Create = serde_json::from_str(&serde_json::to_string(&create).unwrap()).unwrap();
        let created = registry.create(create, address(1), &server, now).unwrap();
        let open = opening.created(serde_json::from_str(&serde_json::to_string(&created).unwrap()).unwrap(), now).unwrap();
        let offer = pairing::server::Offer {
            trust: Trust::Anchor(anchor.clone()),
            screen: pairing::message::Screen { name: name.parse().unwrap(), ..screen() },
        };
        let attempt = registry.answer(&admin(), &open.code().shown().parse().unwrap(), offer, &admin_side, now).unwrap();
        let outcome = registry.poll(open.pairing(), now).unwrap();
        let Outcome::Answered(answer) = serde_json::from_str(&serde_json::to_string(&outcome).unwrap()).unwrap() else {
            panic!("no answer");
        };
        let (confirmed, verdict) = open.answered(&key, &answer).unwrap().check(|_| Ok::<(), ()>(())).unwrap();
        prop_assert_eq!(&confirmed.payload().trust, &Trust::Anchor(anchor));
        let verdict: Verdict = serde_json::from_str(&serde_json::to_string(&verdict).unwrap()).unwrap();
        prop_assert_eq!(registry.verdict(confirmed.pairing(), &verdict, now), Ok(Outcome::Comparing));
        prop_assert_eq!(registry.attempt(&admin(), attempt, now).unwrap().stage, Stage::Compare(confirmed.digits()));
        prop_assert!(registry.approve(&admin(), attempt, now).is_ok());
    }
}
