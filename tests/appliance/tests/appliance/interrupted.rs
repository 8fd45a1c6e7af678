//! Downloads that are cut off in the middle: what was fetched before is not fetched again, but for a small part.
//!
//! The bundle is as those of `scripts/image` are (format verity, adaptive), and holds what nothing compresses, as images do
//! that are shipped. No slot of the card has anything of it, so that all of it is fetched.

use std::{
    collections::HashSet,
    fs::File,
    ops::Range,
    os::unix::fs::FileExt as _,
    thread,
    time::{Duration, Instant},
};

use appliance::{Card, Display, Machine};

use crate::{
    bundles::{Content, keys},
    ranges::Mirror,
    stage::{START, compatible, start},
    updates::{BOOT_B, ROOT_B, begin_to_install, card, install, installed, wait_for_slot},
};

const DISPLAY: Display = Display::Connected(1280, 720);
const MIB: usize = 1024 * 1024;
/// Bytes of the images: what a release has, on an emulated machine's scale.
const BOOT: usize = 8 * MIB;
const ROOT: usize = 40 * MIB;
/// The share of what was fetched before that may be fetched again.
const MOST: f64 = 0.2;
/// Bytes in whose multiples RAUC fetches.
const BLOCK: usize = 4096;
/// A server that is started again is away for so long.
const AWAY: Duration = Duration::from_secs(15);
/// How often is looked how far a download is.
const LOOK: Duration = Duration::from_millis(50);

#[test]
#[ignore = "takes minutes and an image with keys"]
fn a_download_that_a_power_cut_ends_goes_on_where_it_was() {
    let Some(card) = card() else { return };
    let (content, mirror, machine, cut) = half_installed(&card, 1);
    drop(machine);

    let mut machine = start(&card, DISPLAY);
    wait_for_slot(&mut machine, "a");
    assert_eq!(install(&mut machine, &mirror, ""), "");
    is_there(&card, &content);
    little_again(&mirror, cut, "power cut");
}

#[test]
#[ignore = "takes minutes and an image with keys"]
fn a_download_from_a_server_that_is_started_again_goes_on_where_it_was() {
    let Some(card) = card() else { return };
    let (content, mirror, mut machine, cut) = half_installed(&card, 2);
    mirror.set_away(true);
    thread::sleep(AWAY);
    mirror.set_away(false);
    assert_eq!(installed(&mut machine), "", "it did not wait for the server");
    is_there(&card, &content);
    little_again(&mirror, cut, "server away for a moment");
}

#[test]
#[ignore = "takes minutes and an image with keys"]
fn a_download_from_a_server_that_stays_away_ends_and_the_next_one_goes_on_where_it_was() {
    let Some(card) = card() else { return };
    let (content, mirror, mut machine, cut) = half_installed(&card, 3);
    mirror.set_away(true);
    let said = installed(&mut machine);
    assert!(said.to_lowercase().contains("input/output error"), "{said:?}");
    mirror.set_away(false);
    assert_eq!(install(&mut machine, &mirror, ""), "");
    is_there(&card, &content);
    little_again(&mirror, cut, "server away until the installation failed");
}

/// A machine that has fetched half of a bundle from a mirror, in as many answers.
fn half_installed(card: &Card, seed: u64) -> (Content, Mirror, Machine<'_>, usize) {
    let content = Content::random(seed, BOOT, ROOT);
    let mirror = Mirror::of(content.bundle(&compatible(), &keys()));
    let mut machine = start(card, DISPLAY);
    wait_for_slot(&mut machine, "a");
    begin_to_install(&mut machine, &mirror, "");
    let cut = half_of(&mirror);
    (content, mirror, machine, cut)
}

/// Waits until half of a bundle is fetched; answers how many answers that took.
fn half_of(mirror: &Mirror) -> usize {
    let until = Instant::now() + START;
    loop {
        let sent = mirror.sent();
        if blocks(&sent).collect::<HashSet<_>>().len() * BLOCK >= mirror.length() / 2 {
            return sent.len();
        }
        assert!(Instant::now() < until, "half of it never came");
        thread::sleep(LOOK);
    }
}

/// Looks whether slot B of a card has this content.
fn is_there(card: &Card, content: &Content) {
    let disk = File::open(card.disk()).unwrap();
    for (what, at, image) in [("boot", BOOT_B, &content.boot), ("root", ROOT_B, &content.root)] {
        let mut written = vec![0; image.len()];
        disk.read_exact_at(&mut written, at).unwrap();
        assert!(written == *image, "the {what} partition is not what was installed");
    }
}

/// Says how much was fetched again of what the first `cut` answers had brought.
fn little_again(mirror: &Mirror, cut: usize, what: &str) {
    let sent = mirror.sent();
    let (before, after) = sent.split_at(cut);
    let had: HashSet<_> = blocks(before).collect();
    let again = blocks(after).filter(|block| had.contains(block)).count();
    let share = again as f64 / had.len() as f64;
    let mib = |blocks: usize| (blocks * BLOCK) as f64 / MIB as f64;
    eprintln!(
        "{what}: {:.1} of {:.1} MiB were there, {:.1} MiB of them were fetched again: {:.1} %",
        mib(had.len()),
        mirror.length() as f64 / MIB as f64,
        mib(again),
        100.0 * share
    );
    assert!(share < MOST, "{what}: too much is fetched again");
}

/// The blocks that such answers bring, by their numbers.
fn blocks(sent: &[Range<usize>]) -> impl Iterator<Item = usize> {
    sent.iter().flat_map(|bytes| bytes.start / BLOCK..bytes.end.div_ceil(BLOCK))
}
