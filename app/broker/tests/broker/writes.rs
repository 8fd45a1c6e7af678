//! What is changed over the socket.

use std::fs;

use bridge::{Error, Wanted};
use broker::{Id, Secret};
use http::StatusCode;
use vault::{ExposeSecret, SecretString};

use crate::stage::{Provider, Stage, TOKEN};
use crate::tls;

const ID: &str = "request-tracker";

/// The code and the words with which something was refused.
fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> (String, String) {
    match outcome.unwrap_err() {
        Error::Refused { code, message } => (code, message),
        other => panic!("{other}"),
    }
}

fn wanted<'a>(address: &'a str, credential: &'a SecretString) -> Wanted<'a> {
    Wanted { address, credential, ca_certificate: None, allow_in_clear: false }
}

fn stored(stage: &Stage) -> String {
    fs::read_to_string(stage.secrets()).unwrap_or_default()
}

#[tokio::test]
async fn a_connection_that_works_is_tried_once_and_stored_sealed() {
    let (url, ca) = tls::provider("localhost").await;
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    let token = SecretString::from(TOKEN);
    let wanted = Wanted { ca_certificate: Some(&ca), ..wanted(&url, &token) };
    door.try_out(ID, wanted).await.unwrap();
    assert!(door.connections().await.unwrap().is_empty() && stored(&stage).is_empty(), "a trial stores nothing");
    assert_eq!(refusal(door.test(ID).await).0, "unknown_connection");

    door.connect(ID, wanted).await.unwrap();
    let listed = &door.connections().await.unwrap()[0];
    assert_eq!((listed.base_url.as_deref(), listed.usable), (Some(format!("{url}/REST/2.0/").as_str()), true));
    door.test(ID).await.unwrap();
    assert!(stored(&stage).contains("aesgcm:") && !stored(&stage).contains("canary"));
    assert!(door.connection(ID).get("rt", &[]).await.is_ok(), "it is used from the next request on");

    assert!(door.disconnect(ID).await.unwrap());
    assert!(!door.disconnect(ID).await.unwrap());
    assert!(door.connections().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_connection_that_does_not_work_is_told_in_words_and_leaves_what_was_stored() {
    let good = Provider::answering(|| "").await;
    let stage = Stage::new();
    stage.connect(&good.url, None);
    let before = stored(&stage);
    let door = stage.serve(Some("correct horse")).await;
    let (untrusted, _) = tls::provider("localhost").await;
    let refusing = Provider::answering(|| StatusCode::UNAUTHORIZED).await.url;
    let broken = Provider::answering(|| StatusCode::BAD_GATEWAY).await.url;
    let other = Provider::answering(|| StatusCode::NOT_FOUND).await.url;
    let echoing = Provider::answering(|| format!("you sent {TOKEN}")).await.url;
    let token = SecretString::from(TOKEN);
    for (url, code, words) in [
        (refusing.as_str(), "credential_refused", "does not know the token"),
        (&broken, "unreachable", "502"),
        (&other, "unexpected_answer", "no provider"),
        (&echoing, "credential_echoed", "thrown away"),
        (&untrusted, "certificate", "localhost"),
        ("http://127.0.0.1:1", "unreachable", "127.0.0.1:1"),
        ("http://169.254.169.254/", "address", "metadata"),
        ("https://ann:canary-password@rt.example/", "address", "user or password"),
        ("rt.example", "address", "no URL"),
        ("http://rt.example", "in_clear", "http://"),
    ] {
        for outcome in [door.try_out(ID, wanted(url, &token)).await, door.connect(ID, wanted(url, &token)).await] {
            let (said, message) = refusal(outcome);
            assert_eq!(said, code, "{url}: {message}");
            assert!(message.contains(words) && !message.contains("canary"), "{url}: {message}");
        }
    }
    let short = SecretString::from("short");
    assert_eq!(refusal(door.connect(ID, wanted(&good.url, &short)).await).0, "credential");
    let certificates = Wanted { ca_certificate: Some("no certificate"), ..wanted(&good.url, &token) };
    assert_eq!(refusal(door.connect(ID, certificates).await).0, "ca_certificate");
    assert_eq!(refusal(door.connect("zendesk", wanted(&good.url, &token)).await).0, "unknown_connection");
    assert_eq!(stored(&stage), before);
    door.test(ID).await.unwrap();
}

#[tokio::test]
async fn a_stored_connection_is_tested_as_it_is() {
    let provider = Provider::answering(|| StatusCode::UNAUTHORIZED).await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    let door = stage.serve(Some("correct horse")).await;
    assert_eq!(refusal(door.test(ID).await).0, "credential_refused");
    assert_eq!(provider.paths(), ["/rt/REST/2.0/queues/all?per_page=1"]);
}

#[tokio::test]
async fn an_answer_that_is_too_long_for_the_provider_says_to_look_elsewhere() {
    let provider = Provider::answering(|| " ".repeat((8 << 20) + 1)).await;
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    let token = SecretString::from(TOKEN);
    let (code, message) = refusal(door.connect(ID, wanted(&provider.url, &token)).await);
    assert_eq!(code, "unexpected_answer");
    assert!(message.contains("larger than 8 MiB") && message.ends_with("look elsewhere"), "{message}");
}

#[tokio::test]
async fn a_new_address_needs_a_token_of_its_own() {
    let (real, foreign) = (Provider::answering(|| "").await, Provider::answering(|| "").await);
    let stage = Stage::new();
    stage.connect(&real.url, None);
    stage.serve(Some("correct horse")).await;
    for credential in ["", r#", "credential": """#, r#", "credential": null"#] {
        let body = format!(r#"{{"address": "{}"{credential}}}"#, foreign.url);
        for (method, path) in [("PUT", "/connections/request-tracker"), ("POST", "/connections/request-tracker/trial")]
        {
            assert_eq!(stage.sent(method, path, &body).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        }
    }
    assert_eq!(foreign.paths(), [""; 0]);
    assert_eq!(stage.proxied("rt").await.0, StatusCode::OK);
    assert_eq!(real.paths().len(), 1);
}

#[tokio::test]
async fn without_a_passphrase_nothing_is_sent_or_stored() {
    let provider = Provider::answering(|| "").await;
    let stage = Stage::new();
    let door = stage.serve(None).await;
    let token = SecretString::from(TOKEN);
    let (code, message) = refusal(door.connect(ID, wanted(&provider.url, &token)).await);
    assert_eq!(code, "no_passphrase");
    assert!(message.contains("DASHBOARD_SECRET_PASSPHRASE"), "{message}");
    let value = SecretString::from("https://calendar.example/canary-2");
    assert_eq!(refusal(door.set_secret("calendar-url", &value).await).0, "no_passphrase");
    assert_eq!(provider.paths(), [""; 0]);
    assert!(!stage.secrets().exists());
}

#[tokio::test]
async fn secrets_are_set_and_removed_and_only_that_is_told() {
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    let set = async || {
        let secrets = door.secrets().await.unwrap().into_iter();
        secrets.filter(|secret| secret.set).map(|secret| secret.name).collect::<Vec<_>>()
    };
    assert!(set().await.is_empty());
    let canary = "https://calendar.example/canary-2/oncall.ics";
    door.set_secret("calendar-url", &SecretString::from(format!("  {canary}\n"))).await.unwrap();
    assert_eq!(set().await, ["calendar-url"]);
    let opened = stage.vault().open(&Secret::CalendarUrl.name().parse().unwrap()).unwrap();
    assert_eq!(opened.expose_secret(), canary);

    let (_, answer) = stage.raw("GET", "/secrets").await;
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let expected = r#"{"secrets":[{"name":"calendar-url","set":true},{"name":"webhook-url","set":false},{"name":"webhook-key","set":false}]}"#;
    assert_eq!(body, expected);
    assert!(!stored(&stage).contains("canary"));
    assert_ne!(stage.raw("GET", "/secrets/calendar-url").await.0, StatusCode::OK);

    assert!(door.remove_secret("calendar-url").await.unwrap());
    assert!(!door.remove_secret("calendar-url").await.unwrap());
    assert!(set().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_a_secret_is_refused_without_repeating_it() {
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    let long = format!("https://a.example/canary{}", "x".repeat(2048));
    for (name, value, code, words) in [
        ("calendar-url", "canary.example/a.ics", "address", "no URL"),
        ("calendar-url", "file:///etc/canary", "address", "https://"),
        ("webhook-url", "https://127.0.0.1/canary", "address", "127.0.0.1 is"),
        ("webhook-url", "https://0x7f.1/canary", "address", ""),
        ("webhook-url", "https://ann:canary@hooks.example/", "address", "user or password"),
        ("webhook-url", " ", "value", "missing"),
        ("webhook-url", long.as_str(), "value", "2048"),
        ("webhook-key", "canary", "value", "base64"),
        ("webhook-key", "canary-with-a\nline-break", "value", "base64"),
        ("connection.request-tracker", "canary-canary-canary", "unknown_secret", "no such secret"),
        ("..", "canary-canary-canary", "unknown_secret", ""),
    ] {
        let (said, message) = refusal(door.set_secret(name, &SecretString::from(value)).await);
        assert_eq!(said, code, "{name} {value}: {message}");
        assert!(message.contains(words) && !message.contains("canary"), "{name} {value}: {message}");
    }
    for body in ["{\"value\": \"canary", "{\"value\": 7}", "{\"canary\": 1}", "canary"] {
        let (status, answer) = stage.sent("PUT", "/secrets/webhook-key", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.contains("malformed_body") && !answer.contains("canary"), "{answer}");
    }
    let large = format!("{{\"value\": \"{}\"}}", "x".repeat(70_000));
    assert_eq!(stage.sent("PUT", "/secrets/webhook-key", &large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(!stage.secrets().exists());
}

#[tokio::test]
async fn what_is_set_over_the_socket_leaves_connections_alone() {
    let provider = Provider::answering(|| "").await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    let door = stage.serve(Some("correct horse")).await;
    door.set_secret("webhook-key", &SecretString::from("Y2FuYXJ5LWtleS1vZi10aGUtd2ViaG9vaw==")).await.unwrap();
    door.remove_secret("webhook-key").await.unwrap();
    assert!(stage.vault().sealed(&format!("connection.{}", Id::request_tracker()).parse().unwrap()).unwrap().is_some());
    door.test(ID).await.unwrap();
}
