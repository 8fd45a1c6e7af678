//! Which root to use: what the boot loader wrote on the kernel's command line.

use std::str::FromStr;

use slots::Slot;

/// Bytes of a block of the root and of its hash tree.
pub const BLOCK: u64 = 4096;
/// Bytes of a sector, the unit of device mapper tables.
const SECTOR: u64 = 512;

/// The root of a slot, and the hash that its content must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The slot.
    pub slot: Slot,
    blocks: u64,
    hash: String,
    salt: String,
}

/// Why a command line names no root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// An argument is not there.
    #[error(
        "the kernel's command line has no {0}; the boot loader writes it from the boot slot's slot.cfg or slot.env"
    )]
    Missing(&'static str),
    /// An argument cannot be read.
    #[error("the kernel's command line says {0}, which is not {1}")]
    Unreadable(String, &'static str),
}

const SLOT: &str = "nexus.slot=";
const VERITY: &str = "nexus.verity=";

impl FromStr for Root {
    type Err = Wrong;

    /// Reads `nexus.slot=a` and `nexus.verity=<blocks of the root>:<root hash>:<salt>`; the last of each counts.
    fn from_str(command_line: &str) -> Result<Self, Wrong> {
        let last = |key| command_line.split_ascii_whitespace().filter_map(|word| word.strip_prefix(key)).next_back();
        let slot = last(SLOT).ok_or(Wrong::Missing("nexus.slot"))?;
        let slot = slot.parse().map_err(|_| Wrong::Unreadable(format!("{SLOT}{slot}"), "a slot (a or b)"))?;
        let verity = last(VERITY).ok_or(Wrong::Missing("nexus.verity"))?;
        let wrong = || Wrong::Unreadable(format!("{VERITY}{verity}"), "<blocks>:<SHA-256 in hex>:<salt in hex>");
        let [blocks, hash, salt] = *verity.split(':').collect::<Vec<_>>() else { return Err(wrong()) };
        let blocks = blocks.parse().ok().filter(|blocks| (1..=u64::MAX / BLOCK).contains(blocks)).ok_or_else(wrong)?;
        let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hash.len() != 64 || !is_hex(hash) || salt.len() > 512 || !salt.len().is_multiple_of(2) || !is_hex(salt) {
            return Err(wrong());
        }
        Ok(Self { slot, blocks, hash: hash.to_owned(), salt: salt.to_owned() })
    }
}

impl Root {
    /// The name of its partition in the partition table.
    #[must_use]
    pub const fn partition(&self) -> &'static str {
        match self.slot {
            Slot::A => "nexus-root-a",
            Slot::B => "nexus-root-b",
        }
    }

    /// The device mapper table over a partition that holds the root and behind it the hash tree without a superblock.
    ///
    /// A block with another content panics the kernel, so that the slot's counter decides what boots next: an I/O error
    /// would leave a half-dead system on the wall.
    /// Documentation/admin-guide/device-mapper/verity.rst.
    #[must_use]
    pub fn table(&self, device: &str) -> String {
        let Self { blocks, hash, salt, .. } = self;
        let sectors = blocks * (BLOCK / SECTOR);
        format!(
            "0 {sectors} verity 1 {device} {device} {BLOCK} {BLOCK} {blocks} {blocks} sha256 {hash} {salt} 1 \
             panic_on_corruption"
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;

    const HASH: &str = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945";

    #[test]
    fn the_boot_loader_s_words_become_a_table() {
        let line = format!("quiet nexus.slot=b nexus.verity=100:{HASH}:00ff console=ttyS0");
        let root: Root = line.parse().unwrap();
        assert_eq!(root.partition(), "nexus-root-b");
        assert_eq!(
            root.table("/dev/vda7"),
            format!("0 800 verity 1 /dev/vda7 /dev/vda7 4096 4096 100 100 sha256 {HASH} 00ff 1 panic_on_corruption")
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let wrong = |line: &str| line.parse::<Root>().unwrap_err().to_string();
        assert!(wrong("quiet").contains("no nexus.slot"));
        assert!(wrong("nexus.slot=c").contains("nexus.slot=c, which is not a slot"));
        assert!(wrong("nexus.slot=a").contains("no nexus.verity"));
        for verity in ["", "1", "1:2:3", &format!("0:{HASH}:00"), &format!("1:{HASH}:"), &format!("1:{HASH}:0 1")] {
            assert!(wrong(&format!("nexus.slot=a nexus.verity={verity}")).contains("SHA-256"), "{verity}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_command_line_makes_it_panic(line in "(nexus.slot=|nexus.verity=|[ab:0-9f ]|\\PC){0,40}") {
            if let Ok(root) = line.parse::<Root>() {
                let _ = root.table("/dev/vda7");
            }
        }
    }
}
