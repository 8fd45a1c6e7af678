//! A vault that cannot be opened is the vault's trouble, not Request Tracker's: it was never asked.

use std::path::Path;
use std::time::Duration;

use broker::{Connection, Id, Options, Trial};
use connectors::request_tracker::{self, RequestTracker};
use connectors::{PollError, Source};
use jiff::Timestamp;
use vault::{Cost, Passphrase, SecretString, Vault};

fn passphrase(words: &str) -> Passphrase {
    Passphrase::new(SecretString::from(words)).unwrap()
}

fn connected(folder: &Path) {
    let vault = Vault::new(folder.join("secrets.json"), Some(passphrase("the right one")));
    let vault = vault.with_cost(Cost::new(1, 1, 1).unwrap());
    // Nobody listens on this port: had it been asked, the error would say so.
    let base = "https://127.0.0.1:1/rt".parse().unwrap();
    let connection = Connection::request_tracker(&base, SecretString::from("1-14-a-token"), None).unwrap();
    broker::connect(&vault, &Id::request_tracker(), &connection).unwrap();
}

async fn poll(folder: &Path, passphrase: Option<Passphrase>) -> PollError {
    let socket = folder.join("broker.sock");
    // Nothing is connected over the socket here.
    let trial = Trial { path: "", query: "", elsewhere: "", judge: |_, _| Ok(()) };
    let options =
        Options { secrets: folder.join("secrets.json"), socket: socket.clone(), passphrase, trial, peer: None };
    let broker = tokio::spawn(broker::serve(options, std::future::pending()));
    let door = bridge::Broker::new(&socket);
    while door.health().await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let connection = door.connection("request-tracker");
    let mut tracker = RequestTracker::new(connection, request_tracker::Options::default());
    let error = tracker.poll(Timestamp::now()).await.unwrap_err();
    broker.abort();
    error
}

#[tokio::test]
async fn trouble_with_the_vault_is_told_as_such_with_its_remedy() {
    let missing = "set DASHBOARD_SECRET_PASSPHRASE";
    let wrong = "written with another passphrase";
    let damaged = "is damaged at line 1";
    let unknown = "make it under Desk on the admin pages, or with `nexus connect`";
    let cases: [(&str, Option<&str>, Option<&str>); 4] = [
        (missing, None, None),
        (wrong, Some("another one"), None),
        (damaged, Some("the right one"), Some("{")),
        (unknown, Some("the right one"), Some("{\"version\": 1, \"secrets\": {}}")),
    ];
    for (remedy, words, content) in cases {
        let folder = tempfile::tempdir().unwrap();
        connected(folder.path());
        if let Some(content) = content {
            std::fs::write(folder.path().join("secrets.json"), content).unwrap();
        }
        let error = poll(folder.path(), words.map(passphrase)).await;
        assert!(matches!(error, PollError::Unusable { .. }), "{error:?}");
        let said = error.to_string();
        assert!(said.starts_with("the connection to Request Tracker cannot be used: "), "{said}");
        assert!(said.contains(remedy) && !said.contains("refused"), "{said} should say {remedy}");
    }
}
