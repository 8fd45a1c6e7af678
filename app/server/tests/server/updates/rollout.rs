//! Whose turn it is, and what screens say.

use device::fleet::{Candidates, Health, Slot, Turn, UpdateFailure, UpdateState};
use jiff::{SignedDuration, Timestamp};
use pairing::device::Paired;
use updates::Seed;

use super::vendor::{COMPATIBLE, Vendor, name};
use crate::{
    browser::Browser,
    stage::{Stage, within},
    stick::{Stick, pair},
};

/// A paired screen with its token.
pub struct Screen {
    pub stick: Stick,
    paired: Paired,
    pub token: String,
}

impl Screen {
    pub async fn new(stage: &Stage, browser: &mut Browser) -> Self {
        let (stick, paired) = pair(stage, browser).await;
        let token = stick.token(&paired).await.unwrap().access_token;
        Self { stick, paired, token }
    }

    /// The same one, with a token of a server that was started again.
    pub async fn again(self, stage: &Stage) -> Self {
        let stick = Stick { client: stage.client(), origin: stage.url(""), key: self.stick.key };
        let token = stick.token(&self.paired).await.unwrap().access_token;
        Self { stick, token, ..self }
    }

    async fn turn(&self, seed: u16) -> Turn {
        let ask = Candidates {
            compatible: name(COMPATIBLE),
            running: "1.0.0".parse().unwrap(),
            seed: Seed::draw(seed),
            versions: vec!["1.1.0".parse().unwrap()],
        };
        let request = self.stick.client.post(self.stick.url("/api/v1/update")).bearer_auth(&self.token).json(&ask);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    async fn why(&self) -> String {
        match self.turn(0).await {
            Turn::Held { why } => why,
            granted => panic!("{granted:?}"),
        }
    }

    async fn tell(&self, health: &Health) {
        let request = self.stick.client.post(self.stick.url("/api/v1/health")).bearer_auth(&self.token).json(health);
        assert_eq!(request.send().await.unwrap().status(), 204);
    }

    pub fn page(&self) -> String {
        format!("/admin/screens/{}", self.paired.payload.screen.id)
    }
}

fn healthy(version: &str) -> Health {
    Health {
        version: version.parse().unwrap(),
        compatible: Some(name(COMPATIBLE)),
        slot: Some(Slot::A),
        uptime: 100,
        update: UpdateState::Current,
        failure: None,
    }
}

fn failed() -> Health {
    let failure = UpdateFailure {
        version: "1.1.0".parse().unwrap(),
        reason: "the new slot did not <b>start</b>".to_owned(),
        at: Timestamp::now(),
    };
    Health { failure: Some(failure), ..healthy("1.0.0") }
}

/// A server that offers 1.1.0.
async fn offering() -> (Stage, Browser, Vendor) {
    let stage = Stage::start().await;
    let browser = Browser::signed_in(&stage).await;
    let vendor = Vendor::new().await;
    vendor.publish("1.1.0").await;
    vendor.bring(&stage, &vendor.repository()).await.unwrap();
    (stage, browser, vendor)
}

/// Fills in the form of the rules, and waits until the server holds to it.
async fn choose(stage: &Stage, browser: &mut Browser, fields: &[(&str, &str)]) {
    let form = browser.text("/admin/updates/rules").await;
    let seen = form.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut sent = vec![("seen", seen)];
    sent.extend_from_slice(fields);
    let answer = browser.post("/admin/updates/rules", &sent).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    let before = browser.text("/admin/updates").await;
    within(async {
        // The file is followed within a second.
        let mut looks = tokio::time::interval(std::time::Duration::from_millis(50));
        for look in 0.. {
            looks.tick().await;
            if browser.text("/admin/updates").await != before || look > 40 {
                return;
            }
        }
    })
    .await;
    assert_eq!(stage.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn a_screen_hears_when_its_turn_begins() {
    let (stage, mut browser, _) = offering().await;
    let screen = Screen::new(&stage, &mut browser).await;
    let Turn::Granted { version, eligible_at, window: None } = screen.turn(0).await else { panic!("granted") };
    assert_eq!(version.to_string(), "1.1.0");
    assert!(eligible_at <= Timestamp::now());
    let Turn::Granted { eligible_at: later, .. } = screen.turn(2000).await else { panic!("granted") };
    assert_eq!(later.duration_since(eligible_at), SignedDuration::from_hours(48));
}

#[tokio::test]
async fn an_administrator_pauses_pins_and_sets_a_window() {
    let (stage, mut browser, _) = offering().await;
    let screen = Screen::new(&stage, &mut browser).await;
    choose(&stage, &mut browser, &[("paused", "on"), ("halt", "20")]).await;
    assert!(screen.why().await.contains("paused"));
    choose(&stage, &mut browser, &[("pin", "1.0.5"), ("halt", "20")]).await;
    assert_eq!(screen.why().await, "this server keeps screens at 1.0.5");
    choose(&stage, &mut browser, &[("from", "02:00"), ("to", "04:00"), ("at_once", "on"), ("halt", "20")]).await;
    let Turn::Granted { window: Some(window), eligible_at, .. } = screen.turn(2000).await else { panic!("granted") };
    assert!(eligible_at <= Timestamp::now());
    assert_eq!(window.closes_at.duration_since(window.opens_at).as_hours(), 2);
    let refused = browser.post("/admin/updates/rules", &[("seen", "x"), ("halt", "20")]).await;
    assert_eq!(refused.status(), 409);
}

#[tokio::test]
async fn a_form_with_mistakes_saves_nothing_and_marks_them() {
    let (_stage, mut browser, _) = offering().await;
    let form = browser.text("/admin/updates/rules").await;
    let seen = form.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    for (field, text, words) in [
        ("pin", "newest", "Write a version like 1.4.0"),
        ("halt", "0", "Write a whole number from 1 to 100"),
        ("from", "02:00", "Say until when"),
        ("groups", "lobby, a group whose name is longer than anybody would write it", "1 to 32 characters"),
    ] {
        let mut fields = vec![("seen", seen), (field, text)];
        if field != "halt" {
            fields.push(("halt", "20"));
        }
        let answer = browser.post("/admin/updates/rules", &fields).await;
        assert_eq!(answer.status(), 422, "{field}");
        assert!(answer.text().await.unwrap().contains(words), "{field}");
    }
}

#[tokio::test]
async fn one_screen_is_held_back_and_let_go() {
    let (stage, mut browser, _) = offering().await;
    let (held, other) = (Screen::new(&stage, &mut browser).await, Screen::new(&stage, &mut browser).await);
    let path = format!("{}/updates", held.page());
    assert_eq!(browser.post(&path, &[("held", "yes")]).await.status(), 303);
    assert!(held.why().await.contains("holds this screen back"));
    assert!(matches!(other.turn(0).await, Turn::Granted { .. }));
    assert!(browser.text(&held.page()).await.contains("Updates are held back from this screen"));
    assert_eq!(browser.post(&path, &[("held", "no")]).await.status(), 303);
    assert!(matches!(held.turn(0).await, Turn::Granted { .. }));
}

#[tokio::test]
async fn an_update_begins_with_the_groups_that_an_administrator_names() {
    let (stage, mut browser, _) = offering().await;
    let (lobby, other) = (Screen::new(&stage, &mut browser).await, Screen::new(&stage, &mut browser).await);
    let form = [("name", "Reception"), ("board", "overview"), ("group", " Lobby ")];
    assert_eq!(browser.post(&lobby.page(), &form).await.status(), 303);
    assert!(browser.text("/admin/screens").await.contains("<dt>Group</dt><dd>Lobby</dd>"));
    let page = browser.text(&other.page()).await;
    assert!(page.contains("<option value=\"Lobby\">"), "a group that there is can be chosen: {page}");

    choose(&stage, &mut browser, &[("groups", "lobby, Training, LOBBY"), ("halt", "20")]).await;
    let rules = browser.text("/admin/updates").await;
    assert!(rules.contains("Only lobby (1 screen), Training (0 screens)"), "{rules}");
    assert!(matches!(lobby.turn(0).await, Turn::Granted { .. }));
    assert_eq!(other.why().await, "only these groups of screens update at the moment: lobby, Training");

    // The group outlives a restart, and goes where somebody leaves it out.
    let stage = stage.restart().await;
    browser.origin = stage.url("");
    browser.client = stage.client();
    let (lobby, other) = (lobby.again(&stage).await, other.again(&stage).await);
    assert!(matches!(lobby.turn(0).await, Turn::Granted { .. }));
    let form = [("name", "Reception"), ("board", "overview"), ("group", "")];
    assert_eq!(browser.post(&lobby.page(), &form).await.status(), 303);
    assert!(lobby.why().await.contains("only these groups"));
    choose(&stage, &mut browser, &[("groups", ""), ("halt", "20")]).await;
    assert!(matches!(other.turn(0).await, Turn::Granted { .. }));
}

#[tokio::test]
async fn a_group_with_a_name_that_is_none_is_refused_and_what_was_written_stays_in_the_form() {
    let (stage, mut browser, _) = offering().await;
    let screen = Screen::new(&stage, &mut browser).await;
    let form = [("name", "Reception"), ("board", "overview"), ("group", "one, two")];
    let answer = browser.post(&screen.page(), &form).await;
    assert_eq!(answer.status(), 422);
    let page = answer.text().await.unwrap();
    assert!(
        page.contains("A group has 1 to 32 characters, and no comma.") && page.contains("value=\"one, two\""),
        "{page}"
    );
}

#[tokio::test]
async fn failures_halt_a_release_and_the_pages_say_why() {
    let (stage, mut browser, _) = offering().await;
    let mut screens = Vec::new();
    for _ in 0..3 {
        screens.push(Screen::new(&stage, &mut browser).await);
    }
    screens[0].tell(&failed()).await;
    assert!(matches!(screens[2].turn(0).await, Turn::Granted { .. }), "one alone may have troubles of its own");
    screens[1].tell(&failed()).await;
    assert!(screens[2].why().await.contains("is halted: 2 of 2 screens"));
    let updates = browser.text("/admin/updates").await;
    assert!(updates.contains("Halted: it failed on too many screens"), "{updates}");
    let page = browser.text(&screens[0].page()).await;
    assert!(page.contains("did not &#60;b&#62;start") || page.contains("did not &lt;b&gt;start"), "{page}");
    assert!(browser.text("/admin/screens").await.contains("Its updates need somebody"));
    // One that is removed counts no more.
    assert_eq!(browser.post(&format!("{}/remove", screens[0].page()), &[]).await.status(), 303);
    assert!(matches!(screens[2].turn(0).await, Turn::Granted { .. }));
}

#[tokio::test]
async fn what_a_screen_said_is_on_its_page_and_outlives_a_restart() {
    let (stage, mut browser, _) = offering().await;
    let screen = Screen::new(&stage, &mut browser).await;
    assert!(browser.text(&screen.page()).await.contains("It has not said yet what it runs"));
    let eligible_at = Timestamp::now() + SignedDuration::from_hours(48);
    let update = UpdateState::Waiting { version: "1.1.0".parse().unwrap(), eligible_at };
    screen.tell(&Health { update, ..healthy("1.0.0") }).await;
    let page = browser.text(&screen.page()).await;
    for words in ["1.0.0, from slot A", "1.1.0 waits for its turn", "Eligible at"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let stage = stage.restart().await;
    browser.origin = stage.url("");
    browser.client = stage.client();
    assert!(browser.text(&screen.page()).await.contains("1.0.0, from slot A"));
}

#[tokio::test]
async fn only_a_paired_screen_asks_and_tells() {
    let stage = Stage::start().await;
    let client = stage.client();
    for path in ["/api/v1/update", "/api/v1/health"] {
        let answer = client.post(stage.url(path)).json(&healthy("1.0.0")).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        let forged = client.post(stage.url(path)).bearer_auth("x").json(&healthy("1.0.0")).send().await.unwrap();
        assert_eq!(forged.status(), 401, "{path}");
    }
}

#[tokio::test]
async fn what_a_screen_says_is_bounded() {
    let (stage, mut browser, _) = offering().await;
    let screen = Screen::new(&stage, &mut browser).await;
    let mut health = failed();
    health.failure.as_mut().unwrap().reason = "x".repeat(501);
    let request = stage.client().post(stage.url("/api/v1/health")).bearer_auth(&screen.token).json(&health);
    assert_eq!(request.send().await.unwrap().status(), 422);
    assert!(browser.text(&screen.page()).await.contains("It has not said yet what it runs"));
}
