//! All that a Broker keeps, however it came to it.

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use vault::{Error, Name, Sealed};

use crate::one_time::code;
use crate::stage::{Provider, Stage};

/// Salt, iv and tag.
const BEFORE_THE_SECRET: usize = 16 + 12 + 16;

#[tokio::test]
async fn everything_that_a_broker_keeps_is_an_aesgcm_entry_that_opens_under_its_own_name_alone() {
    let stage = Stage::new();
    let provider = Provider::answering(|| "").await;
    stage.connect(&provider.url, None);
    let door = stage.serve(Some("correct horse")).await;
    door.set_secret("calendar-url", &"https://calendar.example/oncall.ics".into()).await.unwrap();
    door.set_secret("webhook-url", &"https://hooks.example/nexus".into()).await.unwrap();
    door.set_secret("webhook-key", &SecretString::from("Y2FuYXJ5LWtleS1vZi10aGUtd2ViaG9vaw==")).await.unwrap();
    door.session_key().await.unwrap();
    let key = door.begin_one_time_codes().await.unwrap();
    assert!(door.confirm_one_time_codes(&code(key.expose_secret(), 0)).await.unwrap());

    let stored: Value = serde_json::from_slice(&std::fs::read(stage.secrets()).unwrap()).unwrap();
    let entries = stored["secrets"].as_object().unwrap();
    let names: Vec<Name> = entries.keys().map(|name| name.parse().unwrap()).collect();
    let expected = [
        "calendar-url",
        "connection.request-tracker",
        "server.one-time-codes",
        "server.session-key",
        "webhook-key",
        "webhook-url",
    ];
    assert_eq!(names.iter().map(Name::as_str).collect::<Vec<_>>(), expected);
    let vault = stage.vault();
    for (name, another) in names.iter().zip(names.iter().cycle().skip(1)) {
        let sealed: Sealed = serde_json::from_value(entries[name.as_str()].clone()).unwrap();
        let blob = BASE64.decode(sealed.blob().strip_prefix("aesgcm:").unwrap().as_bytes()).unwrap();
        let secret = vault.open_sealed(name, &sealed).unwrap();
        assert_eq!(blob.len(), BEFORE_THE_SECRET + secret.expose_secret().len(), "{name}");
        let moved = vault.open_sealed(another, &sealed);
        assert!(matches!(moved, Err(Error::Unreadable(said)) if said == *another), "{name} as {another}");
    }

    // Nothing lies anywhere else.
    let mut files: Vec<String> = std::fs::read_dir(stage.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["run", "secrets.json", "secrets.json.lock"]);
    assert_eq!(std::fs::metadata(stage.folder.path().join("secrets.json.lock")).unwrap().len(), 0);
    assert_eq!(std::fs::read_dir(stage.folder.path().join("run")).unwrap().count(), 1, "the socket");
}
