//! What goes wrong in front of a screen, behind it, and in the socket on the wall.

use std::{fs::File, ops::Range, os::unix::fs::FileExt as _, thread, time::Duration};

use appliance::{Display, Machine, picture::Picture};
use rand::RngExt as _;

use crate::stage::{
    self, DRAWN, Stage, chance, is_board, number, start, wait_for_board, wait_for_old_board, wait_for_picture,
    wait_for_state,
};

/// Power cuts of the test, where NEXUS_TEST_POWER_CUTS says nothing else.
const POWER_CUTS: u64 = 20;
/// The moments of cuts, as shares of a whole start: from the boot loader until after the board.
const MOMENTS: Range<f64> = 0.02..1.3;
/// How often the display is looked at until then.
const LOOK: Duration = Duration::from_millis(500);
/// Bytes of a sector. The second has the partition table's header.
const SECTOR: u64 = 512;
/// How long a screen has no display.
const WITHOUT_DISPLAY: Duration = Duration::from_secs(30);

#[test]
#[ignore = "takes minutes and an image"]
fn a_display_that_is_plugged_in_late_or_is_another_one_shows_the_board() {
    let stage = Stage::new();
    let card = stage.card_with_link("");
    let mut machine = start(&card, Display::Missing);
    wait_for_state(&mut machine, "live");
    thread::sleep(WITHOUT_DISPLAY.saturating_sub(machine.uptime()));
    machine.connect_display(1280, 720).unwrap();
    wait_for_board(&mut machine, 1280, 720);
    drop(machine);

    let mut machine = start(&card, Display::Connected(1920, 1080));
    wait_for_state(&mut machine, "live");
    wait_for_board(&mut machine, 1920, 1080);
    machine.resize_display(1280, 720).unwrap();
    wait_for_board(&mut machine, 1280, 720);
}

#[test]
#[ignore = "takes minutes and an image"]
fn the_display_tells_that_cable_or_server_are_gone_and_the_board_comes_back() {
    let mut stage = Stage::new();
    let card = stage.card_with_link("");
    let mut machine = start(&card, Display::Connected(1280, 720));
    wait_for_state(&mut machine, "live");
    wait_for_board(&mut machine, 1280, 720);

    machine.cable(false).unwrap();
    wait_for_old_board(&mut machine, 1280, 720);
    machine.cable(true).unwrap();
    wait_for_board(&mut machine, 1280, 720);

    stage.server.kill();
    wait_for_old_board(&mut machine, 1280, 720);
    stage.server.start();
    wait_for_board(&mut machine, 1280, 720);
}

#[test]
#[ignore = "takes minutes and an image"]
fn a_partition_table_that_a_power_cut_tore_is_read_from_the_end_of_the_disk() {
    let stage = Stage::new();
    let mut card = stage.card(&format!("server = \"{}\"\n", stage.url()));
    card.start_without_firmware().unwrap();
    let disk = File::options().read(true).write(true).open(card.disk()).unwrap();
    // The copy ends the image, as it ends the disk of every screen that has started once.
    disk.set_len(stage::size()).unwrap();
    let mut header = [0; 8];
    disk.read_exact_at(&mut header, SECTOR).unwrap();
    assert_eq!(&header, b"EFI PART");
    disk.write_all_at(&[0; SECTOR as usize], SECTOR).unwrap();
    let mut machine = start(&card, Display::Connected(1280, 720));
    wait_for_state(&mut machine, "pairing");
}

#[test]
#[ignore = "takes minutes and an image"]
fn a_set_up_partition_that_cannot_be_read_is_told() {
    let stage = Stage::new();
    let card = stage.card(&format!("server = \"{}\"\n", stage.url()));
    card.spoil_setup().unwrap();
    let mut machine = start(&card, Display::Connected(1280, 720));
    let said = wait_for_state(&mut machine, "problem");
    assert_eq!(said["headline"], "The partition NEXUS-SETUP cannot be read");
}

#[test]
#[ignore = "takes many minutes and an image"]
fn power_cuts_at_any_moment_of_a_start_leave_a_screen_that_tells_the_truth_and_comes_to_its_board() {
    let mut stage = Stage::new();
    let whole = whole_start(&stage);
    let mut card = stage.card_with_link("");
    let (cuts, mut shares) = (number("NEXUS_TEST_POWER_CUTS").unwrap_or(POWER_CUTS), chance());
    eprintln!("{cuts} power cuts of starts of {whole:?}");
    for cut in 1..=cuts {
        let moment = whole.mul_f64(shares.random_range(MOMENTS));
        // Every second of these starts finds no server.
        let served = cut % 2 == 1;
        // Every fourth is the first of a new screen, which grows its data, makes its keys and uses its link up.
        if cut % 4 == 1 && cut > 1 {
            card = stage.card_with_link("");
        }
        if !served {
            stage.server.kill();
        }
        let mut machine = start(&card, Display::Connected(1280, 720));
        let pictures = tells_the_truth(&mut machine, moment, served);
        if !served && moment > whole {
            wait_for_picture(&mut machine, DRAWN, "that there is no server", Picture::tells_of_trouble);
        }
        drop(machine);
        eprintln!("cut {cut} after {moment:.1?} and {pictures} pictures of ours, with a server: {served}");
        if !served {
            stage.server.start();
        }
        let mut machine = start(&card, Display::Connected(1280, 720));
        wait_for_state(&mut machine, "live");
        wait_for_board(&mut machine, 1280, 720);
    }
}

/// How long a new screen takes to its board on this host.
fn whole_start(stage: &Stage) -> Duration {
    let card = stage.card_with_link("");
    let mut machine = start(&card, Display::Connected(1280, 720));
    wait_for_state(&mut machine, "live");
    wait_for_board(&mut machine, 1280, 720);
    machine.uptime()
}

/// Looks at the display until a moment of a start: what was ours stays ours, and nobody sees a board of a server that is
/// not there. Answers how many pictures were ours.
fn tells_the_truth(machine: &mut Machine<'_>, until: Duration, served: bool) -> u32 {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("display.png");
    let mut ours = 0;
    while machine.uptime() < until {
        let picture = machine.screenshot(&file).unwrap();
        let now = machine.uptime();
        if picture.is_ours() {
            ours += 1;
        } else {
            assert_eq!(ours, 0, "something else than ours after {now:?}");
        }
        assert!(served || !is_board(&picture, 1280, 720), "a board without a server after {now:?}");
        thread::sleep(LOOK.min(until.saturating_sub(now)));
    }
    ours
}
