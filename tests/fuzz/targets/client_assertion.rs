//! A client assertion (RFC 7523), as a server reads it from whoever calls: only what the device signed is believed.
#![no_main]

use std::{sync::LazyLock, time::Instant};

use libfuzzer_sys::fuzz_target;
use pairing::{
    DeviceKey, Entropy,
    session::{Assertion, Nonces, assert},
};
use uuid::Uuid;

const DEVICE: Uuid = Uuid::from_u128(1);
const SERVER: Uuid = Uuid::from_u128(2);
const CLOCK: i64 = 1_794_839_520;

static NOW: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The one assertion that the device signed. It is among the seeds.
static SIGNED: LazyLock<String> = LazyLock::new(|| {
    let nonce = nonces().issue(&entropy(2), *NOW);
    assert(&key(), DEVICE, SERVER, nonce, CLOCK, &entropy(3)).expect("a key signs")
});

fuzz_target!(|text: &str| {
    let Ok(assertion) = Assertion::read(text) else { return };
    let verified = assertion.verify(&key().public(), SERVER, &mut nonces(), *NOW);
    assert!(verified.is_ok() || text != *SIGNED, "what the device signed is believed");
    if verified.is_ok() {
        let signed = |assertion: &str| assertion.rsplit_once('.').map(|(signed, _)| signed.to_owned());
        assert_eq!(signed(text), signed(&SIGNED), "the device never signed this");
        assert_eq!(assertion.device(), DEVICE);
    }
});

fn key() -> DeviceKey {
    DeviceKey::draw(&entropy(1))
}

fn nonces() -> Nonces {
    Nonces::new(&entropy(4), *NOW)
}

fn entropy(seed: u8) -> Entropy {
    Entropy::from_seed([seed; 32])
}
