//! What every route carries. A route that is not in the table here fails its test.

use std::collections::BTreeSet;

use reqwest::{Method, header};

use crate::{
    browser::Browser,
    stage::{Setup, Stage},
    viewers::{PASSCODE, set_passcode, viewer},
};

const JSON: &str = "application/json";
const PAGE: &str = "text/html; charset=utf-8";
const NEVER: &str = "no-store";
const OTHER_SITE: &str = "https://evil.example";

/// A route, a request to it by a stranger, and what the answer is, how long it may be kept, and what it holds.
type Row = (&'static str, Method, &'static str, u16, &'static str, &'static str);

const TABLE: &[Row] = &[
    ("/healthz", Method::GET, "/healthz", 200, NEVER, "text/plain; charset=utf-8"),
    ("/readyz", Method::GET, "/readyz", 503, NEVER, JSON),
    ("/metrics", Method::GET, "/metrics", 404, NEVER, JSON),
    ("/api/v1/openapi.json", Method::GET, "/api/v1/openapi.json", 200, "no-cache", JSON),
    ("/api/v1/boards/{id}/state", Method::GET, "/api/v1/boards/overview/state", 200, "private, no-cache", JSON),
    ("/api/v1/boards/{id}/events", Method::GET, "/api/v1/boards/overview/events", 200, NEVER, "text/event-stream"),
    ("/api/v1/pairings", Method::POST, "/api/v1/pairings", 415, NEVER, JSON),
    ("/api/v1/pairings/{id}", Method::GET, "/api/v1/pairings/x", 404, NEVER, JSON),
    ("/api/v1/pairings/{id}/confirmation", Method::POST, "/api/v1/pairings/x/confirmation", 404, NEVER, JSON),
    ("/api/v1/anchor", Method::GET, "/api/v1/anchor", 200, NEVER, JSON),
    ("/api/v1/links/{id}", Method::POST, "/api/v1/links/x", 415, NEVER, JSON),
    ("/api/v1/nonces", Method::POST, "/api/v1/nonces", 200, NEVER, JSON),
    ("/api/v1/token", Method::POST, "/api/v1/token", 415, NEVER, JSON),
    ("/api/v1/keys", Method::POST, "/api/v1/keys", 415, NEVER, JSON),
    ("/api/v1/update", Method::POST, "/api/v1/update", 401, NEVER, JSON),
    ("/api/v1/health", Method::POST, "/api/v1/health", 401, NEVER, JSON),
    ("/api/v1/commands", Method::GET, "/api/v1/commands", 401, NEVER, JSON),
    ("/api/v1/commands/{id}", Method::POST, "/api/v1/commands/x", 401, NEVER, JSON),
    ("/updates/metadata/{name}", Method::GET, "/updates/metadata/x", 404, NEVER, JSON),
    ("/updates/targets/{name}", Method::GET, "/updates/targets/x", 404, NEVER, JSON),
    ("/", Method::GET, "/", 303, "", ""),
    ("/admin", Method::GET, "/admin", 303, "", ""),
    ("/admin/{*path}", Method::GET, "/admin/nowhere", 404, NEVER, PAGE),
    ("/admin/{*path}", Method::POST, "/admin/nowhere", 403, NEVER, PAGE),
    ("/admin/sign-in", Method::GET, "/admin/sign-in", 200, NEVER, PAGE),
    ("/admin/sign-in", Method::POST, "/admin/sign-in", 403, NEVER, PAGE),
    ("/admin/sign-out", Method::POST, "/admin/sign-out", 403, NEVER, PAGE),
    ("/admin/authority.pem", Method::GET, "/admin/authority.pem", 303, NEVER, ""),
    ("/admin/screens", Method::GET, "/admin/screens", 303, NEVER, ""),
    ("/admin/screens/add", Method::GET, "/admin/screens/add", 303, NEVER, ""),
    ("/admin/screens/add", Method::POST, "/admin/screens/add", 403, NEVER, PAGE),
    ("/admin/screens/add/{attempt}", Method::POST, "/admin/screens/add/x", 403, NEVER, PAGE),
    ("/admin/screens/add/{attempt}", Method::GET, "/admin/screens/add/x", 303, NEVER, ""),
    ("/admin/screens/{id}", Method::GET, "/admin/screens/x", 303, NEVER, ""),
    ("/admin/screens/{id}", Method::POST, "/admin/screens/x", 403, NEVER, PAGE),
    ("/admin/screens/{id}/commands", Method::POST, "/admin/screens/x/commands", 403, NEVER, PAGE),
    ("/admin/screens/{id}/updates", Method::POST, "/admin/screens/x/updates", 403, NEVER, PAGE),
    ("/admin/screens/{id}/remove", Method::GET, "/admin/screens/x/remove", 303, NEVER, ""),
    ("/admin/screens/{id}/remove", Method::POST, "/admin/screens/x/remove", 403, NEVER, PAGE),
    ("/admin/screens/links", Method::GET, "/admin/screens/links", 303, NEVER, ""),
    ("/admin/screens/links/add", Method::GET, "/admin/screens/links/add", 303, NEVER, ""),
    ("/admin/screens/links/add", Method::POST, "/admin/screens/links/add", 403, NEVER, PAGE),
    ("/admin/screens/links/{id}/revoke", Method::GET, "/admin/screens/links/x/revoke", 303, NEVER, ""),
    ("/admin/screens/links/{id}/revoke", Method::POST, "/admin/screens/links/x/revoke", 403, NEVER, PAGE),
    ("/admin/screens/links/share", Method::GET, "/admin/screens/links/share", 303, NEVER, ""),
    ("/admin/screens/links/share", Method::POST, "/admin/screens/links/share", 403, NEVER, PAGE),
    ("/admin/desk", Method::GET, "/admin/desk", 303, NEVER, ""),
    ("/admin/desk", Method::POST, "/admin/desk", 403, NEVER, PAGE),
    ("/admin/desk/test", Method::POST, "/admin/desk/test", 403, NEVER, PAGE),
    ("/admin/desk/demo", Method::GET, "/admin/desk/demo", 303, NEVER, ""),
    ("/admin/desk/demo", Method::POST, "/admin/desk/demo", 403, NEVER, PAGE),
    ("/admin/desk/words", Method::GET, "/admin/desk/words", 303, NEVER, ""),
    ("/admin/desk/words", Method::POST, "/admin/desk/words", 403, NEVER, PAGE),
    ("/admin/settings", Method::GET, "/admin/settings", 303, NEVER, ""),
    ("/admin/settings", Method::POST, "/admin/settings", 403, NEVER, PAGE),
    ("/admin/settings/boards", Method::GET, "/admin/settings/boards", 303, NEVER, ""),
    ("/admin/settings/add-board", Method::GET, "/admin/settings/add-board", 303, NEVER, ""),
    ("/admin/settings/add-board", Method::POST, "/admin/settings/add-board", 403, NEVER, PAGE),
    ("/admin/settings/boards/{id}/move", Method::POST, "/admin/settings/boards/overview/move", 403, NEVER, PAGE),
    ("/admin/settings/boards/{id}/remove", Method::GET, "/admin/settings/boards/overview/remove", 303, NEVER, ""),
    ("/admin/settings/boards/{id}/remove", Method::POST, "/admin/settings/boards/overview/remove", 403, NEVER, PAGE),
    ("/admin/settings/boards/{id}", Method::GET, "/admin/settings/boards/overview", 303, NEVER, ""),
    ("/admin/settings/boards/{id}", Method::POST, "/admin/settings/boards/overview", 403, NEVER, PAGE),
    (
        "/admin/settings/boards/{id}/thresholds",
        Method::GET,
        "/admin/settings/boards/overview/thresholds",
        303,
        NEVER,
        "",
    ),
    (
        "/admin/settings/boards/{id}/thresholds",
        Method::POST,
        "/admin/settings/boards/overview/thresholds",
        403,
        NEVER,
        PAGE,
    ),
    ("/admin/settings/secrets", Method::GET, "/admin/settings/secrets", 303, NEVER, ""),
    ("/admin/settings/secrets/{name}", Method::GET, "/admin/settings/secrets/webhook-key", 303, NEVER, ""),
    ("/admin/settings/secrets/{name}", Method::POST, "/admin/settings/secrets/webhook-key", 403, NEVER, PAGE),
    (
        "/admin/settings/secrets/{name}/remove",
        Method::GET,
        "/admin/settings/secrets/webhook-key/remove",
        303,
        NEVER,
        "",
    ),
    (
        "/admin/settings/secrets/{name}/remove",
        Method::POST,
        "/admin/settings/secrets/webhook-key/remove",
        403,
        NEVER,
        PAGE,
    ),
    ("/admin/access", Method::GET, "/admin/access", 303, NEVER, ""),
    ("/admin/access/passcode", Method::POST, "/admin/access/passcode", 403, NEVER, PAGE),
    ("/admin/access/passcode/remove", Method::GET, "/admin/access/passcode/remove", 303, NEVER, ""),
    ("/admin/access/passcode/remove", Method::POST, "/admin/access/passcode/remove", 403, NEVER, PAGE),
    ("/admin/access/password", Method::GET, "/admin/access/password", 303, NEVER, ""),
    ("/admin/access/password", Method::POST, "/admin/access/password", 403, NEVER, PAGE),
    ("/admin/access/one-time-codes", Method::GET, "/admin/access/one-time-codes", 303, NEVER, ""),
    ("/admin/access/one-time-codes", Method::POST, "/admin/access/one-time-codes", 403, NEVER, PAGE),
    ("/admin/access/one-time-codes/confirm", Method::POST, "/admin/access/one-time-codes/confirm", 403, NEVER, PAGE),
    ("/admin/access/one-time-codes/remove", Method::POST, "/admin/access/one-time-codes/remove", 403, NEVER, PAGE),
    ("/admin/access/sessions", Method::GET, "/admin/access/sessions", 303, NEVER, ""),
    ("/admin/access/sessions", Method::POST, "/admin/access/sessions", 403, NEVER, PAGE),
    ("/admin/access/sessions/viewers/{id}", Method::POST, "/admin/access/sessions/viewers/x", 403, NEVER, PAGE),
    ("/admin/access/sessions/admins/{id}", Method::POST, "/admin/access/sessions/admins/x", 403, NEVER, PAGE),
    ("/admin/alerts", Method::GET, "/admin/alerts", 303, NEVER, ""),
    ("/admin/alerts/rules", Method::GET, "/admin/alerts/rules", 303, NEVER, ""),
    ("/admin/alerts/rules", Method::POST, "/admin/alerts/rules", 403, NEVER, PAGE),
    ("/admin/alerts/test", Method::POST, "/admin/alerts/test", 403, NEVER, PAGE),
    ("/admin/updates", Method::GET, "/admin/updates", 303, NEVER, ""),
    ("/admin/updates/rules", Method::GET, "/admin/updates/rules", 303, NEVER, ""),
    ("/admin/updates/rules", Method::POST, "/admin/updates/rules", 403, NEVER, PAGE),
    ("/admin/audit", Method::GET, "/admin/audit", 303, NEVER, ""),
    ("/sign-in", Method::GET, "/sign-in", 200, NEVER, PAGE),
    ("/sign-in", Method::POST, "/sign-in", 403, NEVER, PAGE),
    ("/sign-out", Method::POST, "/sign-out", 403, NEVER, PAGE),
    ("/b", Method::GET, "/b", 200, "private, no-store", PAGE),
    ("/b/{id}", Method::GET, "/b/overview", 200, "private, no-store", PAGE),
    ("/b/{id}/events", Method::GET, "/b/overview/events", 200, NEVER, "text/event-stream"),
    ("/s/{id}", Method::GET, "/s/x", 200, NEVER, PAGE),
    ("/s/{id}", Method::POST, "/s/x", 403, NEVER, JSON),
    ("/assets/{*name}", Method::GET, "/assets/admin.css", 200, "no-cache", "text/css; charset=utf-8"),
];

/// What an answer of any kind carries, and what none does.
fn check(answer: &reqwest::Response, https: bool) {
    let path = answer.url().path();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
    assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(header("referrer-policy"), "strict-origin-when-cross-origin", "{path}");
    assert_eq!(header("x-frame-options"), "SAMEORIGIN", "{path}");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{path}");
    assert!(header("permissions-policy").contains("camera=()"), "{path}");
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
    assert_eq!(header("strict-transport-security"), if https { "max-age=31536000" } else { "" }, "{path}");
    for telling in ["server", "x-powered-by"] {
        assert!(!answer.headers().contains_key(telling), "{path}: {telling}");
    }
    // Whoever asks: no other site's script reads it.
    let lets_in = answer.headers().keys().find(|name| name.as_str().starts_with("access-control-"));
    assert_eq!(lets_in, None, "{path}");
}

#[tokio::test]
async fn every_route_carries_the_security_headers() {
    let stage = Setup::new().with("NEXUS_LISTEN_HTTP", "127.0.0.1:0").start().await;
    stage.settled(3).await;
    let served = stage.server.routes().iter().map(String::as_str).collect::<BTreeSet<_>>();
    let listed = TABLE.iter().map(|row| row.0).collect::<BTreeSet<_>>();
    assert_eq!(served, listed, "the table has every route, and no other");

    let client = stage.client();
    for (route, _, path, ..) in TABLE {
        for method in [Method::GET, Method::POST] {
            let asked = client.request(method.clone(), stage.url(path)).header(header::ORIGIN, stage.url(""));
            let is_taken = asked.send().await.unwrap().status() != 405;
            let is_listed = TABLE.iter().any(|row| (row.0, &row.1) == (*route, &method));
            assert_eq!(is_listed, is_taken, "the table says what is taken: {method} {route}");
        }
    }
    for (_, method, path, status, cache, kind) in TABLE {
        let answer = client.request(method.clone(), stage.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), *status, "{path}");
        check(&answer, true);
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
        assert_eq!(header(header::CACHE_CONTROL), *cache, "{path}");
        assert_eq!(header(header::CONTENT_TYPE), *kind, "{path}");
        // The same where somebody else claims that it was HTTPS.
        let claimed = client.request(method.clone(), stage.plain_url(path)).header("x-forwarded-proto", "https");
        check(&claimed.send().await.unwrap(), false);
    }
}

#[tokio::test]
async fn no_route_is_read_by_another_sites_script_or_says_that_it_may() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let client = stage.client();
    for (_, method, path, status, ..) in TABLE {
        let asked = |method: Method| client.request(method, stage.url(path)).header(header::ORIGIN, OTHER_SITE);
        let answer = asked(method.clone()).send().await.unwrap();
        assert_eq!(answer.status(), *status, "{method} {path}");
        check(&answer, true);
        let preflight = asked(Method::OPTIONS)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, method.as_str())
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization, content-type")
            .header("access-control-request-private-network", "true");
        let answer = preflight.send().await.unwrap();
        assert!(matches!(answer.status().as_u16(), 403 | 405), "{path}: {}", answer.status());
        check(&answer, true);
    }
}

#[tokio::test]
async fn what_another_site_has_a_signed_in_browser_send_changes_nothing_on_any_route() {
    let stage = Setup::new().start_with_broker().await;
    stage.settled(3).await;
    let mut admin = Browser::signed_in(&stage).await;
    set_passcode(&mut admin, PASSCODE).await;
    let mut guest = viewer(&stage).await;
    let ours = stage.url("");
    let (in_clear, other_port) = (ours.replace("https://", "http://"), ours.replace("localhost:", "localhost:1"));
    let before = admin.text("/admin/audit").await;
    for (_, _, path, status, ..) in TABLE.iter().filter(|row| row.1 == Method::POST) {
        for origin in [Some(OTHER_SITE), Some("null"), Some(&in_clear), Some(&other_port), None] {
            for browser in [&admin, &guest] {
                let sent = stage.client().post(stage.url(path));
                let sent = sent.header(header::COOKIE, browser.cookie.as_deref().unwrap());
                let sent = origin.into_iter().fold(sent, |sent, origin| sent.header(header::ORIGIN, origin));
                // Where no cookie counts, it is a stranger's request like any other.
                assert_eq!(sent.send().await.unwrap().status(), *status, "{path} from {origin:?}");
            }
        }
    }
    assert_eq!(admin.text("/admin/audit").await, before, "nothing was done");
    // The same from our own pages is done: these sessions were as good as any.
    assert_eq!(guest.post("/sign-out", &[]).await.status(), 303);
    assert_eq!(admin.post("/admin/sign-out", &[]).await.status(), 303);
}

#[tokio::test]
async fn refusals_carry_the_security_headers_too() {
    let stage = Stage::start().await;
    let client = stage.client_builder().http1_only().build().unwrap();
    let cases = [
        (client.get(stage.url("/nowhere")), 404),
        (client.delete(stage.url("/healthz")), 405),
        (client.get(stage.url("/healthz")).header(header::HOST, "rebound.example"), 421),
        (client.post(stage.url("/api/v1/pairings")).body(vec![b' '; 20_000]), 413),
    ];
    for (request, status) in cases {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status);
        check(&answer, true);
    }
}
