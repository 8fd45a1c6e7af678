//! When a key is replaced, by clocks that are off and corrected.

use super::*;

#[test]
fn keys_last_for_27_to_30_days_and_not_all_as_long() {
    let mut lasted = Vec::new();
    for seed in 0..40_u8 {
        let key = DeviceKey::draw(&Entropy::from_seed([seed; 32]));
        let (mut ring, now, entropy) = (Ring::new(key.into()), Instant::now(), Entropy::from_seed([seed; 32]));
        assert!(ring.granted(TODAY, now, &entropy), "since when it is in use is stored");
        let hours = (0..).find(|hours| {
            ring.granted(TODAY + hours * 3600, now + Duration::from_secs(hours.unsigned_abs() * 3600), &entropy)
        });
        lasted.push(hours.unwrap() * 3600);
    }
    assert!(lasted.iter().all(|lasts| (LONGEST - SPREAD..=LONGEST).contains(lasts)), "{lasted:?}");
    let early = lasted.iter().filter(|lasts| **lasts < LONGEST - SPREAD / 2).count();
    assert!((10..30).contains(&early), "{early} of 40 in the first half of the spread");
}

#[test]
fn a_key_counts_from_when_it_is_first_used_and_not_from_1970() {
    let (mut server, mut stick) = paired();
    assert_eq!(stick.calls(&mut server, 3), [Ok(()); 3]);
    assert!(server.keys.next().is_none());
}

#[test]
fn a_clock_that_jumps_to_and_fro_does_not_have_keys_replaced_again_and_again() {
    let (mut server, mut stick) = paired();
    let year = 366 * i64::try_from(DAY).unwrap();
    let mut replaced = 0;
    for hour in 0..10 * 24 {
        server.pass(3600);
        // Each hour the clock is another one: right, a year ahead, a year behind, at 1970.
        let clock = [server.unix_now, server.unix_now + year, server.unix_now - year, 0][hour % 4];
        let before = stick.ring.generation();
        for _ in 0..4 {
            if let Some(rotation) = stick.rotation(&mut server) {
                let answer = server.rotate(&rotation);
                assert_ne!(answer, Err(Refusal::TooSoon), "it rests by itself");
                stick.heard_of_rotation(answer);
            }
            let nonce = server.nonce();
            let assertion = stick.assertion(nonce);
            match server.session(&assertion) {
                Ok(()) => {
                    let entropy = stick.entropy();
                    if stick.ring.granted(clock, server.now, &entropy) {
                        stick.store();
                    }
                }
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::Signature);
                    stick.ring.unknown();
                }
            }
        }
        replaced += stick.ring.generation() - before;
    }
    assert!((1..=10).contains(&replaced), "{replaced} times in ten days");
    assert_eq!(*server.keys.present(), stick.ring.present().public());
    assert!(!server.keys.is_suspended());
}

#[test]
fn a_clock_that_was_ahead_when_the_key_was_drawn_does_not_keep_it_for_years() {
    let (mut server, mut stick) = paired();
    let entropy = stick.entropy();
    let mut ahead = Ring::new(stick.ring.present().clone());
    ahead.granted(TODAY + 10 * LONGEST, server.now, &entropy);
    stick.ring = ahead;
    stick.calls(&mut server, 2);
    server.pass(30 * DAY);
    stick.calls(&mut server, 4);
    assert_eq!(server.keys.generation(), 1);
}

#[test]
fn a_device_that_joins_anew_begins_anew() {
    let (mut server, mut stick) = a_month_later();
    stick.calls(&mut server, 4);
    let sealed = stick.folder.ring.clone().unwrap();
    assert_eq!(sealed.device(), DEVICE);
    let ring = Ring::new(stick.ring.present().clone());
    assert_eq!((ring.generation(), ring.present().public()), (0, stick.ring.present().public()));
}

#[test]
fn sealed_keys_open_on_their_machine_and_beside_their_device_key_only() {
    let (mut server, mut stick) = a_month_later();
    stick.calls(&mut server, 1);
    let sealed = stick.folder.ring.clone().unwrap();
    let present = || stick.folder.key.open(&machine()).unwrap();
    let elsewhere = MachineKey::draw(&Entropy::from_seed([5; 32]));
    assert_eq!(sealed.open(present(), &elsewhere).unwrap_err(), pairing::KeyError::Sealed);
    let other = DeviceKey::draw(&Entropy::from_seed([6; 32]));
    assert_eq!(sealed.open(other, &machine()).unwrap_err(), pairing::KeyError::Ring);
    let text = serde_json::to_string(&sealed).unwrap();
    let newer: SealedRing = serde_json::from_str(&text.replace("nexus-key-ring-1", "nexus-key-ring-2")).unwrap();
    assert_eq!(newer.open(present(), &machine()).unwrap_err(), pairing::KeyError::Format);
    assert!(!format!("{:?}", stick.ring).contains("DeviceKey(["), "keys are not printed");
}
