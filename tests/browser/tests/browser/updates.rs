//! When screens update is chosen with nothing but a keyboard.

use browser::{
    chromium::{Browser, DESKTOP, PHONE},
    page,
};
use journeys::server::Server;
use serde_json::json;

use crate::administrator::set_up;

#[tokio::test(flavor = "multi_thread")]
async fn when_screens_update_is_chosen_by_keyboard_on_a_desktop_and_on_a_phone() {
    for (screen, kind) in [(DESKTOP, "desktop"), (PHONE, "phone")] {
        let server = tokio::task::spawn_blocking(Server::with_demo_desk).await.unwrap();
        let browser = Browser::open(screen).await;
        std::fs::write(server.data().join("updates/state.json"), mirrored().to_string()).unwrap();
        set_up(&browser, &server).await;
        browser.go(&server.url("/admin/updates")).await;
        page::check(&browser, &format!("updates-{kind}")).await;
        browser.follow("a[href='/admin/updates/rules']").await;
        page::check(&browser, &format!("update-rules-{kind}")).await;

        browser.fill(&[("#pin", "newest")]).await;
        browser.follow("main form button").await;
        assert!(browser.text("#pin-error").await.contains("1.4.0"));
        assert_eq!(browser.run("return document.activeElement.id", vec![]).await, "pin");
        // A page that says what is wrong is an error to Chromium too.
        browser.complaints().await;
        page::check(&browser, &format!("update-rules-wrong-{kind}")).await;
        browser.run("document.activeElement.value = ''", vec![]).await;
        browser.type_in("1.4.0").await;
        browser.follow("main form button").await;
        assert!(browser.text(".good").await.contains("Saved."));
        browser.close().await;
        tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
    }
}

/// What a server knows that mirrors two releases.
fn mirrored() -> serde_json::Value {
    let release = |version: &str, published_at: &str| {
        json!({
            "version": version,
            "compatible": "nexus-amd64",
            "bundle": {
                "name": format!("nexus-amd64-{version}.raucb"),
                "size": 62_914_560,
                "manifest_hash": "7a".repeat(32),
            },
            "minimum_boot": 1,
            "published_at": published_at,
            "waves": [{"percent": 5, "hours": 0}, {"percent": 40, "hours": 24}, {"percent": 100, "hours": 72}],
        })
    };
    json!({
        "looked_at": "2027-03-02T09:00:00Z",
        "failure": null,
        "offered": {
            "from": "https://updates.example.com/nexus/",
            "fresh_until": "2099-03-15T09:00:00Z",
            "releases": [release("1.4.1", "2027-03-01T09:00:00Z"), release("1.4.0", "2027-02-01T09:00:00Z")],
        },
    })
}
