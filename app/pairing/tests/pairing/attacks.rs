//! What somebody on the network, a stranger, or a clumsy admin can try, and what becomes of it.

use pairing::device::{OpenError, Opening};
use pairing::message::{Answer, Create, Created, Octets, Outcome, PairingId, Sealed, Trust, Verdict};
use pairing::server::{AnswerError, AttemptError, Failure, Registry, Stage, UnknownPairing};
use pairing::{Code, DeviceKey, Nameplate, Spake2};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::stage::{INSTANCE, Site, Stick, address, admin, description, offer};

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

    let attempt = site.types(&stick.code());
    let answer = site.answer(&stick);
    let (confirmed, verdict) = stick.accepts(&answer);
    site.registry.verdict(confirmed.pairing(), &verdict, site.now).unwrap();
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
fn a_replayed_create_opens_a_pairing_that_only_its_first_sender_can_finish() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let entropy = site.entropy();
    let replayed = site.registry.create(stick.create.clone(), address(66), &entropy, site.now).unwrap();
    assert_ne!((replayed.nameplate, &replayed.pairing), (stick.code().nameplate(), stick.open.pairing()));
    // Even with the right secret typed under the replay's nameplate, the true device's view differs.
    let answers_true_code = site.types(&stick.code());
    let answer = site.answer(&stick);
    let (_, verdict) = stick.accepts(&answer);
    assert_eq!(
        site.registry.verdict(&replayed.pairing, &verdict, site.now),
        Ok(Outcome::Waiting),
        "a confirmation of one pairing is nothing to another"
    );
    assert_eq!(site.stage(answers_true_code), Stage::WaitingForDevice);
}

#[test]
fn a_replayed_answer_does_not_fit_another_pairing() {
    let mut site = Site::new();
    let first = site.stick(1);
    site.types(&first.code());
    let old = site.answer(&first);
    let second = site.stick(2);
    site.types(&second.code());
    assert!(matches!(second.answered(&old), Err(Verdict::Refused { .. })));
}

#[test]
fn a_replayed_confirmation_does_not_confirm_another_pairing() {
    let mut site = Site::new();
    let first = site.stick(1);
    site.types(&first.code());
    let answer = site.answer(&first);
    let (_, old) = first.accepts(&answer);
    let second = site.stick(2);
    let attempt = site.types(&second.code());
    assert_eq!(site.registry.verdict(second.open.pairing(), &old, site.now), Ok(Outcome::Closed));
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::Invalid));
}

#[test]
fn a_replayed_confirmation_does_not_undo_or_repeat_a_registration() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let attempt = site.types(&stick.code());
    let answer = site.answer(&stick);
    let (confirmed, verdict) = stick.accepts(&answer);
    site.registry.verdict(confirmed.pairing(), &verdict, site.now).unwrap();
    let registration = site.registry.approve(&admin(), attempt, site.now).unwrap();
    site.registry.registered(&admin(), attempt, site.now).unwrap();
    let registered = Outcome::Registered { device: registration.device };
    let refused = Verdict::Refused { tag: Octets::new([0; 32]) };
    for replayed in [&verdict, &refused] {
        assert_eq!(site.registry.verdict(confirmed.pairing(), replayed, site.now), Ok(registered.clone()));
    }
    assert_eq!(site.registry.approve(&admin(), attempt, site.now), Err(AttemptError::NotComparing));
}

#[test]
fn a_replayed_refusal_does_not_burn_another_pairing_as_untrusted() {
    let mut site = Site::new();
    let first = site.stick(1);
    site.types(&first.code());
    let answer = site.answer(&first);
    let (_, old) = first.answered(&answer).unwrap().check(|_| Err::<(), ()>(())).unwrap_err();
    let second = site.stick(2);
    let attempt = site.types(&second.code());
    site.registry.verdict(second.open.pairing(), &old, site.now).unwrap();
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::WrongCode), "not the true tag of this exchange");
}

#[test]
fn a_stolen_create_with_another_key_registers_nobody() {
    // The victim's code is on the wall, but the server was given the thief's key with the victim's PAKE message.
    let mut site = Site::new();
    let victim_key = DeviceKey::draw(&site.entropy());
    let thief = DeviceKey::draw(&site.entropy());
    let (opening, create) = Opening::<Spake2>::new(&victim_key, description(), &site.entropy());
    let entropy = site.entropy();
    let swapped = Create { device_key: thief.public(), ..create.clone() };
    let created = site.registry.create(swapped, address(1), &entropy, site.now).unwrap();
    let victim = Stick { key: victim_key, create, open: opening.created(created, site.now).unwrap() };
    site.types(&victim.code());
    let answer = site.answer(&victim);
    assert!(matches!(victim.answered(&answer), Err(Verdict::Refused { .. })), "the two see different identities");
}

#[test]
fn somebody_elses_key_cannot_be_registered() {
    // A device that knows its own code claims the public key of another one, which it cannot sign with.
    let mut site = Site::new();
    let (own, other) = (DeviceKey::draw(&site.entropy()), DeviceKey::draw(&site.entropy()));
    let (opening, create) = Opening::<Spake2>::new(&other, description(), &site.entropy());
    let entropy = site.entropy();
    let created = site.registry.create(create.clone(), address(1), &entropy, site.now).unwrap();
    let liar = Stick { key: own, create, open: opening.created(created, site.now).unwrap() };
    let pairing = liar.open.pairing().clone();
    let attempt = site.types(&liar.code());
    let answer = site.answer(&liar);
    let (_, verdict) = liar.accepts(&answer);
    assert_eq!(site.registry.verdict(&pairing, &verdict, site.now), Ok(Outcome::Closed));
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::Invalid));
}

#[test]
fn a_reflected_pake_message_is_refused_by_both_ends() {
    let mut site = Site::new();
    let stick = site.stick(1);
    site.types(&stick.code());
    let answer = site.answer(&stick);
    let reflected = Answer { pake: stick.create.pake, ..answer.clone() };
    assert!(matches!(stick.answered(&reflected), Err(Verdict::Refused { .. })));

    // And a server that is sent a server's message.
    let key = DeviceKey::draw(&site.entropy());
    let (_, create) = Opening::<Spake2>::new(&key, description(), &site.entropy());
    let entropy = site.entropy();
    let create = Create { pake: answer.pake, ..create };
    let created = site.registry.create(create, address(2), &entropy, site.now).unwrap();
    let code = guess(&mut site, created.nameplate);
    let attempt = site.types(&code);
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::Invalid));
}

#[test]
fn a_reflected_tag_confirms_nothing() {
    let mut site = Site::new();
    let stick = site.stick(1);
    let attempt = site.types(&stick.code());
    let answer = site.answer(&stick);
    let verdict = Verdict::Confirmed { tag: answer.tag, signature: Octets::new([0; 64]) };
    site.registry.verdict(stick.open.pairing(), &verdict, site.now).unwrap();
    assert_eq!(site.stage(attempt), Stage::Failed(Failure::Invalid));
}

#[test]
fn a_tampered_answer_is_refused_wherever_it_was_touched() {
    for field in ["pake", "tag", "sealed"] {
        let mut site = Site::new();
        let stick = site.stick(1);
        site.types(&stick.code());
        let answer = changed(&site.answer(&stick), |value| {
            // The first byte of a PAKE message is its side; a change behind it is a change of the value.
            if field == "pake" {
                let text = value[field].as_str().unwrap().to_owned();
                let other = if text.ends_with('A') { "E" } else { "A" };
                value[field] = format!("{}{other}", &text[..text.len() - 1]).into();
            } else {
                flip(&mut value[field]);
            }
        });
        assert!(matches!(stick.answered(&answer), Err(Verdict::Refused { .. })), "{field}");
    }
}

#[test]
fn a_tampered_confirmation_registers_nobody() {
    for field in ["tag", "signature"] {
        let mut site = Site::new();
        let stick = site.stick(1);
        let attempt = site.types(&stick.code());
        let answer = site.answer(&stick);
        let (confirmed, verdict) = stick.accepts(&answer);
        let verdict = changed(&verdict, |value| flip(&mut value[field]));
        assert_eq!(site.registry.verdict(confirmed.pairing(), &verdict, site.now), Ok(Outcome::Closed));
        assert_eq!(site.stage(attempt), Stage::Failed(Failure::Invalid), "{field}");
    }
}

#[test]
fn a_tampered_description_does_not_reach_the_admin_as_the_devices_own() {
    for field in ["model", "serial", "software"] {
        let mut site = Site::new();
        let key = DeviceKey::draw(&site.entropy());
        let (opening, create) = Opening::<Spake2>::new(&key, description(), &site.entropy());
        let altered = changed(&create, |value| value["description"][field] = "something else".into());
        let entropy = site.entropy();
        let created = site.registry.create(altered, address(1), &entropy, site.now).unwrap();
        let stick = Stick { key, create, open: opening.created(created, site.now).unwrap() };
        site.types(&stick.code());
        let answer = site.answer(&stick);
        assert!(matches!(stick.answered(&answer), Err(Verdict::Refused { .. })), "{field}");
    }
}

#[test]
fn swapped_nameplates_register_nobody() {
    // Two sticks; somebody in between gives each the other's nameplate (and pairing id, if he likes).
    for ids_too in [false, true] {
        let mut site = Site::new();
        let mut open = |last| {
            let key = DeviceKey::draw(&site.entropy());
            let (opening, create) = Opening::<Spake2>::new(&key, description(), &site.entropy());
            let entropy = site.entropy();
            (key, opening, create.clone(), site.registry.create(create, address(last), &entropy, site.now).unwrap())
        };
        let (key, opening, create, mine) = open(1);
        let (_, _, _, theirs) = open(2);
        let pairing = if ids_too { theirs.pairing.clone() } else { mine.pairing };
        let given = Created { pairing, nameplate: theirs.nameplate, ..theirs };
        let stick = Stick { key, create, open: opening.created(given, site.now).unwrap() };
        site.types(&stick.code());
        let Ok(Outcome::Answered(answer)) = site.registry.poll(&theirs.pairing, site.now) else { panic!("no answer") };
        assert!(matches!(stick.answered(&answer), Err(Verdict::Refused { .. })));
    }
}

#[test]
fn malformed_and_oversized_fields_are_refused_when_read() {
    let mut site = Site::new();
    let create = serde_json::to_value(&site.stick(1).create).unwrap();
    let with = |path: &str, new: Value| {
        let mut value = create.clone();
        *value.pointer_mut(path).unwrap() = new;
        serde_json::from_value::<Create>(value)
    };
    assert!(with("/version", json!(1)).is_ok());
    for (path, new) in [
        ("/device_key", json!("")),
        ("/device_key", json!("A".repeat(44))),
        ("/device_key", json!(7)),
        ("/pake", json!("A".repeat(43))),
        ("/pake", json!("!".repeat(44))),
        ("/pake", json!("A".repeat(1 << 20))),
        ("/version", json!(256)),
        ("/description/model", json!("x".repeat(65))),
        ("/description/model", json!("")),
        ("/description/serial", json!(" \t")),
        ("/description/serial", json!("line\nbreak")),
        ("/description/software", json!("turned \u{202e} around")),
        ("/description", json!({})),
    ] {
        assert!(with(path, new.clone()).is_err(), "{path}: {new:.40}");
    }
    let mut extra = create.clone();
    extra["admin"] = json!(true);
    assert!(serde_json::from_value::<Create>(extra).is_err());
    assert!(serde_json::from_value::<Sealed>(json!("A".repeat(43_694))).is_err(), "one byte more than 32 KiB");
    assert!("x".repeat(32).parse::<PairingId>().is_err());
}

#[test]
fn a_server_that_gives_no_time_is_no_server() {
    let mut site = Site::new();
    let key = DeviceKey::draw(&site.entropy());
    let (opening, create) = Opening::<Spake2>::new(&key, description(), &site.entropy());
    let entropy = site.entropy();
    let created = site.registry.create(create, address(1), &entropy, site.now).unwrap();
    let none = Created { lifetime_seconds: 0, ..created };
    assert_eq!(opening.created(none, site.now).unwrap_err(), OpenError::NoLifetime);
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,200}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            let _ = serde_json::from_slice::<Create>(input);
            let _ = serde_json::from_slice::<Created>(input);
            let _ = serde_json::from_slice::<Outcome>(input);
            let _ = serde_json::from_slice::<Verdict>(input);
            let _ = serde_json::from_slice::<pairing::message::Payload>(input);
            let _ = serde_json::from_slice::<pairing::SealedKey>(input);
        }
        let _ = text.parse::<PairingId>();
        let _ = text.parse::<pairing::server::AttemptId>();
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn no_well_formed_nonsense_makes_an_end_panic_or_agree(
        pake: [u8; 32], side in prop::sample::select(b"ABS".to_vec()), tag: [u8; 32], signature in prop::collection::vec(any::<u8>(), 64),
        sealed in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut site = Site::new();
        let stick = site.stick(1);
        let pake = Octets::try_from([&[side], pake.as_slice()].concat().as_slice()).unwrap();
        let sealed = serde_json::from_value(json!(data_encoding::BASE64URL_NOPAD.encode(&sealed))).unwrap();
        let answer = Answer { pake, tag: Octets::new(tag), sealed };
        let create = Create { pake, ..stick.create.clone() };
        let (code, pairing) = (stick.code(), stick.open.pairing().clone());
        let refused = matches!(stick.answered(&answer), Err(Verdict::Refused { .. }));
        prop_assert!(refused);

        let attempt = site.types(&code);
        let signature = Octets::try_from(signature.as_slice()).unwrap();
        let confirmed = Verdict::Confirmed { tag: Octets::new(tag), signature };
        prop_assert_eq!(site.registry.verdict(&pairing, &confirmed, site.now), Ok(Outcome::Closed));
        prop_assert_eq!(site.stage(attempt), Stage::Failed(Failure::Invalid));

        let mut registry = Registry::<Spake2>::new(INSTANCE);
        let entropy = site.entropy();
        let created = registry.create(create, address(1), &entropy, site.now).unwrap();
        let code = guess(&mut site, created.nameplate);
        let entropy = site.entropy();
        let _ = registry.answer(&admin(), &code, offer(), &entropy, site.now).unwrap();
    }
}
