//! Knows the board that a system runs on.

use std::{fs, path::Path};

use crate::{Board, Firmware, Sign};

/// What a running system sees of its board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// `compatible` of the device tree's root, the most particular first.
    pub compatible: Vec<String>,
    /// Whether UEFI started it.
    pub uefi: bool,
}

impl Machine {
    /// Looks below `root` (`/`). What is not there is not seen. The device tree is read in sysfs, which programs also see
    /// whose `/proc` shows them processes alone.
    #[must_use]
    pub fn look(root: &Path) -> Self {
        let compatible = fs::read(root.join("sys/firmware/devicetree/base/compatible")).unwrap_or_default();
        let names = compatible.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Self {
            compatible: names.map(|name| String::from_utf8_lossy(name).into_owned()).collect(),
            uefi: root.join("sys/firmware/efi").is_dir(),
        }
    }
}

/// The board of this machine: the one with its most particular name in the device tree, else the one of its firmware.
#[must_use]
pub fn recognise<'a>(boards: &'a [Board], machine: &Machine) -> Option<&'a Board> {
    let named = |name: &String| {
        boards.iter().find(|board| matches!(&board.recognise, Sign::Compatible(names) if names.contains(name)))
    };
    let by_firmware = || boards.iter().find(|board| machine.uefi && board.recognise == Sign::Firmware(Firmware::Uefi));
    machine.compatible.iter().find_map(named).or_else(by_firmware)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn board(name: &str, sign: &str) -> Board {
        let text = format!(
            "name = \"{name}\"\narchitecture = \"arm64\"\nrecognise = {{ {sign} }}\n\
             boot = {{ method = \"u-boot\" }}\nmodules = {{ display = [], root = [], later = [] }}\n"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn the_most_particular_name_wins_and_firmware_is_the_last_resort() {
        let boards = [
            board("any", "firmware = \"uefi\""),
            board("family", "compatible = [\"maker,chip\"]"),
            board("one", "compatible = [\"maker,model-2\", \"maker,model-3\"]"),
        ];
        let name = |machine: &Machine| recognise(&boards, machine).map(|board| board.name.as_str());
        let tree =
            |names: &[&str], uefi| Machine { compatible: names.iter().map(|&name| name.to_owned()).collect(), uefi };
        assert_eq!(name(&tree(&["maker,model-3", "maker,chip"], true)), Some("one"));
        assert_eq!(name(&tree(&["maker,model-9", "maker,chip"], false)), Some("family"));
        assert_eq!(name(&tree(&["another,board"], true)), Some("any"));
        assert_eq!(name(&tree(&["another,board"], false)), None);
    }

    #[test]
    fn the_device_tree_ends_its_names_with_zeros() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Machine::look(root.path()), Machine::default());
        fs::create_dir_all(root.path().join("sys/firmware/devicetree/base")).unwrap();
        fs::create_dir_all(root.path().join("sys/firmware/efi")).unwrap();
        fs::write(
            root.path().join("sys/firmware/devicetree/base/compatible"),
            b"raspberrypi,4-model-b\0brcm,bcm2711\0",
        )
        .unwrap();
        let seen = Machine::look(root.path());
        assert_eq!((seen.compatible, seen.uefi), (vec!["raspberrypi,4-model-b".into(), "brcm,bcm2711".into()], true));
    }
}
