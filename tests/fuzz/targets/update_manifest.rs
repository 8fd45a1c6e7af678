//! The manifest of a release, as a repository offers it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use updates::{Manifest, Seed};

fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = Manifest::read(bytes) else { return };
    let name = manifest.bundle.name.as_str();
    assert!(!name.starts_with('.') && !name.contains('/'), "{name:?} is no path");
    let (first, last) = (Seed::draw(0), Seed::draw(u16::MAX));
    let turn = |seed| manifest.waves.eligible_at(seed, manifest.published_at);
    assert!(manifest.published_at <= turn(first) && turn(first) <= turn(last), "waves come one after the other");
    if let Ok(written) = serde_json::to_vec(&manifest) {
        // What was almost too long may be longer as it is written here.
        if written.len() <= updates::MAX_MANIFEST {
            assert_eq!(Manifest::read(&written).expect("what was written can be read"), manifest);
        }
    }
});
