//! The API's description: it has every route and no other, and real messages are as it says.

use std::{collections::BTreeSet, time::Instant};

use device::fleet::{Acknowledgement, Candidates, Health, Turn};
use pairing::{
    DeviceKey, Entropy,
    device::Opening,
    message::{Created, Description, Outcome},
    rotation::device::{LONGEST, Ring},
    session::{self, Fresh, TokenRequest},
};
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    stage::{Setup, Stage, within},
    stick::{Stick, pair, type_code},
};

const DOCUMENT: &str = "/api/v1/openapi.json";

async fn document(stage: &Stage) -> Value {
    stage.get(DOCUMENT).await.json().await.unwrap()
}

#[tokio::test]
async fn the_description_has_every_route_and_no_other() {
    let stage = Stage::start().await;
    let document = document(&stage).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap();
    let described = paths.keys().map(String::as_str).collect::<BTreeSet<_>>();
    let in_json = |route: &&str| {
        ["/api/", "/updates/"].iter().any(|folder| route.starts_with(folder))
            || ["/readyz", "/metrics", "/s/{id}"].contains(route)
    };
    let routes = stage.server.routes().iter().map(String::as_str);
    assert_eq!(described, routes.filter(in_json).collect::<BTreeSet<_>>());

    for (path, item) in paths {
        let described = item.as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>();
        for method in ["get", "post", "put", "delete", "patch"] {
            let asked = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let url = stage.url(&path.replace("{id}", "overview"));
            let answer = stage.client().request(asked, url).send().await.unwrap();
            assert_eq!(answer.status() != 405, described.contains(method), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_operation_says_how_it_refuses() {
    let stage = Stage::start().await;
    let document = document(&stage).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap();
            for status in ["400", "403", "408", "413", "421", "500"] {
                assert!(answers.contains_key(status), "{method} {path} {status}");
            }
            for (status, answer) in answers.iter().filter(|(status, _)| status.as_str() >= "400") {
                let schema = &answer["content"]["application/json"]["schema"]["$ref"];
                // Who asks whether the server is ready is told what is not, and no error.
                let expected =
                    if (path.as_str(), status.as_str()) == ("/readyz", "503") { "Readiness" } else { "Error" };
                assert_eq!(schema, &format!("#/components/schemas/{expected}"), "{method} {path} {status}");
                assert_eq!(answer["headers"]["Retry-After"].is_object(), status == "429", "{method} {path} {status}");
            }
            assert!(operation["operationId"].is_string() && operation["summary"].is_string(), "{method} {path}");
        }
    }
}

/// The schemas of the description.
struct Schemas(Value);

impl Schemas {
    fn takes(&self, name: &str, value: &Value) -> bool {
        assert!(self.0["schemas"][name].is_object(), "there is no schema {name}");
        let schema = json!({"$ref": format!("#/components/schemas/{name}"), "components": self.0});
        jsonschema::is_valid(&schema, value)
    }

    /// Takes the value as it is, and not without any of its fields that are `required`.
    fn check(&self, name: &str, value: &impl Serialize, required: &[&str]) {
        let value = serde_json::to_value(value).unwrap();
        assert!(self.takes(name, &value), "{name}: {value}");
        for field in required {
            let mut without = value.clone();
            assert!(without.as_object_mut().unwrap().remove(*field).is_some(), "{name}.{field}");
            assert!(!self.takes(name, &without), "{name} without {field}");
        }
    }
}

#[tokio::test]
async fn what_screens_and_server_say_is_as_described() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let schemas = Schemas(document(&stage).await["components"].clone());
    for board in ["overview", "wall"].map(|id| format!("/api/v1/boards/{id}/state")) {
        let answer = stage.get(&board).await;
        let (known, body) = (answer.status() == 200, answer.json::<Value>().await.unwrap());
        let (name, required) = if known { ("Board", ["id", "panels"]) } else { ("Error", ["code", "message"]) };
        schemas.check(name, &body, &required);
    }
    schemas.check("Readiness", &stage.get("/readyz").await.json::<Value>().await.unwrap(), &["ready"]);
    schemas.check("Error", &stage.get("/metrics").await.json::<Value>().await.unwrap(), &["code", "message"]);
    schemas.check("Presented", &json!({"key": "A".repeat(43)}), &["key"]);
    schemas.check("Admitted", &json!({"next": "/b/overview"}), &["next"]);
    schemas.check("Anchor", &stage.get("/api/v1/anchor").await.json::<Value>().await.unwrap(), &["certificates"]);

    let mut browser = Browser::signed_in(&stage).await;
    let stick = Stick::new(&stage);
    let entropy = Entropy::system().unwrap();
    let text = |text: &str| text.parse().unwrap();
    let description = Description { model: text("Model 4"), serial: text("SN-1"), software: text("0.1.0") };
    let (opening, create): (Opening, _) = Opening::new(&stick.key, description, &entropy);
    schemas.check("Create", &create, &["version", "device_key", "pake", "description"]);
    let created = stage.client().post(stage.url("/api/v1/pairings")).json(&create).send().await.unwrap();
    let created = created.json::<Value>().await.unwrap();
    schemas.check("Created", &created, &["pairing", "nameplate", "lifetime_seconds"]);
    let open = opening.created(serde_json::from_value::<Created>(created).unwrap(), Instant::now()).unwrap();

    let path = format!("/api/v1/pairings/{}", open.pairing().expose());
    let poll = async || stage.get(&path).await.json::<Value>().await.unwrap();
    schemas.check("Outcome", &poll().await, &["outcome"]);
    let attempt = type_code(&mut browser, &open.code().shown()).await;
    let answered = within(async {
        loop {
            let outcome = poll().await;
            if outcome["outcome"] == "answered" {
                return outcome;
            }
        }
    })
    .await;
    schemas.check("Outcome", &answered, &["outcome", "pake", "tag", "sealed"]);
    let Outcome::Answered(answer) = serde_json::from_value(answered).unwrap() else { panic!("an answer") };
    let (confirmed, verdict) =
        open.answered(&stick.key, &answer).unwrap().check(|_| Ok::<_, ()>(())).map_err(|_| "refused").unwrap();
    schemas.check("Verdict", &verdict, &["verdict", "tag", "signature"]);
    stage.client().post(stage.url(&format!("{path}/confirmation"))).json(&verdict).send().await.unwrap();
    schemas.check("Outcome", &poll().await, &["outcome"]);
    browser.post(&attempt, &[("digits", "same")]).await;
    let registered = poll().await;
    schemas.check("Outcome", &registered, &["outcome", "device"]);
    let Outcome::Registered { device } = serde_json::from_value(registered).unwrap() else { panic!("registered") };
    let paired = confirmed.registered(device);
    schemas.check("Paired", &paired, &["device", "instance", "trust", "screen"]);

    let fresh = stage.client().post(stage.url("/api/v1/nonces")).send().await.unwrap().json::<Value>().await.unwrap();
    schemas.check("Fresh", &fresh, &["nonce"]);
    let Fresh { nonce } = serde_json::from_value(fresh).unwrap();
    let (now, instance) = (jiff::Timestamp::now().as_second(), paired.payload.instance);
    let assertion = session::assert(&stick.key, device, instance, nonce, now, &entropy).unwrap();
    let request = TokenRequest::new(assertion);
    schemas.check("TokenRequest", &request, &["grant_type", "client_assertion_type", "client_assertion"]);
    let token = stage.client().post(stage.url("/api/v1/token")).form(&request).send().await.unwrap();
    let health = json!({
        "version": "1.0.0", "compatible": "nexus-amd64", "slot": "a", "uptime": 1,
        "update": {"state": "current"},
        "failure": {"version": "1.1.0", "reason": "it did not start", "at": "2027-01-01T00:00:00Z"},
    });
    schemas.check("Health", &serde_json::from_value::<Health>(health).unwrap(), &["version", "uptime", "update"]);
    let ask = json!({"compatible": "nexus-amd64", "running": "1.0.0", "seed": 7, "versions": ["1.1.0"]});
    let asked = ["compatible", "running", "seed", "versions"];
    schemas.check("Candidates", &serde_json::from_value::<Candidates>(ask).unwrap(), &asked);
    schemas.check("Acknowledgement", &Acknowledgement::Refused { why: "it is busy".to_owned() }, &["outcome"]);
    for turn in [
        json!({"turn": "held", "why": "updates are paused on this server"}),
        json!({"turn": "granted", "version": "1.1.0", "eligible_at": "2027-01-01T00:00:00Z",
            "window": {"opens_at": "2027-01-01T02:00:00Z", "closes_at": "2027-01-01T04:00:00Z"}}),
    ] {
        schemas.check("Turn", &serde_json::from_value::<Turn>(turn).unwrap(), &["turn"]);
    }
    schemas.check("Token", &token.json::<Value>().await.unwrap(), &["access_token", "expires_in", "screen"]);
    // A month later, by the device's clock.
    let mut ring = Ring::new(stick.key.clone());
    for clock in [now - LONGEST, now] {
        ring.granted(clock, Instant::now(), &entropy);
    }
    let fresh = stage.client().post(stage.url("/api/v1/nonces")).send().await.unwrap().json::<Fresh>().await.unwrap();
    let rotation = ring.rotate(&paired, fresh.nonce, Instant::now()).unwrap();
    let signed = ["version", "device", "screen", "generation", "next_key", "nonce", "by_present", "by_next"];
    schemas.check("Rotation", &rotation, &signed);
    let rotated = stage.client().post(stage.url("/api/v1/keys")).json(&rotation).send().await.unwrap();
    schemas.check("Rotated", &rotated.json::<Value>().await.unwrap(), &["generation"]);
    // Refused, because another device signed it.
    let other = DeviceKey::draw(&entropy);
    let fresh = stage.client().post(stage.url("/api/v1/nonces")).send().await.unwrap().json::<Fresh>().await.unwrap();
    let forged = session::assert(&other, device, instance, fresh.nonce, now, &entropy).unwrap();
    let denied = stage.client().post(stage.url("/api/v1/token")).form(&TokenRequest::new(forged)).send().await.unwrap();
    assert_eq!(denied.status(), 401);
    schemas.check("Error", &denied.json::<Value>().await.unwrap(), &["code", "message"]);
}

/// A server that schemathesis asks, with throttles that let it: `scripts/schemathesis` starts it and reads what it tells.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the server that scripts/schemathesis asks"]
async fn server_that_is_asked_a_lot() {
    let variables = Setup::new().with("NEXUS_METRICS_NETWORKS", "127.0.0.1").variables;
    let stage = Setup { variables, patience: 100_000, ..Setup::new() }.start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    let (stick, paired) = pair(&stage, &mut admin).await;
    let token = stick.token(&paired).await.unwrap().access_token;
    let open = Stick::new(&stage).open().await;
    let server = stage.url("");
    let fields =
        [("server", server.as_str()), ("name", "All"), ("board", "overview"), ("hours", "1"), ("uses", "1000")];
    let mut links = Vec::new();
    for form in ["/admin/screens/links/add", "/admin/screens/links/share"] {
        let page = admin.post(form, &fields).await.text().await.unwrap();
        links.push(page.split("/s/").nth(1).unwrap().split('#').next().unwrap().to_owned());
    }
    let told = json!({
        "origin": server,
        "anchor": stage.data("pki/authority.pem"),
        "token": token,
        "board": "overview",
        "pairing": open.pairing().expose(),
        "link": links[0],
        "share": links[1],
    });
    tell(&told);
    // Until the script lets go of it.
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await.unwrap().unwrap();
    assert_eq!(stage.get("/healthz").await.status(), 200);
}

#[expect(clippy::print_stdout, reason = "the script that started this reads it")]
fn tell(told: &Value) {
    println!("asked: {told}");
}
