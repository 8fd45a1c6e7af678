//! Messages that were changed on their way, or were never any.

use super::*;

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
