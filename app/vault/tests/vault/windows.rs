use std::fs;

use serde_json::{Value, json};
use vault::{Cost, Error, ExposeSecret, Name, Sealed, Vault};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn seal(secret: &str) -> Sealed {
    Sealed::seal(&name("desk.token"), &secret.into(), None, Cost::standard()).unwrap()
}

fn open(sealed: &Sealed, setting: &str) -> Result<String, Error> {
    sealed.open(&name(setting), None).map(|secret| secret.expose_secret().to_owned())
}

fn with_blob(blob: &str) -> Sealed {
    serde_json::from_value(json!({ "blob": blob })).unwrap()
}

#[test]
fn what_was_sealed_can_be_opened_under_its_own_name_only() {
    for secret in ["t", "", "a longer one, with \u{fc}ml\u{e4}uts"] {
        let sealed = seal(secret);
        let written = serde_json::to_value(&sealed).unwrap();
        let blob = written["blob"].as_str().unwrap();
        assert!(blob.starts_with("dpapi:") && written.get("scrypt").is_none(), "{written}");
        assert_eq!(open(&sealed, "desk.token").unwrap(), secret);
        let error = open(&sealed, "alert.webhook").unwrap_err();
        assert!(matches!(error, Error::SealedForAnotherAccount(_)) && error.to_string().contains("\"alert.webhook\""));
    }
}

#[test]
fn a_changed_or_cut_blob_is_refused() {
    let written = serde_json::to_value(seal("0123456789")).unwrap();
    let whole = data_encoding::BASE64.decode(written["blob"].as_str().unwrap()["dpapi:".len()..].as_bytes()).unwrap();
    let opened =
        |bytes: &[u8]| open(&with_blob(&format!("dpapi:{}", data_encoding::BASE64.encode(bytes))), "desk.token");
    assert_eq!(opened(&whole).unwrap(), "0123456789");
    for length in 0..whole.len() {
        assert!(opened(&whole[..length]).is_err(), "cut to {length}");
    }
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert!(opened(&changed).is_err());
}

#[test]
fn a_blob_of_another_system_is_refused_in_words_that_name_the_setting() {
    for (blob, reason) in [
        ("aesgcm:AAAA", "on macOS or Linux (aesgcm:)"),
        ("AAAA", "does not begin with `dpapi:`"),
        ("dpapi:!", "is not base64"),
    ] {
        let words = open(&with_blob(blob), "desk.token").unwrap_err().to_string();
        assert!(words.contains("\"desk.token\"") && words.contains(reason), "{words}");
    }
}

#[test]
fn a_vault_needs_no_passphrase_and_its_file_holds_nothing_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let vault = || Vault::new(folder.path().join("secrets.json"), None);
    assert!(vault().has_passphrase());
    vault().set(&name("desk.token"), &"canary-7".into()).unwrap();
    vault().set(&name("desk.token"), &"canary-8".into()).unwrap();
    assert_eq!(vault().open(&name("desk.token")).unwrap().expose_secret(), "canary-8");
    let text = fs::read_to_string(folder.path().join("secrets.json")).unwrap();
    assert!(!text.contains("canary"), "{text}");
    assert!(serde_json::from_str::<Value>(&text).unwrap()["secrets"]["desk.token"]["blob"].is_string());
    assert!(vault().remove(&name("desk.token")).unwrap());
}
