//! The page that says who changed what.

use jiff::SignedDuration;

use crate::{
    browser::{Browser, PASSWORD, location},
    stage::Stage,
};

/// The rows of the table, as text.
fn rows(page: &str) -> Vec<String> {
    let body = page.split("<tbody>").nth(1).unwrap_or_default().split("</tbody>").next().unwrap();
    body.split("<tr>").skip(1).map(|row| row.replace("</td><td>", " | ").replace("<td>", "")).collect()
}

#[tokio::test]
async fn every_change_is_listed_by_its_name_and_no_secret_is() {
    let stage = Stage::start().await;
    stage.broker(Some("correct horse")).await;
    let mut browser = Browser::signed_in(&stage).await;
    let key = [("value", "Y2FuYXJ5LWtleS1vZi10aGUtd2ViaG9vaw==")];
    assert_eq!(browser.post("/admin/settings/secrets/webhook-key", &key).await.status(), 303);
    assert_eq!(browser.post("/admin/settings/secrets/webhook-key/remove", &[]).await.status(), 303);
    let desk = [("address", "https://localhost:1"), ("token", "canary-token-of-the-desk"), ("task", "connect")];
    assert_eq!(browser.post("/admin/desk", &desk).await.status(), 422);
    assert_eq!(browser.post("/admin/desk/demo", &[]).await.status(), 303);

    let page = browser.text("/admin/audit").await;
    let listed = rows(&page);
    let whats = ["Desk disconnected", "Desk tried", "Secret removed", "Secret set", "Password set"];
    assert_eq!(listed.len(), whats.len(), "{listed:?}");
    for what in whats {
        assert!(listed.iter().any(|row| row.contains(&format!("| {what} |"))), "{what}: {listed:?}");
    }
    assert!(listed.iter().all(|row| row.contains("| admin | 127.0.0.1")), "{listed:?}");
    assert!(!page.contains("canary"), "{page}");

    for (filter, found) in
        [("secret+set", 1), ("secret", 2), ("webhook-key", 2), ("127.0.0.1", 5), ("%25", 0), ("_", 5)]
    {
        let page = browser.text(&format!("/admin/audit?filter={filter}")).await;
        assert_eq!(rows(&page).len(), found, "{filter}: {page}");
    }
    assert_eq!(location(&Browser::new(&stage).get("/admin/audit").await), "/admin/sign-in?next=%2Fadmin%2Faudit");
}

#[tokio::test]
async fn a_long_log_is_turned_page_by_page_and_each_entry_is_on_one() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    for _ in 0..60 {
        stage.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(browser.post("/admin/desk/test", &[]).await.status(), 422);
    }
    assert_eq!(browser.post("/admin/sign-in", &[("password", PASSWORD)]).await.status(), 303);
    let first = browser.text("/admin/audit").await;
    assert!(rows(&first)[0].contains("Signed in"), "the newest first: {first}");
    let link = first.split("href=\"/admin/audit?").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let second = browser.text(&format!("/admin/audit?{link}")).await;
    assert_eq!((rows(&first).len(), rows(&second).len()), (50, 12));
    assert!(rows(&second)[11].contains("Password set") && !second.contains(">Older<"), "{second}");
    let mut all = [rows(&first), rows(&second)].concat();
    all.dedup();
    assert_eq!(all.len(), 62, "none twice");
    assert_eq!(browser.get("/admin/audit?before=nonsense").await.status(), 200);
}
