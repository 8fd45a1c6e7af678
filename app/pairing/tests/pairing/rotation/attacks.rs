//! Copied cards, and what strangers can try.

use super::*;

/// Both use their copies for a month and a day, `first` a little before the other; whether that was noticed.
fn are_noticed(server: &mut Server, first: &mut Stick, second: &mut Stick) -> bool {
    for _ in 0..31 {
        server.pass(DAY);
        first.calls(server, 4);
        second.calls(server, 4);
    }
    server.keys.is_suspended()
}

#[test]
fn a_copied_folder_is_noticed_whichever_of_the_two_rotates_first() {
    for copy_first in [false, true] {
        let (mut server, mut stick) = paired();
        server.pass(10 * DAY);
        let mut copy = stick.copied();
        let (first, second) = if copy_first { (&mut copy, &mut stick) } else { (&mut stick, &mut copy) };
        assert!(are_noticed(&mut server, first, second), "copy first: {copy_first}");
        for stick in [&mut stick, &mut copy] {
            assert_eq!(stick.call(&mut server), Err(Refusal::Suspended), "neither gets anything");
        }
        server.restart();
        assert_eq!(copy.call(&mut server), Err(Refusal::Suspended), "nor after a restart of the server");
    }
}

#[test]
fn a_card_that_was_copied_in_the_middle_of_a_rotation_is_noticed_with_the_next_one() {
    for step in 1..4 {
        let (mut server, mut stick) = a_month_later();
        stick.calls(&mut server, step);
        let mut copy = stick.copied();
        stick.calls(&mut server, 4);
        assert_eq!(server.keys.generation(), 1);
        // The copy may have the same next key, and then only the rotation after that tells them apart.
        copy.calls(&mut server, 4);
        assert!(server.keys.is_suspended() || are_noticed(&mut server, &mut stick, &mut copy), "step {step}");
    }
}

#[test]
fn two_that_rotate_at_once_are_noticed() {
    for (first_used, last_handed_in) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let (mut server, stick) = a_month_later();
        let copy = stick.copied();
        let mut both = [stick, copy];
        for stick in &mut both {
            stick.call(&mut server).unwrap();
        }
        for which in [1 - last_handed_in, last_handed_in] {
            let rotation = both[which].rotation(&mut server).unwrap();
            server.rotate(&rotation).unwrap();
        }
        for which in [first_used, 1 - first_used, first_used] {
            both[which].calls(&mut server, 6);
        }
        assert!(server.keys.is_suspended(), "first {first_used}, last handed in {last_handed_in}");
    }
}

#[test]
fn an_old_copy_is_noticed_however_old_it_is() {
    let (mut server, mut stick) = paired();
    let mut copy = stick.copied();
    for _ in 0..30 {
        server.pass(30 * DAY);
        stick.calls(&mut server, 4);
    }
    assert_eq!(server.keys.generation(), 30);
    assert_eq!(copy.call(&mut server), Err(Refusal::Copied));
    assert_eq!(stick.call(&mut server), Err(Refusal::Suspended));
}

#[test]
fn replaced_keys_are_never_forgotten_and_a_day_lies_between_rotations() {
    let (mut server, mut stick) = paired();
    let mut thief = stick.copied();
    thief.call(&mut server).unwrap();
    // He writes another date into his files each hour, and lets nothing make him rest.
    let mut too_soon = 0;
    for _ in 0..200 {
        server.pass(3600);
        let mut sealed = serde_json::to_value(&thief.folder.ring).unwrap();
        sealed["since"] = 0.into();
        thief.folder.ring = serde_json::from_value(sealed).unwrap();
        thief.restart();
        let answers = thief.calls(&mut server, 6);
        too_soon += answers.iter().filter(|answer| **answer == Err(Refusal::TooSoon)).count();
    }
    assert!((2..=9).contains(&server.keys.generation()), "{} times in 200 hours", server.keys.generation());
    assert!(too_soon > 0);
    assert_eq!(stick.call(&mut server), Err(Refusal::Copied), "the first key is still known for what it is");
}

#[test]
fn a_replayed_rotation_changes_nothing() {
    let (mut server, mut stick) = a_month_later();
    stick.call(&mut server).unwrap();
    let rotation = stick.rotation(&mut server).unwrap();
    server.rotate(&rotation).unwrap();
    assert_eq!(server.rotate(&rotation), Err(Refusal::StaleNonce), "at once");
    stick.calls(&mut server, 2);
    let after = server.keys.clone();
    assert_eq!(server.rotate(&rotation), Err(Refusal::StaleNonce), "after it was used");
    server.restart();
    assert_eq!(server.rotate(&rotation), Err(Refusal::StaleNonce), "after a restart");
    assert_eq!((after.generation(), after.present()), (server.keys.generation(), server.keys.present()));
    assert!(!server.keys.is_suspended());
}

#[test]
fn a_rotation_is_signed_by_both_keys() {
    let (mut server, mut stick) = a_month_later();
    stick.call(&mut server).unwrap();
    let before = server.keys.clone();
    let honest = stick.rotation(&mut server).unwrap();
    let thief = {
        let mut thief = Stick::started(
            Folder {
                key: DeviceKey::draw(&Entropy::from_seed([88; 32])).seal(&machine(), &Entropy::from_seed([4; 32])),
                ring: None,
            },
            500,
        );
        let entropy = thief.entropy();
        thief.ring.granted(TODAY, server.now, &entropy);
        thief.ring.granted(TODAY + LONGEST, server.now, &entropy);
        thief.ring.granted(TODAY + LONGEST, server.now, &entropy);
        thief.rotation(&mut server).unwrap()
    };
    for (what, forged) in [
        ("both by the thief", thief.clone()),
        ("the present key's by the thief", Rotation { by_present: thief.by_present, ..honest.clone() }),
        ("the next key's by the thief", Rotation { by_next: thief.by_next, ..honest.clone() }),
        ("both by the present key", Rotation { by_next: honest.by_present, ..honest.clone() }),
        ("both by the next key", Rotation { by_present: honest.by_next, ..honest.clone() }),
        ("exchanged", Rotation { by_present: honest.by_next, by_next: honest.by_present, ..honest.clone() }),
        ("the thief's next key", Rotation { next_key: thief.next_key, by_next: thief.by_next, ..honest.clone() }),
        ("none", Rotation { by_present: Octets::new([0; 64]), by_next: Octets::new([0; 64]), ..honest.clone() }),
    ] {
        assert_eq!(server.rotate(&forged), Err(Refusal::Signature), "{what}");
    }
    assert_eq!(server.keys, before);
    assert_eq!(server.rotate(&honest), Ok(()), "none of them spent the nonce");
}

#[test]
fn a_changed_rotation_is_refused() {
    let (mut server, mut stick) = a_month_later();
    stick.call(&mut server).unwrap();
    let honest = stick.rotation(&mut server).unwrap();
    let nonce = server.nonce();
    for (changed, refusal) in [
        (Rotation { version: 2, ..honest.clone() }, Refusal::Version),
        (Rotation { device: Uuid::from_u128(1), ..honest.clone() }, Refusal::Signature),
        (Rotation { screen: Uuid::from_u128(1), ..honest.clone() }, Refusal::Signature),
        (Rotation { generation: 0, ..honest.clone() }, Refusal::Generation),
        (Rotation { generation: 2, ..honest.clone() }, Refusal::Generation),
        (Rotation { generation: u32::MAX, ..honest.clone() }, Refusal::Generation),
        (Rotation { next_key: *server.keys.present(), ..honest.clone() }, Refusal::Signature),
        (Rotation { next_key: Octets::new([0; 32]), ..honest.clone() }, Refusal::Signature),
        (Rotation { next_key: Octets::new([255; 32]), ..honest.clone() }, Refusal::Signature),
        (Rotation { nonce, ..honest.clone() }, Refusal::Signature),
    ] {
        assert_eq!(server.rotate(&changed), Err(refusal), "{changed:?}");
    }
    assert_eq!(server.rotate(&honest), Ok(()));
}

#[test]
fn a_rotation_for_another_screen_or_server_is_refused() {
    let (mut server, mut stick) = a_month_later();
    stick.call(&mut server).unwrap();
    let before = server.keys.clone();
    let paired = stick.paired.clone();

    let elsewhere = Screen { id: Uuid::from_u128(99), ..screen() };
    stick.paired.payload = Payload { screen: elsewhere, ..payload() };
    let rotation = stick.clone_ring_rotation(&mut server);
    assert_eq!(server.rotate(&rotation), Err(Refusal::Screen), "rightly signed, for a screen that it does not fill");

    stick.paired.payload = Payload { instance: Uuid::from_u128(2), ..payload() };
    let rotation = stick.clone_ring_rotation(&mut server);
    assert_eq!(server.rotate(&rotation), Err(Refusal::Signature), "for another server");

    stick.paired = paired;
    assert_eq!(server.keys, before);
    let rotation = stick.clone_ring_rotation(&mut server);
    assert_eq!(server.rotate(&rotation), Ok(()));
}

impl Stick {
    /// What it would post, as often as it is asked.
    fn clone_ring_rotation(&self, server: &mut Server) -> Rotation {
        let (nonce, now) = (server.nonce(), server.now);
        self.ring.clone().rotate(&self.paired, nonce, now).unwrap()
    }
}

#[test]
fn a_key_that_was_in_use_before_does_not_come_back() {
    let (mut server, mut stick) = a_month_later();
    stick.call(&mut server).unwrap();
    // A device that hands its present key in as the next one: the ring of a thief who rewrote his files.
    let present = stick.ring.present().clone();
    let seal = |seed: u8| present.seal(&machine(), &Entropy::from_seed([seed; 32]));
    let mut sealed = serde_json::to_value(stick.folder.ring.as_ref().unwrap()).unwrap();
    sealed["keys"] = serde_json::json!([seal(1), seal(2)]);
    stick.folder.ring = serde_json::from_value(sealed).unwrap();
    stick.restart();
    // It tries the next key first, which is the present one, and is granted; once more, and it hands it in.
    let entropy = stick.entropy();
    stick.ring.unknown();
    stick.ring.granted(server.unix_now, server.now, &entropy);
    let rotation = stick.rotation(&mut server).unwrap();
    assert_eq!(server.rotate(&rotation), Err(Refusal::Key));
}

#[test]
fn a_rolled_back_generation_gives_the_copy_away() {
    let (mut server, mut stick) = a_month_later();
    stick.call(&mut server).unwrap();
    let mut copy = stick.copied();
    stick.calls(&mut server, 4);
    assert_eq!(server.keys.generation(), 1);
    // The copy is where the stick was: it hands its own next key in, under the key of the generation before.
    copy.ring.unknown();
    let entropy = copy.entropy();
    copy.ring.granted(server.unix_now, server.now, &entropy);
    server.pass(1);
    let rotation = copy.rotation(&mut server).unwrap();
    assert_eq!(rotation.generation, 1);
    assert_eq!(server.rotate(&rotation), Err(Refusal::Copied));
    assert!(server.keys.is_suspended());
}

#[test]
fn a_stranger_and_a_replay_suspend_nobody() {
    let (mut server, mut stick) = a_month_later();
    let nonce = server.nonce();
    let old = stick.assertion(nonce);
    server.session(&old).unwrap();
    stick.call(&mut server).unwrap();
    let handed_in = stick.rotation(&mut server).unwrap();
    server.rotate(&handed_in).unwrap();
    stick.calls(&mut server, 2);
    assert_eq!(server.keys.generation(), 1);

    // What was seen of the generation before is worth nothing without its nonce.
    assert_eq!(server.session(&old), Err(Refusal::StaleNonce));
    assert_eq!(server.rotate(&handed_in), Err(Refusal::StaleNonce));
    // And a stranger who says that he is of an earlier generation does not prove it.
    let stranger = Stick::started(
        Folder {
            key: DeviceKey::draw(&Entropy::from_seed([99; 32])).seal(&machine(), &Entropy::from_seed([4; 32])),
            ring: None,
        },
        700,
    );
    let mut stranger = stranger;
    assert_eq!(stranger.call(&mut server), Err(Refusal::Signature));
    let nonce = server.nonce();
    assert_eq!(server.rotate(&Rotation { nonce, ..handed_in }), Err(Refusal::Signature));
    assert!(!server.keys.is_suspended());
    assert_eq!(stick.call(&mut server), Ok(()));
}

#[test]
fn a_suspended_screen_is_told_only_to_its_own_devices() {
    let (mut server, mut stick) = paired();
    server.keys = server.keys.clone().suspend();
    assert_eq!(stick.call(&mut server), Err(Refusal::Suspended));
    assert_eq!(Refusal::Suspended.code(), Refusal::Copied.code());
    let nonce = server.nonce();
    let entropy = server.entropy();
    let thief = DeviceKey::draw(&entropy);
    let forged = assert(&thief, DEVICE, INSTANCE, nonce, TODAY, &entropy).unwrap();
    assert_eq!(server.session(&forged), Err(Refusal::Signature));
    const { assert!(AT_MOST_EVERY < LONGEST - SPREAD, "an honest device never comes too soon") };
}
