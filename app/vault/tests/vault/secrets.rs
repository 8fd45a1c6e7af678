use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use vault::{Cost, Error, ExposeSecret, Name, Passphrase, Sealed, SecretString, Vault};

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.into()).unwrap()
}

pub(crate) fn cheap() -> Cost {
    Cost::new(1, 1, 1).unwrap()
}

pub(crate) fn vault(folder: &Path) -> Vault {
    Vault::new(folder.join("secrets.json"), Some(passphrase("correct horse"))).with_cost(cheap())
}

fn seal(secret: &str) -> Sealed {
    Sealed::seal(&name("desk.token"), &secret.into(), Some(&passphrase("correct horse")), cheap()).unwrap()
}

fn open(sealed: &Sealed) -> Result<SecretString, Error> {
    sealed.open(&name("desk.token"), Some(&passphrase("correct horse")))
}

fn with_blob(sealed: &Sealed, change: impl FnOnce(&mut Vec<u8>)) -> Sealed {
    let mut value = serde_json::to_value(sealed).unwrap();
    let blob = value["blob"].as_str().unwrap().strip_prefix("aesgcm:").unwrap();
    let mut bytes = data_encoding::BASE64.decode(blob.as_bytes()).unwrap();
    change(&mut bytes);
    value["blob"] = format!("aesgcm:{}", data_encoding::BASE64.encode(&bytes)).into();
    serde_json::from_value(value).unwrap()
}

fn with_prefix(sealed: &Sealed, prefix: &str) -> Sealed {
    let mut value = serde_json::to_value(sealed).unwrap();
    value["blob"] = value["blob"].as_str().unwrap().replace("aesgcm:", prefix).into();
    serde_json::from_value(value).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_sealed_can_be_opened(secret in ".{0,200}") {
        let opened = open(&seal(&secret)).unwrap();
        prop_assert_eq!(opened.expose_secret(), &secret);
    }

    #[test]
    fn a_blob_with_any_bit_flipped_is_refused(secret in ".{0,60}", at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let flipped = with_blob(&seal(&secret), |bytes| {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        });
        prop_assert!(matches!(open(&flipped), Err(Error::Unreadable(_))));
    }

    #[test]
    fn a_blob_cut_anywhere_is_refused(secret in ".{0,60}", at in any::<prop::sample::Index>()) {
        let cut = with_blob(&seal(&secret), |bytes| bytes.truncate(at.index(bytes.len())));
        prop_assert!(matches!(open(&cut), Err(Error::Unreadable(_) | Error::Truncated(_))));
    }

    #[test]
    fn any_text_in_the_place_of_a_blob_is_refused_and_never_panics(blob in ".{0,120}", log_n: u8, r: u32, p: u32) {
        let sealed = serde_json::from_value::<Sealed>(json!({"blob": blob, "scrypt": {"log_n": log_n, "r": r, "p": p}}));
        prop_assert!(open(&sealed.unwrap()).is_err());
    }
}

#[test]
fn every_bit_of_a_blob_counts() {
    let sealed = seal("0123456789");
    let mut length = 0;
    with_blob(&sealed, |bytes| length = bytes.len());
    assert_eq!(length, 16 + 12 + 16 + 10, "salt, iv, tag and a ciphertext as long as the text");
    for bit in 0..length * 8 {
        assert!(open(&with_blob(&sealed, |bytes| bytes[bit / 8] ^= 1 << (bit % 8))).is_err(), "bit {bit}");
    }
}

/// Made by Python's `hashlib.scrypt` and `cryptography` (OpenSSL): salt 00..0f, iv 64..6f, N = 2^15, r = 8, p = 1.
const BY_OPENSSL: &str = "aesgcm:AAECAwQFBgcICQoLDA0OD2RlZmdoaWprbG1ub0ye5+AyIpxCLLD6mIim9Ojlli3thf464uV9VhfGwEzs6Q==";

#[test]
fn what_another_implementation_sealed_can_be_opened() {
    let sealed = json!({"blob": BY_OPENSSL, "scrypt": {"log_n": 15, "r": 8, "p": 1}});
    let opened = open(&serde_json::from_value(sealed).unwrap()).unwrap();
    assert_eq!(opened.expose_secret(), "sealed by OpenSSL");
    let without_cost = serde_json::from_value(json!({ "blob": BY_OPENSSL })).unwrap();
    assert!(matches!(open(&without_cost), Err(Error::Cost(_))));
}

#[test]
fn one_secret_sealed_twice_gives_unrelated_blobs() {
    let bytes = |sealed: &Sealed| {
        let mut copy = Vec::new();
        with_blob(sealed, |bytes| copy.clone_from(bytes));
        copy
    };
    let (one, two) = (bytes(&seal("same")), bytes(&seal("same")));
    assert_ne!(one[..16], two[..16], "the salt is fresh");
    assert_ne!(one[16..28], two[16..28], "the iv is fresh");
    assert_ne!(one[28..], two[28..]);
}

#[test]
fn the_standard_cost_is_recorded_beside_the_blob_and_a_changed_one_is_refused() {
    let sealed =
        Sealed::seal(&name("desk.token"), &"t".into(), Some(&passphrase("correct horse")), Cost::standard()).unwrap();
    let mut value = serde_json::to_value(&sealed).unwrap();
    assert_eq!(value["scrypt"], json!({"log_n": 15, "r": 8, "p": 1}));
    assert_eq!(open(&sealed).unwrap().expose_secret(), "t");

    value["scrypt"]["log_n"] = 14.into();
    assert!(matches!(open(&serde_json::from_value(value.clone()).unwrap()), Err(Error::Unreadable(_))));
    value["scrypt"]["log_n"] = 40.into();
    assert!(matches!(open(&serde_json::from_value(value).unwrap()), Err(Error::Cost(_))));
}

#[test]
fn another_passphrase_another_name_and_another_scheme_are_refused_in_words_that_name_the_setting() {
    let sealed = seal("t");
    let refusals = [
        sealed.open(&name("desk.token"), Some(&passphrase("wrong"))).unwrap_err(),
        sealed.open(&name("alert.webhook"), Some(&passphrase("correct horse"))).unwrap_err(),
        open(&with_prefix(&sealed, "dpapi:")).unwrap_err(),
        open(&with_prefix(&sealed, "")).unwrap_err(),
        open(&with_prefix(&sealed, "aesgcm:!")).unwrap_err(),
    ];
    assert!(matches!(
        refusals,
        [
            Error::Unreadable(_),
            Error::Unreadable(_),
            Error::SealedOnWindows(_),
            Error::Scheme { .. },
            Error::Encoding(_)
        ]
    ));
    for (refusal, setting) in
        refusals.iter().zip(["desk.token", "alert.webhook", "desk.token", "desk.token", "desk.token"])
    {
        assert!(refusal.to_string().contains(&format!("\"{setting}\"")), "{refusal}");
    }
    assert!(refusals[0].to_string().contains("another passphrase"));
    assert!(refusals[2].to_string().contains("Windows"));
}

#[test]
fn an_empty_passphrase_is_a_mistake() {
    assert!(matches!(Passphrase::new("".into()), Err(Error::EmptyPassphrase)));
}

#[test]
fn nothing_prints_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    vault.set(&name("desk.token"), &"canary-7".into()).unwrap();
    let printed = format!("{vault:?} {:?} {:?}", vault.open(&name("desk.token")), passphrase("canary-7"));
    assert!(!printed.contains("canary") && !printed.contains("correct horse"), "{printed}");
    assert!(!fs::read_to_string(folder.path().join("secrets.json")).unwrap().contains("canary"));
}

#[test]
fn secrets_are_set_replaced_removed_and_seen_by_another_vault_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (vault(folder.path()), vault(folder.path()));
    let token = name("desk.token");
    assert!(!one.contains(&token).unwrap());
    assert!(matches!(one.open(&token), Err(Error::Missing(_))));

    one.set(&token, &"first".into()).unwrap();
    let first = other.sealed(&token).unwrap();
    assert_eq!(other.open(&token).unwrap().expose_secret(), "first");
    assert_eq!(other.sealed(&token).unwrap(), first, "reading changes nothing");

    one.set(&token, &"second".into()).unwrap();
    one.set(&name("alert.webhook"), &"https://example.com".into()).unwrap();
    assert_ne!(other.sealed(&token).unwrap(), first);
    assert_eq!(other.open(&token).unwrap().expose_secret(), "second");
    assert_eq!(other.names().unwrap(), [name("alert.webhook"), token.clone()]);

    assert!(one.remove(&token).unwrap());
    assert!(!one.remove(&token).unwrap());
    assert!(!other.contains(&token).unwrap());
    assert!(other.contains(&name("alert.webhook")).unwrap());
}

#[test]
fn writers_that_meet_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let vault = vault(folder.path());
            scope.spawn(move || vault.set(&name(&format!("writer.{writer}")), &"t".into()).unwrap());
        }
    });
    assert_eq!(vault(folder.path()).names().unwrap().len(), 8);
}

#[test]
fn without_a_passphrase_it_says_what_is_set_and_refuses_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    vault(folder.path()).set(&name("desk.token"), &"t".into()).unwrap();
    let closed = Vault::new(folder.path().join("secrets.json"), None);
    assert!(closed.contains(&name("desk.token")).unwrap());
    assert!(matches!(closed.open(&name("desk.token")), Err(Error::NoPassphrase)));
    assert!(matches!(closed.set(&name("other"), &"t".into()), Err(Error::NoPassphrase)));
    assert!(!closed.contains(&name("other")).unwrap());
}

fn damaged(folder: &Path, content: &[u8]) -> (PathBuf, String) {
    let path = folder.join("secrets.json");
    fs::write(&path, content).unwrap();
    let vault = vault(folder);
    let words = vault.contains(&name("desk.token")).unwrap_err().to_string();
    vault.set(&name("desk.token"), &"t".into()).unwrap_err();
    vault.remove(&name("desk.token")).unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), content, "a damaged file is left as it is");
    (path, words)
}

#[test]
fn a_damaged_file_is_an_error_that_names_file_and_line_and_the_file_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for (content, line) in [
        ("", 1),
        ("{\"version\": 1,\n\"secrets\": {", 2),
        ("{\"version\": 1,\n\n oops", 3),
        ("{\"version\": 1, \"secrets\": {},\n \"extra\": 1}", 2),
        ("{\"version\": 1, \"secrets\": {\"Bad Name\": 1}}", 1),
        ("{\"version\": 1, \"secrets\": {\"a\": \"canary\"}}", 1),
    ] {
        let (path, words) = damaged(folder.path(), content.as_bytes());
        assert!(words.contains(&path.display().to_string()), "{words}");
        assert!(words.contains(&format!("line {line},")), "{content:?}: {words}");
        assert!(words.contains("backup"), "it says what to do: {words}");
        assert!(!words.contains("canary"), "it quotes no value: {words}");
    }
    damaged(folder.path(), &[0xff; 40]);
    let (_, words) = damaged(folder.path(), br#"{"version": 2, "secrets": {}}"#);
    assert!(words.contains("version 2"), "{words}");
}

#[test]
fn one_damaged_secret_does_not_take_the_others_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    vault.set(&name("good"), &"t".into()).unwrap();
    vault.set(&name("bad"), &"t".into()).unwrap();
    let path = folder.path().join("secrets.json");
    let mut stored: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    stored["secrets"]["bad"] = json!({"blob": "aesgcm:AAAA", "scrypt": {"log_n": 99, "r": 0, "p": 0}});
    fs::write(&path, stored.to_string()).unwrap();

    assert_eq!(vault.open(&name("good")).unwrap().expose_secret(), "t");
    assert!(vault.open(&name("bad")).unwrap_err().to_string().contains("\"bad\""));
    vault.set(&name("third"), &"t".into()).unwrap();
    let kept: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(kept["secrets"]["bad"], stored["secrets"]["bad"], "what cannot be read is kept");
}
