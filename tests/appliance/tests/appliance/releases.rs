//! Releases, all the way: published by the vendor's program, mirrored by a server, followed by a screen.
//!
//! The image takes updates by the keys in NEXUS_TEST_KEYS, and NEXUS_TEST_BUNDLE is a newer one, signed by them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use appliance::Display;
use journeys::process::{program, wait_for};
use serde_json::Value;

use crate::stage::{START, Stage, start, wait_for_board, wait_for_state};

/// Within which a screen has fetched a release and started it, where guests are emulated on a busy host.
const UPDATED: Duration = Duration::from_secs(1200);

#[test]
#[ignore = "takes minutes, an image with keys and a newer bundle"]
fn a_release_that_the_server_mirrors_is_installed_by_itself_and_proves_itself() {
    let Some((keys, bundle)) = vendor() else { return };
    let repository = tempfile::tempdir().unwrap();
    let version = publish(&keys, &bundle, repository.path());
    let mut stage = Stage::new();
    stage.server.stop();
    stage.server.trust_vendor(&keys.join("root.json"));
    stage.server.import_updates(repository.path());
    stage.server.start();
    let card = stage.card_with_link("");
    let mut machine = start(&card, Display::Connected(1280, 720));
    wait_for_state(&mut machine, "live");
    let says = |words: &str, patience| {
        let said = wait_for(patience, words, || stage.admin.page("/admin/screens").contains(words).then_some(()));
        assert!(said.is_some(), "never {words:?}: {}", stage.admin.page("/admin/screens"));
    };
    says("0.1.0", START);

    wait_for_state(&mut machine, "updating");
    says(&version, UPDATED);
    wait_for_state(&mut machine, "live");
    wait_for_board(&mut machine, 1280, 720);
    let copies = crate::counters::copies(&card);
    assert!(copies.iter().flatten().all(|copy| copy.order == slots::Order::BA), "{copies:?}");
    let proven = || crate::counters::copies(&card)[0].is_some_and(|copy| copy.left_b == slots::Starts::GOOD);
    assert!(wait_for(START, "the proof", || proven().then_some(())).is_some(), "{:?}", crate::counters::copies(&card));
}

/// The vendor's keys and a newer bundle, where the image that is tested knows the keys.
fn vendor() -> Option<(PathBuf, PathBuf)> {
    let path = |name| std::env::var_os(name).map(PathBuf::from);
    let vendor = path("NEXUS_TEST_KEYS").zip(path("NEXUS_TEST_BUNDLE"));
    if vendor.is_none() {
        eprintln!("not tried: NEXUS_TEST_KEYS and NEXUS_TEST_BUNDLE name no keys and no newer bundle");
    }
    vendor
}

/// Publishes a bundle to everybody at once; answers its version.
fn publish(keys: &Path, bundle: &Path, repository: &Path) -> String {
    let about = fs::read(bundle.with_extension("manifest.json")).expect("what scripts/image says of the bundle");
    let about: Value = serde_json::from_slice(&about).unwrap();
    let told = |name: &str| about["updates"][name].as_str().unwrap().to_owned();
    let mut command = Command::new(program("nexus-release"));
    command.arg("publish").arg("--keys").arg(keys).arg("--repository").arg(repository).arg("--bundle").arg(bundle);
    command.args(["--manifest-hash", &told("manifest_hash"), "--version", &told("version")]);
    command.args(["--compatible", &told("compatible"), "--waves", "100:0"]);
    let published = command.output().unwrap();
    assert!(published.status.success(), "{}", String::from_utf8_lossy(&published.stderr));
    told("version")
}
