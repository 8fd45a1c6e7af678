//! Updates: RAUC streams one into the other slot, the slot is activated, starts, and shows that it works, or is left.
//!
//! The update is that of the image itself (`scripts/image --keys`), or the one in NEXUS_TEST_BUNDLE; the keys that sign
//! it are in NEXUS_TEST_KEYS, for updates that must be refused. No server is there, and no screen needs one for this.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use appliance::{Card, Display, Machine};
use serde_json::Value;
use slots::{Order, Starts};

use crate::{
    bundles::{keys, small},
    counters::{TOLD, copies, wait_for_counters},
    ranges::Mirror,
    stage::{START, architecture, compatible, image, is_debug, start, told},
};

/// The agent's headline where nexus.toml names no server, and none is found.
const NO_SERVER: &str = "No Nexus server was found here";
/// Within which a command that waits for nothing ends.
const SOON: Duration = Duration::from_secs(120);
/// Where the partitions of slot B begin on a card. Partition layout v1 freezes that.
pub(crate) const BOOT_B: u64 = 146 * 1024 * 1024;
pub(crate) const ROOT_B: u64 = 466 * 1024 * 1024;
/// When a system that does not show that it works leaves its slot (nexus-trial.timer).
pub(crate) const TRIAL: Duration = Duration::from_secs(10 * 60);

#[test]
#[ignore = "takes minutes and an image"]
fn an_update_streams_into_the_other_slot_starts_once_it_is_activated_and_shows_that_it_works() {
    let Some((card, mirror)) = screen() else { return };
    let mut machine = start(&card, Display::Connected(1280, 720));
    wait_for_slot(&mut machine, "a");
    let began = Instant::now();
    assert_eq!(install(&mut machine, &mirror, &hash()), "");
    let (requests, bytes) = mirror.told();
    eprintln!(
        "a bundle of {} bytes: {bytes} bytes in {requests} requests, installed in {:.1} s",
        fs::metadata(bundle()).unwrap().len(),
        began.elapsed().as_secs_f32()
    );
    assert!(asked(&mut machine, "nexus-slots show").starts_with("a:"), "nothing is activated yet");

    activate(&mut machine);
    assert!(copies(&card).iter().all(|copy| copy.is_some_and(|copy| copy.order == Order::BA)));
    restart(&mut machine);
    wait_for_slot(&mut machine, "b");
    assert_eq!(rauc(&mut machine, "get-property", "BootSlot"), "s \"b\"");
    wait_until_it_works(&card);

    // The next one goes to the first slot, and has all of it already.
    let (_, before) = mirror.told();
    assert_eq!(install(&mut machine, &mirror, &hash()), "");
    eprintln!("the same bundle again: {} bytes", mirror.told().1 - before);
}

#[test]
#[ignore = "takes minutes and an image"]
fn what_is_no_update_for_this_screen_is_refused_with_the_reason_and_the_slots_stay_as_they_are() {
    let Some((card, mirror)) = screen() else { return };
    let mut machine = start(&card, Display::Connected(1280, 720));
    wait_for_slot(&mut machine, "a");
    let whole = fs::read(bundle()).unwrap();
    let ours = keys();
    let strangers = tempfile::tempdir().unwrap();
    make_keys(strangers.path());
    let compatible = compatible();
    let mut damaged = small(&compatible, &ours);
    damaged[40_000] ^= 4;
    let none = String::new;
    let cases = [
        ("another manifest than was announced", mirror, "0".repeat(64), "unexpected hash"),
        (
            "signed by somebody else",
            Mirror::of(small(&compatible, strangers.path())),
            none(),
            "signature verification failed",
        ),
        ("for other hardware", Mirror::of(small("nexus-toaster", &ours)), none(), "compatible mismatch"),
        ("cut off", Mirror::of(whole[..whole.len() / 2].to_vec()), hash(), "invalid bundle format"),
        ("one bit of it is another one", Mirror::of(damaged), none(), "input/output error"),
    ];
    for (what, mirror, hash, reason) in cases {
        let said = install(&mut machine, &mirror, &hash);
        eprintln!("{what}: {said}");
        assert!(said.to_lowercase().contains(reason), "{what}: {said:?}, not {reason:?}");
        assert!(asked(&mut machine, "nexus-slots show").starts_with("a:"), "{what}");
    }
}

#[test]
#[ignore = "takes minutes and an image"]
fn an_update_that_does_not_start_is_left_for_the_system_that_works() {
    let Some((card, mirror)) = screen() else { return };
    // What cannot be loaded, and what starts and is not what was signed.
    for (what, at) in [("its kernel is gone", BOOT_B), ("its root is damaged", ROOT_B)] {
        let mut machine = start(&card, Display::Connected(1280, 720));
        wait_for_slot(&mut machine, "a");
        assert_eq!(install(&mut machine, &mirror, &hash()), "", "{what}");
        activate(&mut machine);
        drop(machine);
        File::options().write(true).open(card.disk()).unwrap().write_all_at(&vec![0; 1024 * 1024], at).unwrap();

        let mut machine = start(&card, Display::Connected(1280, 720));
        wait_for_slot(&mut machine, "a");
        let [first, second] = copies(&card).map(|copy| copy.expect("a whole copy"));
        assert_eq!((first.order, first.left_b, second), (Order::BA, Starts::NONE, first), "{what}");
        let said = rauc(&mut machine, "call", "GetSlotStatus");
        assert!(said.contains("\"boot-status\" s \"bad\""), "{what}: {said}");
    }
}

#[test]
#[ignore = "takes a quarter of an hour and an image"]
fn an_update_whose_tv_does_not_run_is_left_at_the_end_of_its_trial_with_the_reason() {
    let Some((card, mirror)) = screen() else { return };
    let mut machine = start(&card, Display::Connected(1280, 720));
    wait_for_slot(&mut machine, "a");
    assert_eq!(install(&mut machine, &mirror, &hash()), "");
    activate(&mut machine);
    restart(&mut machine);
    wait_for_slot(&mut machine, "b");
    asked(&mut machine, "systemctl stop nexus-tv.service");
    wait_for_slot_within(TRIAL + START, &mut machine, "a");
    let reason = asked(&mut machine, "cat /data/slots/left-b");
    assert!(reason.contains("nexus-tv.service does not run"), "{reason}");
    let counters = copies(&card)[0].unwrap();
    assert_eq!((counters.order, counters.left_b), (Order::BA, Starts::NONE));
}

/// A card with the image, and a mirror of the update; `None` where the image has no shell to ask, or takes no updates.
fn screen() -> Option<(Card, Mirror)> {
    Some((card()?, Mirror::of(fs::read(bundle()).unwrap())))
}

/// A card with the image, and no nexus.toml; `None` where the image has no shell to ask, or takes no updates.
pub(crate) fn card() -> Option<Card> {
    if !is_debug() || !bundle().exists() {
        eprintln!("not tried: the image has no shell, or was built without keys and has no update beside it");
        return None;
    }
    let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../board-support");
    let emulator = appliance::emulator(&boards, architecture()).unwrap();
    Some(Card::write(&image(), emulator, None).unwrap())
}

pub(crate) fn bundle() -> PathBuf {
    std::env::var_os("NEXUS_TEST_BUNDLE").map_or_else(|| image().with_extension("raucb"), PathBuf::from)
}

/// The hash of the update's manifest, as the manifest of its image says it.
fn hash() -> String {
    told(&bundle(), "manifest_hash")
}

/// What a command prints, without the journal's lines that come over the same line.
pub(crate) fn asked(machine: &mut Machine<'_>, command: &str) -> String {
    let heard = machine.run(&format!("echo \"answer:$({command} 2>&1):ended\""), SOON).unwrap();
    let answer = heard.rsplit_once("answer:").and_then(|(_, answer)| answer.split_once(":ended"));
    let answer = answer.map(|(answer, _)| answer);
    answer.unwrap_or_else(|| panic!("{command}: {heard:?}")).trim().to_owned()
}

/// Waits until a slot runs: its agent has a network, and looks for a server that is not there.
pub(crate) fn wait_for_slot(machine: &mut Machine<'_>, slot: &str) {
    wait_for_slot_within(START, machine, slot);
}

fn wait_for_slot_within(patience: Duration, machine: &mut Machine<'_>, slot: &str) {
    let heard = |after: Duration, said: &Value| eprintln!("{:6.1} s  {}", after.as_secs_f32(), said["state"]);
    let until = Instant::now() + patience;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let waited = machine.wait_for(left, heard, |said| said["headline"] == NO_SERVER);
        waited.unwrap_or_else(|error| panic!("slot {slot} does not come so far: {error:#}"));
        // The one before may say so again on its way down.
        let line = machine.run("cat /proc/cmdline", SOON).unwrap_or_default();
        if line.contains(&format!("nexus.slot={slot} ")) {
            return;
        }
    }
}

/// Calls a method of RAUC, or reads one of its properties.
fn rauc(machine: &mut Machine<'_>, verb: &str, words: &str) -> String {
    let interface = "de.pengutronix.rauc / de.pengutronix.rauc.Installer";
    asked(machine, &format!("busctl {verb} {interface} {words}"))
}

/// Lets RAUC install what a mirror has, with this hash if it is not empty, and answers what its last error is then.
pub(crate) fn install(machine: &mut Machine<'_>, mirror: &Mirror, hash: &str) -> String {
    begin_to_install(machine, mirror, hash);
    installed(machine)
}

/// Lets RAUC begin to install what a mirror has, with this hash if it is not empty.
pub(crate) fn begin_to_install(machine: &mut Machine<'_>, mirror: &Mirror, hash: &str) {
    let arguments = if hash.is_empty() { "0".to_owned() } else { format!("1 require-manifest-hash s {hash}") };
    let called = rauc(machine, "call", &format!("InstallBundle sa{{sv}} {} {arguments}", mirror.url()));
    assert_eq!(called, "", "RAUC takes no call");
}

/// Waits until RAUC is at the end, and answers what its last error is then.
pub(crate) fn installed(machine: &mut Machine<'_>) -> String {
    let until = Instant::now() + START;
    while rauc(machine, "get-property", "Operation") != "s \"idle\"" {
        assert!(Instant::now() < until, "RAUC does not end: {}", rauc(machine, "get-property", "Progress"));
        thread::sleep(Duration::from_secs(1));
    }
    let said = rauc(machine, "get-property", "LastError");
    said.trim_start_matches("s \"").trim_end_matches('"').to_owned()
}

/// Activates the slot that does not run, as the agent does.
fn activate(machine: &mut Machine<'_>) {
    let said = rauc(machine, "call", "Mark ss active other");
    assert!(said.contains("boot.1"), "{said}");
}

/// Wishes a restart, as the agent does.
fn restart(machine: &mut Machine<'_>) {
    asked(machine, "busybox touch /run/nexus/restart");
}

/// Waits until slot B has told the boot loader that it works.
fn wait_until_it_works(card: &Card) {
    wait_for_counters(card, "the proof", TOLD, |[first, _]| first.is_some_and(|copy| copy.left_b == Starts::GOOD));
}

/// Keys of a stranger.
fn make_keys(folder: &Path) {
    let mut openssl = Command::new("openssl");
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=Stranger",
    ]);
    openssl.arg("-keyout").arg(folder.join("bundle.key")).arg("-out").arg(folder.join("bundle.pem"));
    let made = openssl.output().expect("cannot start openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
