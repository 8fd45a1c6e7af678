//! A file of the agent's state folder, damaged by a card that wears out: the first byte says which one.
#![no_main]

use std::{fs, path::Path, sync::LazyLock};

use agent::folder::{Folder, Pairing};
use libfuzzer_sys::fuzz_target;
use pairing::Entropy;
use tempfile::TempDir;

const FILES: [&str; 6] =
    ["device-key.json", "machine.key", "pairing.json", "taken-over.json", "clock", "rotation.json"];

const PAIRING: &str = r#"{"server":"https://nexus.test/","device":"00000000-0000-0000-0000-000000000001",
    "instance":"00000000-0000-0000-0000-000000000002","trust":{"anchor":"PEM"},
    "screen":{"id":"00000000-0000-0000-0000-000000000003","name":"Support","board":"support"}}"#;

/// A paired stick's folder: what each file holds while it is whole.
static WHOLE: LazyLock<(TempDir, [Option<Vec<u8>>; 6])> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let opened = Folder::open(folder.path(), None, &Entropy::from_seed([7; 32]));
    let (new, stored) = opened.expect("a new folder opens");
    let pairing: Pairing = serde_json::from_str(PAIRING).expect("a pairing");
    new.store(&pairing).expect("the pairing can be written");
    let keys = new.store_keys(pairing.paired.device, &stored.ring, &Entropy::from_seed([8; 32]));
    keys.expect("the keys can be written");
    let whole = FILES.map(|name| fs::read(folder.path().join(name)).ok());
    (folder, whole)
});

fuzz_target!(|bytes: &[u8]| {
    let Some((which, content)) = bytes.split_first() else { return };
    let which = usize::from(*which) % FILES.len();
    let (folder, whole) = &*WHOLE;
    let path = folder.path().join(FILES[which]);
    fs::write(&path, content).expect("the file can be written");
    match open(folder.path()) {
        Ok(Some(pairing)) => {
            let written = serde_json::to_string(&pairing).expect("a pairing can be written");
            assert_eq!(serde_json::from_str::<Pairing>(&written).expect("what was written can be read"), pairing);
        }
        Ok(None) => assert_ne!(FILES[which], "pairing.json", "a pairing was overlooked"),
        Err(error) => {
            assert!(error.damaged, "{error}");
            // What opens the key is one of two files, and nobody can say which of them is damaged.
            assert!(which < 2 || error.path == path, "{error} names another file");
        }
    }
    assert_eq!(fs::read(&path).expect("the file is there"), content, "reading changed the file");
    match &whole[which] {
        Some(whole) => fs::write(&path, whole).expect("the file can be written"),
        None => fs::remove_file(&path).expect("the file can be removed"),
    }
});

fn open(path: &Path) -> Result<Option<Pairing>, agent::folder::FolderError> {
    Folder::open(path, None, &Entropy::from_seed([7; 32])).map(|(_, stored)| stored.pairing)
}
