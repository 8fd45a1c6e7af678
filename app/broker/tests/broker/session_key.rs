//! The key that the server signs its viewers' sessions with.

use bridge::Error;

use crate::stage::Stage;

#[tokio::test]
async fn the_key_is_drawn_once_and_lies_sealed() {
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    let (first, second) = tokio::join!(door.session_key(), door.session_key());
    let key = first.unwrap();
    assert_eq!(*key, *second.unwrap(), "two that ask at once hear the same");
    assert_ne!(*key, [0; 32]);
    let stored = std::fs::read_to_string(stage.secrets()).unwrap();
    assert!(stored.contains("\"server.session-key\"") && stored.contains("aesgcm:"), "{stored}");
    assert!(!stored.contains(&data_encoding::BASE64.encode(&*key)));
    assert!(door.connections().await.unwrap().is_empty(), "it is no connection");
    assert_ne!(*Stage::new().serve(Some("correct horse")).await.session_key().await.unwrap(), *key);
}

#[tokio::test]
async fn without_the_passphrase_there_is_no_key() {
    let stage = Stage::new();
    let refused = |answer| match answer {
        Err(Error::Refused { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(stage.serve(None).await.session_key().await), "no_passphrase");
    assert!(!stage.secrets().exists());
    let other = Stage::new();
    let name = "server.session-key".parse().unwrap();
    other.vault().set(&name, &"AAAA".into()).unwrap();
    assert_eq!(refused(other.serve(Some("wrong")).await.session_key().await), "secret_unreadable");
}
