//! The boards' pages: who may read them, and how their changes arrive.

use reqwest::{Response, header};

use crate::{
    browser::Browser,
    stage::{Setup, Stage, within},
};

/// Reads a stream until what has arrived satisfies `enough`.
async fn read_until(response: &mut Response, enough: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    while !enough(&text) {
        let chunk = within(response.chunk()).await.unwrap().expect("the stream goes on");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    text
}

/// A page says which event it is at; the stream goes on from there.
fn at(page: &str) -> &str {
    page.split_once("data-at=\"").and_then(|(_, rest)| rest.split_once('"')).unwrap().0
}

#[tokio::test]
async fn a_page_holds_the_board_and_its_stream_brings_only_the_panels_that_changed() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let page = stage.get("/b/overview").await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()[header::CACHE_CONTROL], "private, no-store");
    let page = page.text().await.unwrap();
    assert!(page.contains("id=\"panel-open-tickets\"") && page.contains(">3</span>"), "{page}");
    assert!(!page.contains("style=") && !page.contains("<style"), "the policy would stop it");

    let request = stage.client().get(stage.url("/b/overview/events")).header("last-event-id", at(&page));
    let mut stream = within(request.send()).await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    stage.desk.set_open(4);
    let told = read_until(&mut stream, |text| text.contains(">4</span>") && text.ends_with("\n\n")).await;
    assert!(told.contains("event: panel\n") && !told.contains("event: board\n"), "{told}");
    assert!(told.contains("data: <article class=\"panel stat"), "{told}");
}

#[tokio::test]
async fn who_has_seen_nothing_gets_the_whole_board_in_html() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let mut stream = stage.get("/b/overview/events").await;
    let told = read_until(&mut stream, |text| text.contains("\n\n")).await;
    assert!(told.starts_with("event: board\nid: ") && told.contains("data: <main"), "{told}");
}

#[tokio::test]
async fn a_closed_board_is_closed_on_every_way_and_says_how_to_get_in() {
    let stage = Setup::new().with("NEXUS_OPEN_READ", "nobody").start().await;
    for path in ["/b", "/b/overview", "/b/overview/events"] {
        assert_eq!(stage.get(path).await.status(), 401, "{path}");
    }
    let page = stage.get("/b/overview").await.text().await.unwrap();
    assert!(page.contains("/admin/sign-in") && !page.contains("Support"), "{page}");

    let browser = Browser::signed_in(&stage).await;
    for path in ["/b", "/b/overview"] {
        assert_eq!(browser.get(path).await.status(), 200, "{path}");
    }
    assert_eq!(browser.get("/b/nowhere").await.status(), 404);
}

#[tokio::test]
async fn the_door_leads_administrators_to_their_pages_and_others_to_the_boards() {
    let stage = Stage::start().await;
    let to = |answer: Response| answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert_eq!(to(stage.get("/").await), "/admin", "a new server is to be set up first");
    let browser = Browser::signed_in(&stage).await;
    assert_eq!(to(browser.get("/").await), "/admin");
    assert_eq!(to(stage.get("/").await), "/b");
}

#[tokio::test]
async fn pages_load_nothing_but_what_is_there_and_ask_whether_it_is_new() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let page = stage.get("/b/overview").await.text().await.unwrap();
    let assets = page.split('"').filter(|part| part.starts_with("/assets/")).collect::<Vec<_>>();
    assert!(assets.len() >= 4, "{assets:?}");
    for asset in assets {
        let answer = stage.get(asset).await;
        assert_eq!(answer.status(), 200, "{asset}");
        let tag = answer.headers()[header::ETAG].clone();
        let again = stage.client().get(stage.url(asset)).header(header::IF_NONE_MATCH, tag).send().await.unwrap();
        assert_eq!(again.status(), 304, "{asset}");
    }
}
