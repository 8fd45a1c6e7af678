use std::fs;
use std::os::unix::fs::PermissionsExt;

use bridge::Error;
use broker::{Id, disconnect};
use http::StatusCode;
use tokio::sync::oneshot;

use crate::stage::{Provider, Stage, TOKEN, passphrase};

/// The code with which the Broker refuses a request, if it does.
async fn refusal(door: &bridge::Broker) -> Option<(String, String)> {
    match door.connection("request-tracker").get("rt", &[]).await {
        Ok(_) => None,
        Err(Error::Refused { code, message }) => Some((code, message)),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_connection_stored_while_it_runs_counts_at_once() {
    let (one, other) = (Provider::answering(|| "1").await, Provider::answering(|| "2").await);
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    assert!(door.connections().await.unwrap().is_empty());
    assert_eq!(refusal(&door).await.unwrap().0, "unknown_connection");

    stage.connect(&one.url, None);
    assert!(refusal(&door).await.is_none());
    stage.connect(&other.url, None);
    assert!(refusal(&door).await.is_none());
    assert_eq!((one.paths().len(), other.paths().len()), (1, 1));
    let listed = door.connections().await.unwrap();
    assert_eq!(listed[0].base_url.as_deref(), Some(format!("{}/REST/2.0/", other.url).as_str()));
    assert!(listed[0].usable);

    assert!(disconnect(&stage.vault(), &Id::request_tracker()).unwrap());
    assert_eq!(refusal(&door).await.unwrap().0, "unknown_connection");
}

#[tokio::test]
async fn without_a_passphrase_it_runs_says_so_and_uses_nothing() {
    let provider = Provider::answering(|| "").await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    let door = stage.serve(None).await;
    assert!(!door.health().await.unwrap().passphrase);
    let (code, message) = refusal(&door).await.unwrap();
    assert_eq!(code, "no_passphrase");
    assert!(message.contains("DASHBOARD_SECRET_PASSPHRASE"), "{message}");
    let listed = &door.connections().await.unwrap()[0];
    assert_eq!((listed.usable, &listed.base_url, listed.code.as_deref()), (false, &None, Some("no_passphrase")));
    assert_eq!(stage.raw("GET", "/connections/request-tracker/proxy/rt").await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(provider.paths(), [""; 0]);
}

#[tokio::test]
async fn a_wrong_passphrase_is_told_by_the_name_of_the_setting() {
    let stage = Stage::new();
    stage.connect("http://127.0.0.1:1", None);
    let door = stage.serve(Some("wrong")).await;
    let (code, message) = refusal(&door).await.unwrap();
    assert_eq!(code, "secret_unreadable");
    assert!(message.contains("\"connection.request-tracker\"") && message.contains("another passphrase"), "{message}");
}

#[tokio::test]
async fn a_passphrase_that_was_rotated_under_a_running_broker_is_told_as_that() {
    let provider = Provider::answering(|| "").await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    let door = stage.serve(Some("correct horse")).await;
    assert!(refusal(&door).await.is_none());

    stage.vault().rotate(&passphrase("battery staple")).unwrap();
    for _ in 0..2 {
        let (code, message) = refusal(&door).await.unwrap();
        assert_eq!(code, "passphrase_outdated");
        assert!(message.contains("start Nexus again with the new passphrase"), "{message}");
    }
    assert_eq!(provider.paths().len(), 1, "what was sealed anew may hold another credential");

    // Its socket is left behind, as by one that was killed.
    std::fs::remove_file(stage.socket()).unwrap();
    assert!(refusal(&stage.serve(Some("battery staple")).await).await.is_none());
}

#[tokio::test]
async fn a_damaged_file_is_told_by_its_line_and_mending_it_needs_no_restart() {
    let provider = Provider::answering(|| "").await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    let whole = fs::read(stage.secrets()).unwrap();
    fs::write(stage.secrets(), &whole[..whole.len() / 2]).unwrap();
    let door = stage.serve(Some("correct horse")).await;
    let (code, message) = refusal(&door).await.unwrap();
    assert_eq!(code, "secrets_damaged");
    assert!(message.contains("secrets.json") && message.contains("line"), "{message}");
    assert!(door.connections().await.is_err());

    fs::write(stage.secrets(), &whole).unwrap();
    assert!(refusal(&door).await.is_none());
}

#[tokio::test]
async fn a_file_that_is_damaged_meanwhile_does_not_end_what_was_read_before() {
    let provider = Provider::answering(|| "").await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    let door = stage.serve(Some("correct horse")).await;
    assert!(refusal(&door).await.is_none());

    let whole = fs::read(stage.secrets()).unwrap();
    fs::write(stage.secrets(), &whole[..whole.len() / 2]).unwrap();
    assert!(refusal(&door).await.is_none(), "the connection that was read before goes on");
    fs::remove_file(stage.secrets()).unwrap();
    assert!(refusal(&door).await.is_some(), "one that was taken away does not");
}

#[tokio::test]
async fn a_connection_moved_to_another_name_is_refused() {
    let stage = Stage::new();
    stage.connect("http://127.0.0.1:1", None);
    let moved = fs::read_to_string(stage.secrets()).unwrap().replace("connection.request-tracker", "connection.other");
    fs::write(stage.secrets(), moved).unwrap();
    let door = stage.serve(Some("correct horse")).await;
    let listed = &door.connections().await.unwrap()[0];
    assert_eq!((listed.id.as_str(), listed.code.as_deref()), ("other", Some("secret_unreadable")));
}

#[tokio::test]
async fn no_answer_holds_the_credential_or_any_part_of_the_blob() {
    let provider = Provider::answering(|| "{}").await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    stage.serve(Some("correct horse")).await;
    for path in [
        "/",
        "/health",
        "/connections",
        "/connections/request-tracker",
        "/connections/request-tracker/proxy/rt",
        "/connections/none/proxy/rt",
        "/connections/request-tracker/proxy/../x",
        "/secrets.json",
    ] {
        let (_, answer) = stage.raw("GET", path).await;
        assert!(!answer.contains(TOKEN) && !answer.contains("aesgcm") && !answer.contains("correct horse"), "{answer}");
    }
    assert!(!fs::read_to_string(stage.secrets()).unwrap().contains("canary"));
}

#[tokio::test]
async fn the_socket_is_for_its_owner_and_only_one_broker_has_it() {
    let stage = Stage::new();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(broker::serve(stage.options(None), async { drop(stopped.await) }));
    let door = bridge::Broker::new(stage.socket());
    while door.health().await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!((mode(&stage.socket()), mode(stage.socket().parent().unwrap())), (0o600, 0o700));
    let second = broker::serve(stage.options(None), std::future::pending()).await.unwrap_err().to_string();
    assert!(second.contains("another Broker listens"), "{second}");

    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(!stage.socket().exists());

    let deep =
        broker::Options { socket: stage.folder.path().join("deep".repeat(30)).join("sock"), ..stage.options(None) };
    let refused = broker::serve(deep, std::future::pending()).await.unwrap_err().to_string();
    assert!(refused.contains("at most 107 bytes with NEXUS_BROKER_SOCKET"), "{refused}");

    // One that was killed leaves its socket behind.
    drop(std::os::unix::net::UnixListener::bind(stage.socket()).unwrap());
    assert!(stage.socket().exists());
    stage.serve(None).await;
}

#[tokio::test]
async fn a_process_of_another_user_is_turned_away_unless_it_is_the_one_that_was_named() {
    use std::os::unix::process::CommandExt;

    const OTHER: u32 = 65534;
    const NAMED: u32 = 65533;
    if !nix::unistd::geteuid().is_root() {
        eprintln!("NOT CHECKED: what the Broker answers to other users; only root can be one of them");
        return;
    }
    let stage = Stage::new();
    let options = broker::Options { peer: Some(NAMED), ..stage.options(Some("correct horse")) };
    tokio::spawn(broker::serve(options, std::future::pending()));
    let door = bridge::Broker::new(stage.socket());
    while door.health().await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    // Its folders let everybody through, so that the Broker itself has to look.
    for folder in stage.socket().ancestors().skip(1).take(3) {
        let mode = fs::metadata(folder).unwrap().permissions().mode();
        fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o755)).unwrap();
    }
    let ask = async |user: u32| {
        let mut curl = std::process::Command::new("curl");
        curl.args(["--silent", "--max-time", "10", "--unix-socket"]).arg(stage.socket()).arg("http://broker/health");
        let asked = tokio::task::spawn_blocking(move || curl.uid(user).gid(user).output().expect("curl is installed"));
        String::from_utf8(asked.await.unwrap().stdout).unwrap()
    };
    assert!(ask(NAMED).await.contains("\"ok\""), "the server's user");
    assert_eq!(ask(OTHER).await, "", "anybody else");
}
