//! The first start of a new screen.

use std::{fs, thread, time::Duration};

use appliance::{Display, Machine, picture::Picture};
use board::{Theme, theme::tokens};
use serde_json::json;

use crate::{
    inside,
    stage::{
        Link, START, Stage, architecture, is_board, is_live, start, wait_for_board, wait_for_picture, wait_for_state,
    },
};

#[test]
#[ignore = "takes minutes and an image"]
fn a_new_screen_shows_a_code_and_an_administrator_who_types_it_sees_the_board_come() {
    let stage = Stage::new();
    let card = stage.card(&format!("server = \"{}\"\n{}", stage.url(), inside::SETTINGS));
    let mut machine = start(&card, Display::Connected(1920, 1080));
    let said = wait_for_state(&mut machine, "pairing");
    let code = said["code"].as_str().expect("a code").to_owned();
    stage.admin.add_screen(&code, "Reception", "overview", || {
        let heard = machine.wait_for(crate::stage::DRAWN, |_, _| (), |said| said["confirm"].is_string());
        heard.expect("two digits")["confirm"].as_str().expect("text").to_owned()
    });
    wait_for_state(&mut machine, "live");
    wait_for_board(&mut machine, 1920, 1080);
    inside::check(&mut machine);
}

#[test]
#[ignore = "takes minutes and an image"]
fn a_link_takes_a_new_screen_to_its_board_without_a_person_and_is_erased() {
    comes_to_its_board_by_a_link(inside::SETTINGS, 1280, 720, inside::check);
}

#[test]
#[ignore = "takes minutes and an image"]
fn a_link_takes_a_screen_on_its_side_to_a_board_on_its_side() {
    comes_to_its_board_by_a_link("rotation = 90\n", 1920, 1080, |_| ());
}

#[test]
#[ignore = "takes minutes and an image"]
fn the_first_picture_of_a_screen_on_its_side_lies_on_its_side() {
    let card = Stage::new().card("rotation = 90\n");
    let mut machine = start(&card, Display::Connected(1920, 1080));
    let picture = wait_for_picture(&mut machine, START, "that it starts", Picture::is_ours);
    let (across, down) = picture.center(tokens(Theme::Midnight).accent).expect("our mark");
    assert!(across > 0.5 && down < 0.5, "our mark, in the upper left corner of the wall, is at {across:.2}, {down:.2}");
}

/// Starts a new screen with an access link and these lines on a display of this size, and looks at what is left of both.
fn comes_to_its_board_by_a_link(lines: &str, width: u32, height: u32, look: impl FnOnce(&mut Machine<'_>)) {
    let stage = Stage::new();
    let card = stage.card_with_link(lines);
    let link = Link::on(&card);
    let mut machine = start(&card, Display::Connected(width, height));
    wait_for_state(&mut machine, "live");
    wait_for_board(&mut machine, width, height);
    look(&mut machine);
    drop(machine);
    let left = link.erased(&card);
    assert!(left.contains(lines), "{left}");
}

#[test]
#[ignore = "takes minutes and an image"]
fn a_screen_tells_its_network_the_name_that_it_was_given() {
    let stage = Stage::new();
    let card = stage.card(&format!("server = \"{}\"\nhostname = \"lobby-tv\"\n", stage.url()));
    let mut machine = start(&card, Display::Connected(1280, 720));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("traffic.pcap");
    let dump = json!({ "qom-type": "filter-dump", "id": "traffic", "netdev": "network", "file": file });
    machine.qmp().run("object-add", &dump).unwrap();
    wait_for_state(&mut machine, "pairing");
    // DHCP's option 12 (RFC 2132, 3.14): its number, its length, and the name.
    let option = b"\x0c\x08lobby-tv";
    while !fs::read(&file).unwrap().windows(option.len()).any(|bytes| bytes == option) {
        assert!(machine.uptime() < START, "the network never hears the name");
        thread::sleep(Duration::from_secs(1));
    }
}

#[test]
#[ignore = "takes minutes and an image"]
fn from_the_first_picture_to_the_board_the_display_is_never_dark() {
    let stage = Stage::new();
    let card = stage.card_with_link("");
    let mut machine = start(&card, Display::Connected(1280, 720));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("display.png");
    let mut first: Option<Duration> = None;
    let mut pictures = 0_u32;
    loop {
        let now = machine.uptime();
        assert!(now < START, "there is no board; the first picture came after {first:?}");
        let picture = machine.screenshot(&file).unwrap();
        match first {
            None if picture.is_ours() => first = Some(now),
            None => {}
            Some(first) => {
                pictures += 1;
                assert!(picture.is_ours(), "dark at {now:?}, {:?} after the first picture", now - first);
                if is_board(&picture, 1280, 720) && is_live(&picture) {
                    eprintln!("first picture after {first:?}, board after {now:?}, {pictures} pictures in between");
                    return;
                }
            }
        }
    }
}

#[test]
#[ignore = "takes minutes and an image"]
fn a_raspberry_pi_without_network_and_without_a_driver_for_its_display_tells_so_on_what_firmware_set_up() {
    if architecture() != "arm64" {
        eprintln!("not tried: the image is not one for arm64");
        return;
    }
    let stage = Stage::new();
    let card = stage.card_for("raspi3b", &format!("server = \"{}\"\n", stage.url()));
    let mut machine = start(&card, Display::Connected(640, 480));
    let picture = wait_for_picture(&mut machine, START, "that there is no network", Picture::tells_of_trouble);
    assert_eq!((picture.width, picture.height), (640, 480));
}
