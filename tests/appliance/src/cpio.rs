//! What an initramfs is made of, as far as one has to be changed: an archive that the kernel unpacks over those before it
//! (Documentation/driver-api/early-userspace/buffer-format.rst).

use std::iter;

/// `c_mode` of a regular file that its owner may read and nobody may start.
const PLAIN: usize = 0o100_400;

/// An archive in which this file is empty, and is no program.
pub(crate) fn without_program(path: &str) -> Vec<u8> {
    [entry(path, PLAIN), entry("TRAILER!!!", 0)].concat()
}

fn entry(name: &str, mode: usize) -> Vec<u8> {
    // Inode, mode, links, user, group, time, size, four numbers of devices, length of the name, checksum.
    let fields = [0, mode, 1, 0, 0, 0, 0, 0, 0, 0, 0, name.len() + 1, 0];
    let mut bytes = b"070701".to_vec();
    bytes.extend(fields.iter().flat_map(|field| format!("{field:08x}").into_bytes()));
    bytes.extend(name.bytes().chain(iter::once(0)));
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_whole_words_and_ends() {
        let archive = without_program("usr/bin/a");
        assert!(archive.starts_with(b"070701"));
        assert_eq!(&archive[110..120], b"usr/bin/a\0");
        assert_eq!(archive.len(), 120 + 124);
        assert_eq!(&archive[230..241], b"TRAILER!!!\0");
    }
}
