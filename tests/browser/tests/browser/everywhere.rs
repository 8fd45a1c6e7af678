//! Every page that links of the admin pages lead to, on a desktop and on a phone.

use std::{collections::BTreeSet, net::TcpListener};

use browser::{
    chromium::{Browser, DESKTOP, PHONE},
    page,
};
use journeys::server::Server;
use serde_json::json;

use crate::{
    administrator::{PASSWORD, set_up},
    desk::{TOKEN, connect, helpdesk},
};

/// Where links lead to files instead.
const FILES: [&str; 2] = ["/admin/authority.pem", "/assets/"];

/// Pages that must be among those that are found; there are more.
const KNOWN: [&str; 24] = [
    "/admin/access",
    "/admin/access/one-time-codes",
    "/admin/access/passcode/remove",
    "/admin/access/password",
    "/admin/access/sessions",
    "/admin/alerts",
    "/admin/alerts/rules",
    "/admin/audit",
    "/admin/desk",
    "/admin/desk/demo",
    "/admin/desk/words",
    "/admin/screens",
    "/admin/screens/add",
    "/admin/screens/links",
    "/admin/screens/links/add",
    "/admin/screens/links/share",
    "/admin/settings",
    "/admin/settings/add-board",
    "/admin/settings/boards",
    "/admin/settings/boards/overview",
    "/admin/settings/boards/overview/remove",
    "/admin/settings/boards/overview/thresholds",
    "/admin/settings/secrets/webhook-key/remove",
    "/admin/updates",
];

/// Sends a form as a page of ours would.
async fn send(browser: &Browser, path: &str, fields: &[(&str, &str)]) {
    let script = "const [path, fields, done] = arguments;
        fetch(path, { method: 'POST', body: new URLSearchParams(fields) }).then((answer) => done(answer.ok));";
    assert_eq!(browser.run_later(script, vec![json!(path), json!(fields)]).await, true, "{path}");
}

/// Where the links of a page lead to within the server, without what stands behind a `#`.
async fn links(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('a[href]')].map((link) => new URL(link.href))
        .filter((url) => url.origin === location.origin).map((url) => url.pathname)";
    let found = browser.run(script, vec![]).await;
    found.as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_that_a_link_leads_to_can_be_read_by_everybody_on_a_desktop_and_on_a_phone() {
    let helpdesk = helpdesk().await;
    let server = tokio::task::spawn_blocking(Server::with_demo_desk).await.unwrap();
    let desktop = Browser::open(DESKTOP).await;
    set_up(&desktop, &server).await;
    desktop.follow("header a[href='/admin/desk']").await;
    connect(&desktop, &helpdesk, TOKEN).await;
    let passcode = "lobby passcode";
    send(&desktop, "/admin/access/passcode", &[("passcode", passcode), ("passcode_again", passcode)]).await;
    send(&desktop, "/admin/settings/secrets/webhook-key", &[("value", "Y2FuYXJ5LWtleS1vZi10aGUtd2ViaG9vaw==")]).await;
    let address = server.url("");
    let link = [("server", address.as_str()), ("name", "Acme"), ("board", "overview"), ("hours", "1"), ("uses", "1")];
    send(&desktop, "/admin/screens/links/share", &link).await;
    send(&desktop, "/admin/screens/links/add", &link).await;

    let phone = Browser::open(PHONE).await;
    phone.go(&server.url("/admin/sign-in")).await;
    phone.fill(&[("#password", PASSWORD)]).await;
    phone.follow("main button").await;
    for (browser, kind) in [(&desktop, "desktop"), (&phone, "phone")] {
        let mut found = BTreeSet::from(["/admin/screens".to_owned()]);
        let mut ways = found.iter().cloned().collect::<Vec<_>>();
        while let Some(way) = ways.pop() {
            browser.go(&server.url(&way)).await;
            page::check(browser, &format!("every-{kind}{}", way.replace('/', "-"))).await;
            let further = links(browser).await.into_iter().filter(|to| !FILES.iter().any(|file| to.starts_with(file)));
            ways.extend(further.filter(|to| found.insert(to.clone())));
        }
        let missing = KNOWN.iter().filter(|page| !found.contains(**page)).collect::<Vec<_>>();
        assert!(missing.is_empty(), "no link leads to {missing:?}; to these: {found:?}");
    }
    desktop.close().await;
    phone.close().await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_let_in_can_read_why() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = tokio::task::spawn_blocking(move || {
        let mut server = Server::installed();
        server.set("NEXUS_LISTEN_HTTP", &free.to_string());
        server.start();
        server
    });
    let mut server = server.await.unwrap();
    for (screen, kind) in [(DESKTOP, "desktop"), (PHONE, "phone")] {
        let browser = Browser::open(screen).await;
        browser.go(&format!("http://localhost:{}/admin/sign-in", free.port())).await;
        assert_eq!(browser.text("h1").await, "This page is only there over HTTPS");
        // A refusal is an error to Chromium too.
        browser.complaints().await;
        page::check(&browser, &format!("in-clear-{kind}")).await;
        browser.close().await;
    }

    let server = tokio::task::spawn_blocking(move || {
        server.stop();
        server.set("READ_ALLOWLIST", "192.0.2.0/24");
        server.start();
        server
    });
    let server = server.await.unwrap();
    for (screen, kind) in [(DESKTOP, "desktop"), (PHONE, "phone")] {
        let browser = Browser::open(screen).await;
        browser.go(&server.url("/b/overview")).await;
        assert_eq!(browser.text("h1").await, "This server is not open to your network");
        browser.complaints().await;
        page::check(&browser, &format!("turned-away-{kind}")).await;
        browser.close().await;
    }
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}
