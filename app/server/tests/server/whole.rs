//! A browser that goes away in the middle of a change.

use std::time::Duration;

use pairing::link::Address;
use reqwest::header;
use serde_json::json;
use sqlx::{Connection, query_scalar, sqlite::SqliteConnection};

use crate::{
    browser::Browser,
    stage::{Setup, Stage, within},
    streams::Events,
};

/// How many changes are cut off, each a little later than the one before.
const CHANGES: u64 = 16;

/// A browser that came by a link, and its stream.
async fn viewer(stage: &Stage, link: &str) -> (String, Events) {
    let (address, key) = Address::read(link).unwrap();
    let post = stage.client().post(stage.url(&format!("/s/{}", address.id()))).header(header::ORIGIN, stage.url(""));
    let answer = post.json(&json!({"key": key.unwrap().expose().to_string()})).send().await.unwrap();
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let browser = Browser { cookie: Some(cookie), ..Browser::new(stage) };
    let mut events = Events::new(browser.get("/api/v1/boards/overview/events").await);
    events.event().await;
    let list = sessions(stage).await;
    (list.into_iter().next_back().unwrap(), events)
}

async fn database(stage: &Stage) -> SqliteConnection {
    SqliteConnection::connect(stage.data("nexus.db").to_str().unwrap()).await.unwrap()
}

/// The sessions of viewers in the database, oldest first.
async fn sessions(stage: &Stage) -> Vec<String> {
    let mut database = database(stage).await;
    let query = query_scalar("SELECT id FROM viewer_sessions ORDER BY started_at, rowid");
    query.fetch_all(&mut database).await.unwrap()
}

/// Of which sessions the log says that they were ended.
async fn ended(stage: &Stage) -> Vec<String> {
    let mut database = database(stage).await;
    let query = query_scalar("SELECT subject FROM audit WHERE action = 'session_ended'");
    query.fetch_all(&mut database).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_browser_goes_away_is_made_as_a_whole_or_not_at_all() {
    let stage = Setup::new().with("NEXUS_OPEN_READ", "nobody").start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    let server = stage.url("");
    let fields = [("server", server.as_str()), ("name", "All"), ("board", "overview"), ("hours", "1"), ("uses", "16")];
    let page = admin.post("/admin/screens/links/share", &fields).await.text().await.unwrap();
    let link = page.split("spellcheck=\"false\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let mut viewers = Vec::new();
    for _ in 0..CHANGES {
        viewers.push(viewer(&stage, &link).await);
    }
    for (number, (id, _)) in (0..).zip(&viewers) {
        let path = format!("/admin/access/sessions/viewers/{id}");
        // Dropped, it sends RST_STREAM: before, while and after the server works.
        drop(tokio::time::timeout(Duration::from_millis(number), admin.post(&path, &[])).await);
    }
    // What was begun is finished: the session is in the database and read by, or it is neither and the log says so.
    within(async {
        loop {
            let (kept, logged) = (sessions(&stage).await, ended(&stage).await);
            let streams = stage.server.figures().streams;
            let whole = viewers.iter().all(|(id, _)| kept.contains(id) != logged.contains(id));
            if whole && streams == kept.len() {
                assert!(logged.len() > 3, "hardly any request arrived: {logged:?}");
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}
