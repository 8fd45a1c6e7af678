//! What this machine says of itself, for the admin who decides whether it may join.

use std::{fs, path::Path};

use board_support::{Machine, recognise};
use pairing::message::{Description, Text};

/// Describes this machine. What the firmware does not say is said to be unknown; a model that it does not say is the name
/// of the board in the folder `boards` that this is.
#[must_use]
pub fn describe(boards: Option<&Path>) -> Description {
    // The device tree on ARM, DMI on PCs.
    let model =
        first(&["/sys/firmware/devicetree/base/model", "/sys/class/dmi/id/product_name"]).or_else(|| board(boards?));
    let serial = first(&["/sys/firmware/devicetree/base/serial-number", "/sys/class/dmi/id/product_serial"]);
    Description {
        model: text(model, "unknown hardware"),
        serial: text(serial, "unknown"),
        software: text(Some(env!("CARGO_PKG_VERSION").to_owned()), "unknown"),
    }
}

fn board(folder: &Path) -> Option<String> {
    match board_support::all(folder) {
        Ok(boards) => recognise(&boards, &Machine::look(Path::new("/"))).map(|board| board.name.clone()),
        Err(error) => {
            tracing::warn!("this machine's board stays unknown: {error}");
            None
        }
    }
}

fn first(paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| fs::read_to_string(path).ok().filter(|text| !clean(text).is_empty()))
}

/// Firmware ends its strings with a NUL and pads them with spaces.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
}

fn text(found: Option<String>, otherwise: &str) -> Text<64> {
    let mut found = clean(&found.unwrap_or_default());
    while found.len() > 64 {
        found.pop();
    }
    #[expect(clippy::expect_used, reason = "the fallbacks are constants of this file that fit")]
    found.parse().unwrap_or_else(|_| otherwise.parse().expect("a constant that fits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_firmware_says_is_cleaned_and_what_it_does_not_say_is_unknown() {
        assert_eq!(&*text(Some("Raspberry Pi 4 Model B Rev 1.4\0".into()), "x"), "Raspberry Pi 4 Model B Rev 1.4");
        assert_eq!(&*text(Some("  \0\n".into()), "unknown"), "unknown");
        assert_eq!(&*text(None, "unknown"), "unknown");
        assert_eq!(text(Some("ü".repeat(60)), "unknown").len(), 64);
    }

    #[test]
    fn this_machine_can_be_described() {
        assert_eq!(&*describe(None).software, env!("CARGO_PKG_VERSION"));
    }
}
