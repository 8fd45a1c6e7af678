//! Messages that were seen once and are said again, mirrored or put in another place.

use super::*;

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
    let (attempt, confirmed, verdict) = site.confirmed(stick);
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
