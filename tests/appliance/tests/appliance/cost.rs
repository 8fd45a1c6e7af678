//! What an update costs: the figures of `scripts/bench update`, which builds what is needed and names it.
//!
//! NEXUS_TEST_IMAGE is compressed as it is shipped (`scripts/image --debug --as-shipped`). NEXUS_TEST_BUNDLE is an update
//! that differs in its version, and NEXUS_TEST_CHANGED one that differs in our programs.

use std::{
    collections::HashSet,
    env,
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use appliance::{Card, Display, Machine, picture::Picture};

use crate::{
    bundles::keys,
    ranges::Mirror,
    scenarios::vendor::Vendor,
    stage::{START, Stage, is_board, is_live, start, told, wait_for_board, wait_for_state},
    updates::{asked, bundle, install},
};

const DISPLAY: (u32, u32) = (1280, 720);
const MIB: f64 = 1024.0 * 1024.0;
/// Bytes of the blocks of which a screen fetches those that it has nowhere.
const BLOCK: usize = 4096;
/// Where slot A's partitions begin on a card, and their bytes. Partition layout v1 freezes that.
const SLOT_A: [(&str, u64, usize); 2] = [("boot", 82 << 20, 64 << 20), ("root", 210 << 20, 256 << 20)];
/// How often the agent's memory is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How often the display is looked at.
const FRAME: Duration = Duration::from_millis(200);
/// A restart takes longer than this, and the next picture of a system that runs does not.
const DARK: Duration = Duration::from_secs(5);

#[test]
#[ignore = "prints the figures of scripts/bench update"]
fn what_an_update_costs() {
    let Some(changed) = env::var_os("NEXUS_TEST_CHANGED") else {
        eprintln!("not tried: NEXUS_TEST_CHANGED names no update with other programs");
        return;
    };
    let (changed, newer) = (Path::new(&changed), bundle());
    let mut stage = Stage::new();
    let vendor = Vendor::new(&keys(), &newer);
    stage.server.trust_vendor(&vendor.root());
    let card = stage.card_with_link("");
    let mut machine = start(&card, Display::Connected(DISPLAY.0, DISPLAY.1));
    wait_for_state(&mut machine, "live");
    wait_for_board(&mut machine, DISPLAY.0, DISPLAY.1);

    only_programs(&card, &mut machine, changed);

    vendor.publish_image(&newer);
    stage.server.import_updates(&vendor.repository());
    stage.admin.tell_only_screen(&[("command", "update_now")]);
    let memory = while_it_installs(&mut machine);
    until_it_is_back(&mut machine);
    let memory = memory.max(peak(&mut machine));
    eprintln!("{:.1} MiB memory of the agent at its peak (VmHWM)", memory as f64 / 1024.0);
}

/// Installs an update in which nothing but our programs is another, and says what that takes.
fn only_programs(card: &Card, machine: &mut Machine<'_>, changed: &Path) {
    let mirror = Mirror::of(fs::read(changed).unwrap());
    let began = Instant::now();
    assert_eq!(install(machine, &mirror, &told(changed, "manifest_hash")), "");
    let took = began.elapsed();
    let (requests, bytes) = mirror.told();
    let size = mirror.length();
    eprintln!("{:.1} MiB a bundle (with the shell of debug images)", size as f64 / MIB);
    eprintln!(
        "{:.1} MiB fetched where all of our programs have changed: {:.1} % of the bundle, in {requests} requests",
        bytes as f64 / MIB,
        100.0 * bytes as f64 / size as f64
    );
    for (partition, new, all) in new_blocks(card, changed) {
        eprintln!("    {:.1} of {:.1} MiB of its {partition} partition are new", new as f64 / MIB, all as f64 / MIB);
    }
    eprintln!("{:.1} s to install it", took.as_secs_f32());
}

/// Of each partition of a bundle, bytes of blocks that slot A has not, and of all blocks that are not empty.
fn new_blocks(card: &Card, bundle: &Path) -> [(&'static str, usize, usize); 2] {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    let unpacked = Command::new("unsquashfs").arg("-quiet").arg("-dest").arg(&content).arg(bundle).output();
    let unpacked = unpacked.expect("cannot start unsquashfs; install squashfs-tools");
    assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
    let disk = File::open(card.disk()).unwrap();
    SLOT_A.map(|(partition, at, length)| {
        let mut had = vec![0; length];
        disk.read_exact_at(&mut had, at).unwrap();
        let had: HashSet<_> = had.chunks(BLOCK).collect();
        let image = fs::read(content.join(format!("{partition}.img"))).unwrap();
        let blocks = || image.chunks(BLOCK).filter(|block| block.iter().any(|byte| *byte != 0));
        let new = blocks().filter(|block| !had.contains(block)).count();
        (partition, new * BLOCK, blocks().count() * BLOCK)
    })
}

/// Waits until the agent has installed an update; answers its memory at its peak, in KiB.
fn while_it_installs(machine: &mut Machine<'_>) -> u64 {
    wait_for_state(machine, "updating");
    let until = Instant::now() + START;
    loop {
        assert!(Instant::now() < until, "it does not end to install");
        let memory = peak(machine);
        if machine.wait_for(LOOK, |_, _| (), |said| said["percent"] == 100).is_ok() {
            return memory;
        }
    }
}

/// The most memory that the running agent had so far, in KiB.
fn peak(machine: &mut Machine<'_>) -> u64 {
    let said =
        asked(machine, "grep VmHWM /proc/$(systemctl show --property=MainPID --value nexus-agent.service)/status");
    let number = said.split_ascii_whitespace().nth(1).and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("how much memory the agent had: {said:?}"))
}

/// Watches the display from before the restart until the board is back, and says how long what was missing.
fn until_it_is_back(machine: &mut Machine<'_>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("display.png");
    let began = Instant::now();
    // The last picture of the old system, and the first of the new one.
    let (mut last, mut first) = (began, None);
    loop {
        assert!(began.elapsed() < START, "the board does not come back");
        // There is no picture while the firmware sets another mode.
        let ours = machine.screenshot(&file).ok().filter(Picture::is_ours);
        let now = Instant::now();
        match (ours, first) {
            (Some(_), None) if now - last < DARK => last = now,
            (Some(_), None) => first = Some(now),
            (Some(picture), Some(first)) if is_board(&picture, DISPLAY.0, DISPLAY.1) && is_live(&picture) => {
                let seconds = |from: Instant, to: Instant| (to - from).as_secs_f32();
                eprintln!(
                    "{:.1} s out of service, from the old system's last frame to the new one's first",
                    seconds(last, first)
                );
                eprintln!("{:.1} s until the board is back", seconds(last, now));
                return;
            }
            _ => {}
        }
        thread::sleep(FRAME);
    }
}
