//! People who may only look: by the passcode, and by a link whose key stays nowhere.

use browser::{
    axe,
    chromium::{Browser, DESKTOP, PHONE},
};
use journeys::server::Server;

use crate::administrator::set_up;

const PASSCODE: &str = "lobby passcode";

/// Everything that a browser keeps or tells of where it was: addresses, their history, and where it came from.
pub(crate) const TRACES: &str =
    "return [location.href, document.referrer, JSON.stringify(history.state), document.cookie,
    ...performance.getEntries().map((entry) => entry.name), document.documentElement.outerHTML].join('\\n')";

/// Fills the form for sharing boards by a link, which is on the page; the link comes back.
pub(crate) async fn one_time_link(administrator: &Browser) -> String {
    administrator.fill(&[("#name", "Acme, management")]).await;
    administrator.follow("main form button").await;
    administrator.text("#link").await
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_look_by_the_passcode_or_by_a_link_and_until_it_is_revoked() {
    let server = tokio::task::spawn_blocking(Server::with_demo_desk).await.unwrap();
    let administrator = Browser::open(DESKTOP).await;
    set_up(&administrator, &server).await;

    administrator.go(&server.url("/admin/access")).await;
    administrator.picture("access").await;
    axe::check(&administrator, "access").await;
    administrator.fill(&[("#passcode", PASSCODE), ("#passcode_again", PASSCODE)]).await;
    administrator.follow("main form button").await;
    assert!(administrator.text("main").await.contains("Set"));

    let phone = Browser::open(PHONE).await;
    phone.go(&server.url("/b/overview")).await;
    assert_eq!(phone.text("h1").await, "Look at the boards");
    phone.picture("passcode-phone").await;
    axe::check(&phone, "the passcode").await;
    phone.fill(&[("#passcode", PASSCODE)]).await;
    phone.follow("main button").await;
    phone.wait_until_live().await;
    phone.close().await;

    administrator.go(&server.url("/admin/screens/links/share")).await;
    administrator.picture("share").await;
    axe::check(&administrator, "sharing by a link").await;
    let link = one_time_link(&administrator).await;
    let key = link.split_once('#').expect("a link with its key").1.to_owned();
    axe::check(&administrator, "the new link").await;

    let guest = Browser::open(DESKTOP).await;
    guest.go(&server.url("/sign-in")).await;
    guest.go(&link).await;
    guest.wait_until("location.pathname === '/b/overview'").await;
    guest.wait_until_live().await;
    let seen = guest.run(TRACES, vec![]).await;
    assert!(!seen.as_str().expect("text").contains(&key), "the key is left in the browser");
    guest.client.back().await.expect("there is a page before");
    let before = guest.client.current_url().await.expect("a page has an address");
    assert!(!before.as_str().contains(&key), "the key is left in the history: {}", before.path());
    guest.go(&server.url("/b/overview")).await;
    guest.wait_until_live().await;
    assert!(!server.output().contains(&key), "the key is in the server's log");

    administrator.go(&server.url("/admin/screens/links")).await;
    administrator.picture("links").await;
    axe::check(&administrator, "the list of links").await;
    administrator.follow("main .actions a.small").await;
    administrator.follow("main form button").await;
    assert!(administrator.text("main").await.contains("Revoked"));
    // Nobody touches the guest's browser: its stream ends, and it is told that it may not look any more.
    guest.wait_until("document.querySelector('h1')?.textContent === 'Look at the boards'").await;
    guest.go(&link).await;
    guest.wait_until("!document.getElementById('refused').hidden").await;
    guest.picture("revoked-link").await;

    for (path, page) in [
        ("/admin/access/sessions", "sessions"),
        ("/admin/access/password", "password"),
        ("/admin/access/one-time-codes", "one-time-codes"),
        ("/admin/alerts", "alerts"),
        ("/admin/audit", "audit"),
        ("/admin/desk", "desk"),
        ("/admin/settings", "settings"),
        ("/admin/settings/boards", "settings-boards"),
        ("/admin/settings/boards/overview", "settings-board"),
        ("/admin/settings/boards/overview/thresholds", "settings-thresholds"),
        ("/admin/settings/secrets", "settings-secrets"),
    ] {
        administrator.go(&server.url(path)).await;
        administrator.picture(page).await;
        axe::check(&administrator, page).await;
        assert_eq!(administrator.complaints().await, Vec::<String>::new(), "{page}");
    }
    administrator.close().await;
    guest.close().await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}
