//! `scripts/boot`, as somebody types it.

use std::{fs, process::Command};

use appliance::picture::Picture;
use serde_json::Value;

use crate::stage::{Stage, architecture, image, is_board, is_live};

#[test]
#[ignore = "takes minutes and an image"]
fn scripts_boot_waits_for_what_the_screen_says_and_keeps_a_picture_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let boot = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_boot-appliance"));
        command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).args(["--machine", architecture()]);
        let output = command.arg(image()).args(options).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let states = |name: &str| {
        let text = fs::read_to_string(at(name)).unwrap();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };

    // Nobody wrote down where its server is, and there is none to be found.
    let (new, said) = (at("new.png"), at("new.states"));
    let (done, told) =
        boot(&["--until", "pairing", "--screenshot", new.to_str().unwrap(), "--states", said.to_str().unwrap()]);
    assert!(done, "{told}");
    assert!(told.contains("No Nexus server was found here"), "{told}");
    assert_eq!(states("new.states").last().unwrap()["headline"], "No Nexus server was found here");
    let picture = Picture::read(&new).unwrap();
    assert_eq!((picture.width, picture.height), (1920, 1080));
    assert!(picture.is_ours());

    // A link takes it to its board, on a display that is higher than wide.
    let stage = Stage::new();
    let (setup, live) = (at("nexus.toml"), at("live.png"));
    fs::write(&setup, format!("access_link = \"{}\"\n", stage.admin.access_link(&stage.url(), "overview", 1))).unwrap();
    let (done, told) = boot(&[
        "--until",
        "live",
        "--setup",
        setup.to_str().unwrap(),
        "--size",
        "1080x1920",
        "--settle",
        "15",
        "--screenshot",
        live.to_str().unwrap(),
    ]);
    assert!(done, "{told}");
    let picture = Picture::read(&live).unwrap();
    assert!(is_board(&picture, 1080, 1920) && is_live(&picture), "{told}");

    // Nobody is there, where the operator says that the server is.
    fs::write(&setup, "server = \"https://10.0.2.2:1\"\n").unwrap();
    let (done, told) = boot(&["--until", "offline", "--setup", setup.to_str().unwrap()]);
    assert!(done, "{told}");

    // What does not come in time is said, and the serial line is kept.
    let (done, told) = boot(&["--until", "live", "--timeout", "1", "--serial", at("serial.log").to_str().unwrap()]);
    assert!(!done && told.contains("the screen did not come to it"), "{told}");
    assert!(at("serial.log").exists());
}
