//! What those who run the server ask it: `/healthz`, `/readyz`, `/metrics`.

use std::{path::Path, sync::LazyLock, time::Duration};

use jiff::SignedDuration;
use reqwest::{Response, header};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use tokio::task::JoinHandle;

use crate::{
    browser::{Browser, PASSWORD},
    stage::{Setup, Stage, broker_options, within},
};

/// A Broker without a passphrase, in the place where the server expects it.
fn broker(stage: &Stage) -> JoinHandle<()> {
    let options = broker_options(&stage.data(""), None);
    tokio::spawn(async move { broker::serve(options, std::future::pending()).await.unwrap() })
}

/// The report once `wanted` is true of it; a look holds for two seconds.
async fn report_when(stage: &Stage, wanted: impl Fn(&Value) -> bool) -> (u16, Value) {
    within(async {
        loop {
            let answer = stage.get("/readyz").await;
            let (status, report) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
            if wanted(&report) {
                return (status, report);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
}

fn failed(report: &Value) -> Vec<&str> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["state"] == "failed").map(|check| check["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_server_is_ready_when_everything_that_it_needs_is_there() {
    let stage = Stage::start().await;
    let (status, report) = report_when(&stage, |report| failed(report) == ["broker"]).await;
    assert_eq!(status, 503);
    assert!(report["checks"][2]["reason"].as_str().unwrap().contains("broker.sock"), "{report}");
    let _broker = broker(&stage);
    let (status, report) = report_when(&stage, |report| report["ready"] == true).await;
    assert_eq!(status, 200);
    let names = ["database", "data_folder", "broker", "certificate", "helpdesk"];
    assert_eq!(report, json!({"ready": true, "checks": names.map(|name| json!({"name": name, "state": "ok"}))}));
}

#[tokio::test]
async fn each_thing_that_breaks_is_named_and_the_process_lives_on() {
    let stage = Stage::start().await;
    let _broker = broker(&stage);
    report_when(&stage, |report| report["ready"] == true).await;

    stage.desk.break_down();
    stage.clock.advance(SignedDuration::from_secs(301));
    let (status, report) = report_when(&stage, |report| report["ready"] == false).await;
    assert_eq!((status, failed(&report)), (503, vec!["helpdesk"]));

    stage.clock.advance(SignedDuration::from_hours(24 * 91));
    report_when(&stage, |report| failed(report) == ["certificate", "helpdesk"]).await;

    std::fs::create_dir(stage.data("writable")).unwrap();
    report_when(&stage, |report| failed(report) == ["data_folder", "certificate", "helpdesk"]).await;

    destroy(&stage.data("nexus.db")).await;
    let (_, report) = report_when(&stage, |report| failed(report)[0] == "database").await;
    assert!(!report.to_string().contains("A secret subject"), "{report}");
    assert_eq!(stage.get("/healthz").await.status(), 200);
}

async fn destroy(database: &Path) {
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", database.display())).await.unwrap();
    sqlx::query("DROP TABLE screens").execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn strangers_hear_whether_a_server_is_ready_and_administrators_why_not() {
    let stage = Setup::new().with("NEXUS_METRICS_TOKEN_FILE", token_file()).start().await;
    let browser = Browser::signed_in(&stage).await;
    let ask = |name: &'static str, value: String| {
        let far = stage.client().get(stage.url("/readyz")).header("x-forwarded-for", "203.0.113.7");
        async move { far.header(name, value).send().await.unwrap().json::<Value>().await.unwrap() }
    };
    for (name, value) in [("x-real-ip", "127.0.0.1"), ("authorization", "Bearer nonsense"), ("cookie", "a=b")] {
        assert_eq!(ask(name, value.to_owned()).await, json!({"ready": false}), "{name}");
    }
    for (name, value) in [("authorization", format!("Bearer {TOKEN}")), ("cookie", browser.cookie.clone().unwrap())] {
        assert!(!failed(&ask(name, value).await).is_empty(), "{name}");
    }
}

const TOKEN: &str = "a-canary-token-of-the-metrics";

/// Written once, before any server reads it.
fn token_file() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| {
        let path = format!("{}/metrics-token-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        std::fs::write(&path, TOKEN).unwrap();
        path
    });
    &PATH
}

async fn metrics(stage: &Stage, token: &str) -> Response {
    stage.client().get(stage.url("/metrics")).bearer_auth(token).send().await.unwrap()
}

#[tokio::test]
async fn metrics_are_for_who_has_the_token_and_without_a_guard_for_nobody() {
    let stage = Stage::start().await;
    assert_eq!(metrics(&stage, TOKEN).await.status(), 404);
    assert_eq!(Browser::signed_in(&stage).await.get("/metrics").await.status(), 404);

    let stage = Setup::new().with("NEXUS_METRICS_TOKEN_FILE", token_file()).start().await;
    for wrong in ["", "a-canary-token-of-the-metric", "A-canary-token-of-the-metrics"] {
        let answer = metrics(&stage, wrong).await;
        assert_eq!(answer.status(), 401, "{wrong}");
        assert_eq!(answer.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
    assert_eq!(metrics(&stage, TOKEN).await.status(), 200);
    assert_eq!(stage.get("/metrics").await.status(), 401);

    let stage = Setup::new().with("NEXUS_METRICS_NETWORKS", "192.0.2.0/24, 127.0.0.1").start().await;
    assert_eq!(stage.get("/metrics").await.status(), 200);
    let forwarded = stage.client().get(stage.url("/metrics")).header("x-forwarded-for", "192.0.2.1").send();
    assert_eq!(forwarded.await.unwrap().status(), 401);
}

#[tokio::test]
async fn metrics_count_what_happens_and_name_nobody() {
    let stage = Setup::new().with("NEXUS_METRICS_TOKEN_FILE", token_file()).start().await;
    stage.settled(3).await;
    let stream = stage.get("/api/v1/boards/overview/events").await;
    let mut browser = Browser::signed_in(&stage).await;
    browser.post("/admin/sign-in", &[("password", PASSWORD)]).await;
    for _ in 0..12 {
        browser.post("/admin/sign-in", &[("password", "a canary of a password")]).await;
    }
    for path in ["/canary-1/x", "/api/v1/boards/canary-2/state", "/admin/canary-3"] {
        stage.get(path).await;
    }
    let invented = reqwest::Method::from_bytes(b"CANARY").unwrap();
    stage.client().request(invented, stage.url("/healthz")).send().await.unwrap();
    stage.desk.break_down();
    let answer = within(async {
        loop {
            let answer = metrics(&stage, TOKEN).await;
            assert_eq!(answer.headers()[header::CONTENT_TYPE].to_str().unwrap().split(';').next().unwrap(), KIND);
            let text = answer.text().await.unwrap();
            if value(&text, "nexus_poll_failures_total") >= 1.0 {
                return text;
            }
        }
    })
    .await;
    let version = format!("nexus_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    for (name, expected) in [
        (version.as_str(), 1.0),
        ("nexus_streams", 1.0),
        ("nexus_sign_ins_total{outcome=\"accepted\"}", 2.0),
        ("nexus_throttled_requests_total{route=\"/admin/sign-in\"}", value(&answer, THROTTLED)),
        ("nexus_http_requests_total{method=\"GET\",route=\"none\",status=\"4xx\"}", 1.0),
        ("nexus_http_requests_total{method=\"GET\",route=\"/api/v1/boards/{id}/state\",status=\"4xx\"}", 1.0),
        ("nexus_http_requests_total{method=\"other\",route=\"/healthz\",status=\"4xx\"}", 1.0),
    ] {
        assert_eq!(value(&answer, name), expected, "{name}\n{answer}");
    }
    assert_eq!(value(&answer, THROTTLED) + value(&answer, "nexus_sign_ins_total{outcome=\"refused\"}"), 12.0);
    let now = stage.server.certificate_ends_at().unwrap().as_second() as f64;
    assert_eq!(value(&answer, "nexus_certificate_expiry_seconds"), now);
    for positive in [
        "nexus_events_encoded_total",
        "nexus_events_encoded_bytes_total",
        "nexus_database_size_bytes",
        "nexus_poll_duration_seconds_count",
        "nexus_poll_age_seconds",
        "nexus_http_request_duration_seconds_count{route=\"/admin/sign-in\"}",
    ] {
        assert!(value(&answer, positive) > 0.0, "{positive}\n{answer}");
    }
    for secret in ["canary", "CANARY", TOKEN, PASSWORD, "A secret subject", "127.0.0.1"] {
        assert!(!answer.contains(secret), "{secret}\n{answer}");
    }
    drop(stream);
}

const KIND: &str = "application/openmetrics-text";
const THROTTLED: &str = "nexus_sign_ins_total{outcome=\"throttled\"}";

/// The value of a sample; 0 where there is none.
fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}
