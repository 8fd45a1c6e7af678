//! An archive that somebody calls a backup: what is in it stays in the folder that it is unpacked into.
#![no_main]

use std::{fs, io::Write, os::unix::fs::PermissionsExt, path::Path};

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // As it came, and once more as the tar file in a whole frame: the checksum of a frame is not guessed.
    try_out(bytes);
    let mut frame = zstd::Encoder::new(Vec::new(), 1).expect("a frame can be begun");
    frame.write_all(bytes).expect("memory can be written");
    try_out(&frame.finish().expect("a frame can be ended"));
});

fn try_out(archive: &[u8]) {
    let verified = backup::verify(archive);
    let Ok(manifest) = verified else { return };
    let outer = tempfile::tempdir().expect("there is a folder for temporary files");
    let inner = outer.path().join("inner");
    fs::create_dir(&inner).expect("a folder can be made");
    let unpacked = backup::unpack(archive, &inner).expect("what was verified can be unpacked");
    assert_eq!(unpacked, manifest);
    assert_eq!(fs::read_dir(outer.path()).expect("it is there").count(), 1, "something was written elsewhere");
    let mut files = 0;
    count(&inner, &mut files);
    assert_eq!(files, manifest.files.len(), "files are as many as the manifest names");
}

fn count(folder: &Path, files: &mut usize) {
    for entry in fs::read_dir(folder).expect("it is there") {
        let entry = entry.expect("it can be read");
        let metadata = entry.metadata().expect("it is there");
        assert_eq!(metadata.permissions().mode() & 0o077, 0, "others can read it");
        if metadata.is_dir() {
            count(&entry.path(), files);
        } else {
            assert!(metadata.is_file(), "a backup holds plain files");
            *files += 1;
        }
    }
}
