//! Archives that are damaged, cut short, something else, or made to do harm.

use std::fs;

use backup::{Error, Existing, Fault, Manifest, restore, verify};
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

use crate::stage::{Stage, names, now};

/// An archive of these entries, which its manifest names as `files` says.
fn archive(files: &Value, entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
    let manifest = json!({"format": "nexus-backup", "version": 1, "nexus": "1", "made_at": "2026-03-02T08:00:00Z", "files": files});
    let manifest = manifest.to_string();
    let all = [("manifest.json", EntryType::Regular, manifest.as_str())];
    compress(&tarred(all.iter().chain(entries).copied()))
}

fn tarred<'a>(entries: impl Iterator<Item = (&'a str, EntryType, &'a str)>) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = Header::new_ustar();
        // Written as it is: the library itself would refuse the worst names.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn listed(name: &str, content: &str) -> Value {
    json!({"name": name, "length": content.len(), "sha256": HEXLOWER.encode(&Sha256::digest(content))})
}

/// Why the archive is refused; that it is so without a trace is asserted.
fn refusal(bytes: &[u8]) -> Fault {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("archive"), bytes).unwrap();
    let target = folder.path().join("data");
    let refused = restore(&folder.path().join("archive"), &target, Existing::SetAside, now(), |_| Ok(()));
    assert_eq!(names(folder.path()), ["archive"], "nothing else was made");
    match refused {
        Err(error @ Error::Archive { .. }) => {
            assert!(error.to_string().ends_with("Nothing was changed"), "{error}");
            let Error::Archive { fault, .. } = error else { unreachable!() };
            fault
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_archive_made_by_hand_is_taken_if_it_is_right() {
    let files = json!([listed("settings.json", "{}"), listed("a/b c (1).json", "x")]);
    let entries = [("settings.json", EntryType::Regular, "{}"), ("a/b c (1).json", EntryType::Regular, "x")];
    assert_eq!(
        verify(&*archive(&files, &entries)).unwrap().files.len(),
        2,
        "or the others would be refused for nothing"
    );
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in [
        "../x",
        "a/../../x",
        "/etc/passwd",
        "a//b",
        "./a",
        "a/.",
        "",
        "a/",
        "C:\\x",
        "a\\..\\b",
        "a\nb",
        "a:b",
        &"x".repeat(101),
    ] {
        let files = json!([listed(name, "x")]);
        let fault = refusal(&archive(&files, &[("innocent", EntryType::Regular, "x")]));
        assert!(matches!(fault, Fault::Manifest(_)), "{name}: {fault}");
        if !name.is_empty() && name.len() < 100 {
            let fault = refusal(&archive(&json!([listed("innocent", "x")]), &[(name, EntryType::Regular, "x")]));
            assert!(matches!(fault, Fault::Name(_)), "{name}: {fault}");
        }
    }
}

#[test]
fn what_is_no_plain_file_is_refused() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Directory,
        EntryType::Fifo,
        EntryType::GNULongName,
        EntryType::GNUSparse,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
    ] {
        let fault = refusal(&archive(&json!([listed("a", "x")]), &[("a", kind, "x")]));
        assert!(matches!(fault, Fault::Unexpected(_)), "{kind:?}: {fault}");
    }
}

#[test]
fn entries_that_differ_from_the_manifest_are_refused() {
    let plain = EntryType::Regular;
    let two = json!([listed("a", "x"), listed("b", "y")]);
    let (a, b) = (("a", plain, "x"), ("b", plain, "y"));
    assert!(matches!(refusal(&archive(&two, &[a])), Fault::Short));
    assert!(matches!(refusal(&archive(&two, &[b, a])), Fault::Unexpected(_)));
    assert!(matches!(refusal(&archive(&two, &[a, b, ("c", plain, "z")])), Fault::Unexpected(_)));
    assert!(matches!(refusal(&archive(&two, &[a, ("b", plain, "Y")])), Fault::Digest(_)));
    assert!(matches!(refusal(&archive(&two, &[a, ("b", plain, "yy")])), Fault::Unexpected(_)));
    let twice = json!([listed("a", "x"), listed("a", "x")]);
    assert!(matches!(refusal(&archive(&twice, &[a, a])), Fault::Twice(_)));
    let within = json!([listed("a", "x"), listed("a/b", "x")]);
    assert!(matches!(refusal(&archive(&within, &[a, ("a/b", plain, "x")])), Fault::Twice(_)));
    assert!(matches!(refusal(&archive(&json!([listed("manifest.json", "x")]), &[])), Fault::Twice(_)));
}

#[test]
fn what_is_something_else_is_told_as_that() {
    let plain = EntryType::Regular;
    for foreign in [
        Vec::new(),
        b"{\"secrets\": {}}".to_vec(),
        tarred([("manifest.json", plain, "{}")].into_iter()),
        compress(b""),
        compress(b"hello"),
        compress(&tarred([("manifest.json", plain, "{}")].into_iter())),
        compress(&tarred([("manifest.json", EntryType::Symlink, "")].into_iter())),
        compress(&tarred([("settings.json", plain, "{}")].into_iter())),
    ] {
        let fault = refusal(&foreign);
        assert!(matches!(fault, Fault::Foreign | Fault::Short | Fault::Reading(_)), "{fault}");
    }
    let newer = json!({"format": "nexus-backup", "version": 2, "more": true}).to_string();
    let fault = refusal(&compress(&tarred([("manifest.json", plain, newer.as_str())].into_iter())));
    assert!(matches!(fault, Fault::Version(2)), "{fault}");
}

#[test]
fn a_small_file_that_unpacks_to_a_large_one_is_refused_before_it_is_unpacked() {
    let zeros = "\0".repeat(64 << 20);
    let bomb = archive(&json!([listed("a", "x")]), &[("a", EntryType::Regular, &zeros)]);
    assert!(bomb.len() < 64 << 10, "{}", bomb.len());
    assert!(matches!(refusal(&bomb), Fault::Unexpected(_)));
    let manifest = compress(&tarred([("manifest.json", EntryType::Regular, zeros.as_str())].into_iter()));
    assert!(matches!(refusal(&manifest), Fault::Manifest(_)));
}

#[tokio::test]
async fn whatever_is_cut_off_or_added_is_noticed() {
    let whole = Stage::bytes().await;
    verify(&*whole).unwrap();
    for length in 0..whole.len() {
        assert!(verify(&whole[..length]).is_err(), "{length} of {} bytes", whole.len());
    }
    refusal(&whole[..whole.len() / 2]);
    for more in [&b"\0"[..], b"more", &whole] {
        refusal(&[&whole, more].concat());
    }
}

#[tokio::test]
async fn every_flipped_bit_that_counts_is_noticed() {
    let whole = Stage::bytes().await;
    let before = verify(&*whole).unwrap();
    let mut harmless = 0;
    for at in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        // zstd ignores a few bits. They change nothing that it holds, whose digests the manifest names.
        match verify(&*flipped) {
            Ok(manifest) if manifest == before => harmless += 1,
            Ok(manifest) => panic!("bit {at} made it {manifest:?}"),
            Err(_) => {}
        }
    }
    assert!(harmless * 50 < whole.len() * 8, "{harmless} bits of {} do not count", whole.len() * 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_panic_or_unpack_elsewhere(bytes in proptest::collection::vec(any::<u8>(), 0..2000), compressed: bool) {
        let bytes = if compressed { compress(&bytes) } else { bytes };
        prop_assert!(verify(&*bytes).is_err());
    }

    #[test]
    fn a_name_is_taken_only_if_it_stays_within_a_folder(text in "[a./\\\\: ]{0,8}") {
        if let Ok(name) = text.parse::<backup::Name>() {
            let path = std::path::Path::new("/data").join(name.as_path());
            prop_assert!(path.starts_with("/data") && path.components().count() > 2);
            prop_assert!(path.components().all(|part| !matches!(part, std::path::Component::ParentDir)));
        }
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written(names in proptest::collection::btree_set("[a-z]{1,8}(/[A-Z]{1,8})?", 0..8)) {
        let files = names.iter().map(|name| listed(name, name)).collect::<Vec<_>>();
        let entries = names.iter().map(|name| (name.as_str(), EntryType::Regular, name.as_str())).collect::<Vec<_>>();
        let read: Result<Manifest, Fault> = verify(&*archive(&files.into(), &entries));
        let is_both = names.iter().any(|name| name.split_once('/').is_some_and(|(folder, _)| names.contains(folder)));
        prop_assert_eq!(read.is_ok(), !is_both);
    }
}
