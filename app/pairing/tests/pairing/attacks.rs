//! What somebody on the network, a stranger, or a clumsy admin can try, and what becomes of it.

use pairing::device::{OpenError, Opening};
use pairing::message::{Answer, Create, Created, Octets, Outcome, PairingId, Sealed, Trust, Verdict};
use pairing::server::{AnswerError, AttemptError, Failure, Registry, Stage, UnknownPairing};
use pairing::{Code, DeviceKey, Nameplate, Spake2};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::stage::{INSTANCE, Site, Stick, address, admin, description, offer};

mod replays;
mod tampering;

/// A code with the stick's nameplate and another secret, as a wrong guess that passes the check character.
fn guess(site: &mut Site, nameplate: Nameplate) -> Code {
    let mut theirs = site.stick(200);
    while theirs.code().nameplate() == nameplate {
        theirs = site.stick(201);
    }
    let created = json!({ "pairing": "0".repeat(32), "nameplate": nameplate.number(), "lifetime_seconds": 600 });
    let (opening, _) = Opening::<Spake2>::new(&theirs.key, description(), &site.entropy());
    opening.created(serde_json::from_value(created).unwrap(), site.now).unwrap().code().shown().parse().unwrap()
}

/// Changes one value of a message on its way.
fn changed<T: serde::Serialize + serde::de::DeserializeOwned>(message: &T, change: impl FnOnce(&mut Value)) -> T {
    let mut value = serde_json::to_value(message).unwrap();
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

/// Another value of the same length for a base64url field.
fn flip(field: &mut Value) {
    let text = field.as_str().unwrap();
    let first = if text.starts_with('A') { 'B' } else { 'A' };
    *field = format!("{first}{}", &text[1..]).into();
}

#[test]
fn a_man_in_the_middle_with_its_own_certificate_is_refused() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let attempt = site.types(&stick.code());
    // The man in the middle passes every message on; only the connection's certificate is his own.
    let answer = site.answer(&stick);
    let pairing = stick.open.pairing().clone();
    let presented = Trust::Anchor("the man in the middle's own CA".into());
    let check = |trust: &Trust| if *trust == presented { Ok(()) } else { Err("the certificate is of another CA") };
    let (reason, verdict) = stick.answered(&answer).unwrap().check(check).unwrap_err();
    assert_eq!(reason, "the certificate is of another CA");

    assert_eq!(site.registry.verdict(&pairing, &verdict, site.now), Ok(Outcome::Closed));
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::Untrusted), "the admin hears it from the device itself");
    assert_eq!(site.registry.approve(&admin(), attempt, site.now), Err(AttemptError::NotComparing));
}

#[test]
fn a_man_in_the_middle_cannot_put_his_own_anchor_into_the_answer() {
    let mut site = Site::new();
    let stick = site.stick(1);
    site.types(&stick.code());
    let honest = site.answer(&stick);
    // He runs a server of his own, and can only guess the code.
    let mut his = Site::new();
    let entropy = his.entropy();
    let created = his.registry.create(stick.create.clone(), address(9), &entropy, his.now).unwrap();
    let wrong = guess(&mut his, created.nameplate);
    his.types(&wrong);
    let Outcome::Answered(forged) = his.registry.poll(&created.pairing, his.now).unwrap() else {
        panic!("no answer");
    };
    let spliced = Answer { sealed: forged.sealed.clone(), ..honest };
    assert!(matches!(stick.answered(&spliced), Err(Verdict::Refused { .. })));
    let fresh = site.stick(2);
    assert!(matches!(fresh.answered(&forged), Err(Verdict::Refused { .. })));
}

#[test]
fn a_wrong_code_burns_the_nameplate() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let (right, pairing) = (stick.code(), stick.open.pairing().clone());
    let wrong = guess(&mut site, right.nameplate());
    let attempt = site.types(&wrong);
    let answer = site.answer(&stick);
    let verdict = stick.answered(&answer).unwrap_err();
    assert_eq!(site.registry.verdict(&pairing, &verdict, site.now), Ok(Outcome::Closed));
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::WrongCode));

    let entropy = site.entropy();
    assert_eq!(
        site.registry.answer(&admin(), &right, offer(), &entropy, site.now),
        Err(AnswerError::NotWaiting),
        "the right code comes too late"
    );
}

#[test]
fn the_guess_is_spent_before_the_device_says_anything() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let wrong = guess(&mut site, stick.code().nameplate());
    site.types(&wrong);
    let entropy = site.entropy();
    assert_eq!(
        site.registry.answer(&admin(), &stick.code(), offer(), &entropy, site.now),
        Err(AnswerError::NotWaiting)
    );
}

#[test]
fn a_refusal_says_nothing_to_whoever_lacks_the_key() {
    let mut site = Site::new();
    let stick = site.stick(1);
    site.types(&stick.code());
    let answer = site.answer(&stick);
    let (_, untrusted) = stick.answered(&answer).unwrap().check(|_| Err::<(), ()>(())).unwrap_err();

    let stick = site.stick(2);
    let wrong = guess(&mut site, stick.code().nameplate());
    site.types(&wrong);
    let answer = site.answer(&stick);
    let wrong = stick.answered(&answer).unwrap_err();

    let shape = |verdict: &Verdict| {
        let value = serde_json::to_value(verdict).unwrap();
        (value["verdict"].clone(), value["tag"].as_str().unwrap().len(), value.as_object().unwrap().len())
    };
    assert_eq!(shape(&untrusted), shape(&wrong));
    assert_eq!(shape(&wrong), (json!("refused"), 43, 2));
    assert_ne!(untrusted, wrong);
}

#[test]
fn all_ways_to_fail_look_alike_to_the_device_side() {
    let mut site = Site::new();
    let mut ends = Vec::new();
    for way in 0..3 {
        let stick = site.stick(1);
        let pairing = stick.open.pairing().clone();
        site.types(&stick.code());
        let answer = site.answer(&stick);
        let verdict = match way {
            0 => Verdict::Refused { tag: Octets::new([0; 32]) },
            1 => Verdict::Confirmed { tag: Octets::new([0; 32]), signature: Octets::new([0; 64]) },
            _ => stick.answered(&answer).unwrap().check(|_| Err::<(), ()>(())).unwrap_err().1,
        };
        ends.push(site.registry.verdict(&pairing, &verdict, site.now));
    }
    assert_eq!(ends, [Ok(Outcome::Closed), Ok(Outcome::Closed), Ok(Outcome::Closed)]);
}

#[test]
fn a_stranger_cannot_burn_a_code() {
    let mut site = Site::new();
    let stick = site.stick(1);
    // A stranger sees the nameplate over somebody's shoulder, and has no admin's session and no pairing id.
    let nameplate = stick.code().nameplate().number();
    for text in [format!("{nameplate:032}"), format!("{nameplate:032x}"), "0".repeat(32), "f".repeat(32)] {
        let id: PairingId = text.parse().unwrap();
        assert_eq!(site.registry.poll(&id, site.now), Err(UnknownPairing));
        let refused = Verdict::Refused { tag: Octets::new([0; 32]) };
        assert_eq!(site.registry.verdict(&id, &refused, site.now), Err(UnknownPairing));
    }
    // He opens as many pairings as he may, and ruins his own.
    let own = site.stick(66);
    let refused = Verdict::Refused { tag: Octets::new([0; 32]) };
    assert_eq!(site.registry.verdict(own.open.pairing(), &refused, site.now), Ok(Outcome::Waiting));

    let (attempt, confirmed, _) = site.confirmed(stick);
    assert_eq!(site.stage(attempt), Stage::Compare(confirmed.digits()));
}

#[test]
fn an_attempt_belongs_to_the_admin_who_typed_the_code() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let attempt = site.types(&stick.code());
    let other = pairing::server::Admin::signed_in("other".into());
    assert_eq!(site.registry.attempt(&other, attempt, site.now), Err(AttemptError::Unknown));
    assert_eq!(site.registry.decline(&other, attempt, site.now), Err(AttemptError::Unknown));
    assert_eq!(site.registry.approve(&other, attempt, site.now), Err(AttemptError::Unknown));
}

#[test]
fn nothing_is_registered_before_the_admin_compared_the_digits() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let attempt = site.types(&stick.code());
    assert_eq!(site.registry.approve(&admin(), attempt, site.now), Err(AttemptError::NotComparing), "no confirmation");
    assert_eq!(site.registry.registered(&admin(), attempt, site.now), Err(AttemptError::NotComparing));
    let answer = site.answer(&stick);
    let (confirmed, verdict) = stick.accepts(&answer);
    site.registry.verdict(confirmed.pairing(), &verdict, site.now).unwrap();
    assert_eq!(site.registry.registered(&admin(), attempt, site.now), Err(AttemptError::NotComparing), "no admin");
    assert_eq!(site.registry.poll(confirmed.pairing(), site.now), Ok(Outcome::Comparing));
}

#[test]
fn an_expired_nameplate_is_no_longer_found() {
    let mut site = Site::new();
    let stick = site.stick(1);
    site.pass(600);
    let entropy = site.entropy();
    assert_eq!(
        site.registry.answer(&admin(), &stick.code(), offer(), &entropy, site.now),
        Err(AnswerError::NotWaiting)
    );
    assert_eq!(site.registry.poll(stick.open.pairing(), site.now), Ok(Outcome::Closed));
    site.pass(3600);
    site.stick(2);
    assert_eq!(site.registry.poll(stick.open.pairing(), site.now), Err(UnknownPairing), "and forgotten");
}

#[test]
fn silence_after_the_answer_counts_as_a_failed_guess() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let attempt = site.types(&stick.code());
    site.pass(29);
    let answer = site.answer(&stick);
    let (confirmed, verdict) = stick.accepts(&answer);
    site.pass(1);
    assert_eq!(site.registry.verdict(confirmed.pairing(), &verdict, site.now), Ok(Outcome::Closed), "a second late");
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::Silent));
}

#[test]
fn nothing_secret_is_printed_by_debug() {
    let mut site = Site::new();
    let stick = site.stick(1);
    site.types(&stick.code());
    let answer = site.answer(&stick);
    let (code, id) = (stick.code(), stick.open.pairing().expose());
    let printed =
        format!("{:?} {:?} {:?} {:?} {answer:?} {:?}", stick.open, stick.create, code, stick.key, site.registry);
    let secret = &code.shown()[4..];
    assert!(!printed.contains(&id) && !printed.contains(secret) && !printed.contains(&secret[..4]), "{printed}");
}
