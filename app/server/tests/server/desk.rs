//! The page of the connection to the desk: a real Broker on one side, real TLS on the other.

use std::{fs, time::Duration};

use server::settings::Desk;

use crate::{
    browser::{Browser, location},
    stage::{Setup, Stage, open_tickets, within},
    tracker::{TOKEN, Tracker},
};

const WORDS: Option<&str> = Some("correct horse");

struct Scene {
    stage: Stage,
    browser: Browser,
    tracker: Tracker,
}

impl Scene {
    async fn new(passphrase: Option<&str>) -> Self {
        let stage = Setup { real_tracker: true, ..Setup::new() }.start().await;
        stage.broker(passphrase).await;
        let browser = Browser::signed_in(&stage).await;
        Self { stage, browser, tracker: Tracker::start().await }
    }

    /// Sends the form of the desk as it should be, but for these fields.
    async fn send(&mut self, task: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let (url, ca) = (self.tracker.url.clone(), self.tracker.ca.clone());
        let mut all = vec![("address", url.as_str()), ("token", TOKEN), ("ca", ca.as_str()), ("task", task)];
        all.retain(|(name, _)| fields.iter().all(|(other, _)| other != name));
        all.extend_from_slice(fields);
        let answer = self.browser.post("/admin/desk", &all).await;
        let status = answer.status().as_u16();
        (status, answer.text().await.unwrap())
    }

    fn secrets(&self) -> String {
        fs::read_to_string(self.stage.data("secrets.json")).unwrap_or_default()
    }

    fn desk(&self) -> Desk {
        let folder = server::Folder::open(self.stage.data("")).unwrap();
        server::Settings::read(&folder).unwrap().unwrap().desk
    }

    async fn page_when(&self, holds: impl Fn(&str) -> bool) -> String {
        within(async {
            loop {
                let page = self.browser.text("/admin/desk").await;
                if holds(&page) {
                    return page;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await
    }
}

#[tokio::test]
async fn request_tracker_is_tried_connected_read_and_left_on_the_page() {
    let mut scene = Scene::new(WORDS).await;
    let page = scene.browser.text("/admin/desk").await;
    assert!(page.contains("The demo desk") && page.contains("<dd>not set</dd>"), "{page}");

    let (status, page) = scene.send("test", &[]).await;
    assert_eq!(status, 200);
    assert!(page.contains("Nothing was stored") && page.contains(&scene.tracker.url), "{page}");
    assert!(scene.secrets().is_empty() && matches!(scene.desk(), Desk::Demo(_)));

    assert_eq!(scene.send("connect", &[]).await.0, 303);
    assert!(matches!(scene.desk(), Desk::RequestTracker(_)));
    let board = scene.stage.board_when(|board| !board.demo).await;
    assert_eq!(open_tickets(&board), Some(0), "what is shown is what the helpdesk says");
    let page = scene.page_when(|page| page.contains("Read as it should be")).await;
    assert!(page.contains("<dd>set</dd>") && page.contains(" s ago"), "{page}");

    let tested = scene.browser.post("/admin/desk/test", &[]).await;
    assert!(tested.text().await.unwrap().contains("The connection works"));
    scene.tracker.answer_with(401);
    let tested = scene.browser.post("/admin/desk/test", &[]).await;
    assert_eq!(tested.status(), 422);
    assert!(tested.text().await.unwrap().contains("it does not know the token (401)"));

    assert!(scene.browser.text("/admin/desk/demo").await.contains("The token is forgotten"));
    let left = scene.browser.post("/admin/desk/demo", &[]).await;
    assert_eq!((left.status().as_u16(), location(&left)), (303, "/admin/desk"));
    assert!(matches!(scene.desk(), Desk::Demo(_)) && !scene.secrets().contains("aesgcm:"));
    let page = scene.page_when(|page| page.contains("Read as it should be")).await;
    assert!(page.contains("The demo desk") && page.contains("<dd>not set</dd>"), "{page}");
    scene.stage.board_when(|board| board.demo && open_tickets(board) == Some(3)).await;
}

#[tokio::test]
async fn a_status_that_nobody_can_interpret_is_named_with_what_it_counts_as_and_what_to_do() {
    let mut scene = Scene::new(WORDS).await;
    scene.tracker.has_a_ticket("parked <b>");
    assert_eq!(scene.send("connect", &[]).await.0, 303);
    let page = scene.page_when(|page| page.contains("Read as it should be")).await;
    let said = page.split("<p class=\"notice\">").nth(1).unwrap_or_else(|| panic!("{page}")).split('<').next().unwrap();
    for words in ["the status \u{201c}parked &#60;b&#62;\u{201d} means", "count as open", "Admin \u{2192} Lifecycles"] {
        assert!(said.contains(words), "{said} should say {words}");
    }
    let board = scene.stage.board_when(|board| open_tickets(board) == Some(1)).await;
    assert!(!board.demo, "its ticket is on the board");
}

#[tokio::test]
async fn what_is_wrong_with_a_connection_is_told_at_its_field_and_all_but_the_token_is_kept() {
    let mut scene = Scene::new(WORDS).await;
    let other = Tracker::start().await;
    let (other_ca, elsewhere) = (other.ca.clone(), format!("{}/elsewhere", scene.tracker.url.trim_end_matches("/rt")));
    type Fields<'a> = &'a [(&'a str, &'a str)];
    let cases: [(Fields<'_>, &str, &str); 12] = [
        (&[("token", "1-14-canary-wrong-token")], "token", "it does not know the token (401)"),
        (&[("token", "")], "token", "missing or shorter than 8 characters"),
        (&[("token", "two canary\nlines")], "token", "no header can carry"),
        (&[("address", "https://localhost:1")], "address", "https://localhost:1 does not answer"),
        (&[("address", &elsewhere)], "address", "no REST 2.0 interface"),
        (&[("address", "rt.example.com")], "address", "https://rt.example.com"),
        (&[("address", "https://169.254.169.254/")], "address", "metadata"),
        (&[("address", "https://ann:canary@localhost/")], "address", "user or password"),
        (&[("address", "http://rt.example.com/")], "in_clear", "begins with http://"),
        (&[("ca", "")], "ca", "certificate"),
        (&[("ca", &other_ca)], "ca", "certificate"),
        (&[("ca", "no certificate")], "ca", "PEM certificates"),
    ];
    for (fields, place, words) in cases {
        for task in ["test", "connect"] {
            let (status, page) = scene.send(task, fields).await;
            assert_eq!(status, 422, "{fields:?}");
            let error = page.split(&format!("id=\"{place}-error\">")).nth(1).unwrap_or_else(|| panic!("{page}"));
            let error = error.split('<').next().unwrap();
            assert!(error.contains(words), "{fields:?}: {error} should say {words}");
            assert!(page.contains("Nothing was stored") && !page.contains("canary-"), "{page}");
            let url =
                fields.iter().find(|(name, _)| *name == "address").map_or(scene.tracker.url.as_str(), |(_, url)| url);
            assert!(page.contains(&format!("value=\"{url}\"")), "{page}");
            assert!(scene.secrets().is_empty() && matches!(scene.desk(), Desk::Demo(_)));
        }
    }
    let (_, page) = scene.send("connect", &[("token", "1-14-canary-wrong-token"), ("in_clear", "on")]).await;
    assert!(page.contains("BEGIN CERTIFICATE") && page.contains("name=\"in_clear\" value=\"on\" checked"), "{page}");
    assert!(page.contains("id=\"token\" name=\"token\" type=\"password\" autocomplete=\"off\""), "{page}");
}

#[tokio::test]
async fn another_address_is_read_only_if_that_was_meant() {
    let mut scene = Scene::new(WORDS).await;
    assert_eq!(scene.send("connect", &[]).await.0, 303);
    let second = Tracker::start().await;
    let (url, ca) = (second.url.clone(), second.ca.clone());
    let (before, sealed) = (scene.desk(), scene.secrets());
    let (status, page) = scene.send("connect", &[("address", &url), ("ca", &ca)]).await;
    assert_eq!(status, 422);
    assert!(page.contains("id=\"replace-error\">This is another address"), "{page}");
    assert_eq!((scene.desk(), scene.secrets()), (before, sealed));
    assert_eq!(scene.send("connect", &[("address", &url), ("ca", &ca), ("replace", "on")]).await.0, 303);
    let Desk::RequestTracker(connected) = scene.desk() else { panic!("it is connected") };
    assert_eq!(connected.address.unwrap().as_str(), url);
    assert_eq!(scene.send("connect", &[("address", &url), ("ca", &ca)]).await.0, 303, "another token for the same");
}

#[tokio::test]
async fn without_a_passphrase_or_a_broker_the_page_says_so_and_nothing_changes() {
    let mut scene = Scene::new(None).await;
    let page = scene.browser.text("/admin/desk").await;
    assert!(page.contains("started without a passphrase"), "{page}");
    let (status, page) = scene.send("connect", &[]).await;
    assert_eq!(status, 422);
    assert!(page.contains("Set DASHBOARD_SECRET_PASSPHRASE") && page.contains(&scene.tracker.url), "{page}");
    assert!(scene.secrets().is_empty() && matches!(scene.desk(), Desk::Demo(_)));

    let alone = Stage::start().await;
    let mut browser = Browser::signed_in(&alone).await;
    let page = browser.text("/admin/desk").await;
    assert!(page.contains("The Broker does not answer on"), "{page}");
    let answer =
        browser.post("/admin/desk", &[("address", "https://rt.example/"), ("token", TOKEN), ("task", "connect")]);
    let page = answer.await.text().await.unwrap();
    assert!(page.contains("The Broker does not answer on") && !page.contains(TOKEN), "{page}");
}

#[tokio::test]
async fn a_desk_that_fails_is_told_with_its_reason() {
    let mut scene = Scene::new(WORDS).await;
    assert_eq!(scene.send("connect", &[]).await.0, 303);
    scene.page_when(|page| page.contains("Read as it should be")).await;
    scene.tracker.answer_with(401);
    let page = scene.page_when(|page| page.contains("does not know the token")).await;
    assert!(page.contains("First seen") && page.contains(" s ago"), "{page}");
    scene.tracker.answer_with(200);
}

#[tokio::test]
async fn the_desk_is_changed_only_by_an_administrator_and_from_our_own_page() {
    let mut scene = Scene::new(WORDS).await;
    let (url, ca) = (scene.tracker.url.clone(), scene.tracker.ca.clone());
    let fields = [("address", url.as_str()), ("token", TOKEN), ("ca", ca.as_str()), ("task", "connect")];
    for path in ["/admin/desk", "/admin/desk/test", "/admin/desk/demo"] {
        assert_eq!(scene.browser.post_from("https://evil.example", path, &fields).await.status(), 403, "{path}");
        let answer = Browser::new(&scene.stage).post(path, &fields).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/admin/sign-in"), "{path}");
    }
    assert!(scene.secrets().is_empty() && matches!(scene.desk(), Desk::Demo(_)));
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_told_before_a_token_is_sent_anywhere() {
    let mut scene = Scene::new(WORDS).await;
    fs::write(scene.stage.data("settings.json"), "{\n\"instance\": 7}").unwrap();
    let (status, page) = scene.send("connect", &[]).await;
    assert_eq!(status, 409);
    assert!(page.contains("settings.json, line 2, column 13"), "{page}");
    assert!(scene.secrets().is_empty());
}
