//! Keys that are replaced, and two devices that have one.

use std::time::{Duration, Instant};

use board::wire::Event;
use futures_util::{StreamExt, future::join_all, stream};
use jiff::{SignedDuration, Timestamp};
use pairing::{
    DeviceKey, Entropy,
    device::Paired,
    rotation::{Rotation, device::Ring},
    session::{Denial, DenialCode, Token},
};
use serde_json::{Value, json};
use sqlx::{Connection, query_as, query_scalar, sqlite::SqliteConnection};

use crate::{
    browser::Browser,
    stage::{Setup, Stage},
    stick::{Stick, pair},
    streams::Events,
};

/// A paired stick that replaces its key as a real one does, but when it is told to.
pub struct Device {
    pub stick: Stick,
    pub paired: Paired,
    pub ring: Ring,
}

fn entropy() -> Entropy {
    Entropy::system().unwrap()
}

impl Device {
    pub fn new(stick: Stick, paired: Paired) -> Self {
        let ring = Ring::new(stick.key.clone());
        Self { stick, paired, ring }
    }

    /// Another device with the same card.
    fn copied(&self) -> Self {
        let stick =
            Stick { client: self.stick.client.clone(), origin: self.stick.origin.clone(), key: self.stick.key.clone() };
        Self { stick, paired: self.paired.clone(), ring: self.ring.clone() }
    }

    /// The same one, at a server that was restarted.
    fn at(self, stage: &Stage) -> Self {
        Self { stick: Stick { key: self.stick.key, ..Stick::new(stage) }, ..self }
    }

    async fn session(&mut self) -> Result<Token, Denial> {
        let answer = self.stick.token_under(self.ring.signing(), &self.paired).await;
        if answer.is_ok() {
            self.ring.granted(Timestamp::now().as_second(), Instant::now(), &entropy());
        }
        answer
    }

    /// Draws its next key, as if the present one were a month old. Nothing of the last one keeps it from that.
    fn draws(&mut self) {
        let (device, machine) = (self.paired.device, pairing::MachineKey::draw(&entropy()));
        let present = self.ring.present().seal(&machine, &entropy()).open(&machine).unwrap();
        self.ring = self.ring.seal(device, &machine, &entropy()).open(present, &machine).unwrap();
        self.ring.granted(0, Instant::now(), &entropy());
        self.ring.granted(Timestamp::now().as_second(), Instant::now(), &entropy());
        assert!(self.ring.wants_to_rotate(Instant::now()));
    }

    async fn rotation(&mut self) -> Rotation {
        let nonce = self.stick.nonce().await;
        self.ring.rotate(&self.paired, nonce, Instant::now()).unwrap()
    }

    /// Posts it, and hears of it.
    async fn posts(&mut self, rotation: &Rotation) -> (u16, Value) {
        let answer = post(&self.stick, rotation).await;
        if answer.0 != 200 {
            self.ring.declined();
        }
        answer
    }

    /// Goes on to the next generation.
    pub async fn goes_on(&mut self) -> Token {
        self.draws();
        let rotation = self.rotation().await;
        assert_eq!(self.posts(&rotation).await, (200, json!({"generation": rotation.generation})));
        self.session().await.unwrap()
    }
}

/// Posts it; status and code, or what else came back.
async fn post(stick: &Stick, rotation: &Rotation) -> (u16, Value) {
    let answer = stick.client.post(stick.url("/api/v1/keys")).json(rotation).send().await.unwrap();
    let (status, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
    (status, if status == 200 { body } else { body["code"].clone() })
}

async fn closed() -> Stage {
    Setup::new().with("NEXUS_OPEN_READ", "nobody").start().await
}

/// A stage with a paired device.
async fn with_device(stage: &Stage) -> (Browser, Device) {
    let mut browser = Browser::signed_in(stage).await;
    let (stick, paired) = pair(stage, &mut browser).await;
    let mut device = Device::new(stick, paired);
    device.session().await.unwrap();
    (browser, device)
}

async fn restart(stage: Stage) -> Stage {
    let setup = Setup { folder: stage.folder.clone(), clock: stage.clock.clone(), ..Setup::new() };
    stage.server.stop().await;
    setup.with("NEXUS_OPEN_READ", "nobody").start().await
}

async fn database(stage: &Stage) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", stage.data("nexus.db").display())).await.unwrap()
}

async fn count(stage: &Stage, sql: &'static str) -> i64 {
    query_scalar(sql).fetch_one(&mut database(stage).await).await.unwrap()
}

async fn refused(device: &mut Device) -> DenialCode {
    device.session().await.unwrap_err().code
}

#[tokio::test]
async fn a_key_is_replaced_over_restarts_of_the_server_and_the_present_one_holds_until_the_next_was_used() {
    let stage = closed().await;
    let (_, mut device) = with_device(&stage).await;
    let mut hesitant = device.copied();
    device.draws();
    let rotation = device.rotation().await;
    assert_eq!(device.posts(&rotation).await, (200, json!({"generation": 1})));
    let stage = restart(stage).await;
    let (mut device, mut copied) = (device.at(&stage), hesitant.copied().at(&stage));
    hesitant = hesitant.at(&stage);
    copied.session().await.unwrap();
    hesitant.session().await.unwrap();
    assert_eq!(count(&stage, "SELECT generation FROM screens").await, 0);

    let token = device.session().await.unwrap();
    assert_eq!(device.ring.generation(), 1);
    assert_eq!(device.stick.read("overview", &token.access_token).await.status(), 200);
    let row: (i64, String, Option<String>) = query_as("SELECT generation, device_key, next_key FROM screens")
        .fetch_one(&mut database(&stage).await)
        .await
        .unwrap();
    assert_eq!(row, (1, device.ring.present().public().to_string(), None));

    let stage = restart(stage).await;
    let mut device = device.at(&stage);
    device.session().await.unwrap();
    stage.clock.advance(SignedDuration::from_hours(25));
    device.goes_on().await;
    assert_eq!(count(&stage, "SELECT COUNT(*) FROM replaced_keys").await, 2);
}

#[tokio::test]
async fn two_devices_of_one_identity_are_noticed_and_neither_reads_on() {
    let stage = closed().await;
    let (mut browser, mut device) = with_device(&stage).await;
    let mut copy = device.copied();
    let mut streams = Vec::new();
    for device in [&mut device, &mut copy] {
        let token = device.session().await.unwrap().access_token;
        let mut events = Events::new(device.stick.stream("overview", &token).await);
        assert!(matches!(events.event().await.1, Event::Board(_)));
        streams.push((token, events));
    }
    // The copy replaces the key; both read on with the tokens that they have.
    let newest = copy.goes_on().await.access_token;
    assert_eq!(device.stick.read("overview", &streams[0].0).await.status(), 200);

    assert_eq!(refused(&mut device).await, DenialCode::Suspended);
    let suspended = Instant::now();
    for (token, events) in &mut streams {
        while events.next().await.is_some() {}
        assert!(suspended.elapsed() < Duration::from_secs(1), "{:?}", suspended.elapsed());
        assert_eq!(device.stick.read("overview", token).await.status(), 401);
    }
    assert_eq!(device.stick.read("overview", &newest).await.status(), 401);
    assert_eq!(refused(&mut copy).await, DenialCode::Suspended);
    copy.draws();
    let rotation = copy.rotation().await;
    assert_eq!(copy.posts(&rotation).await, (401, json!("suspended")));

    let screen = format!("/admin/screens/{}", device.paired.payload.screen.id);
    let list = browser.text("/admin/screens").await;
    assert!(list.contains("Suspended: two devices use its identity") && list.contains("1 suspended"), "{list}");
    assert!(list.contains(&format!("<a href=\"{screen}\">What to do")), "{list}");
    let page = browser.text(&screen).await;
    for words in ["two devices use this screen’s identity", "Remove this screen, then add the right device again"] {
        assert!(page.contains(words), "{page}");
    }
    // Nobody can be told anything, and hears nothing.
    assert!(!page.contains("Tell it"), "{page}");
    let told = browser.post(&format!("{screen}/commands"), &[("command", "identify")]).await;
    assert_eq!(told.status(), 409);
    let commands = device.stick.client.get(device.stick.url("/api/v1/commands"));
    assert_eq!(commands.bearer_auth(&newest).send().await.unwrap().status(), 401);
    // Another board does not bring it back, nor does a restart.
    assert_eq!(browser.post(&screen, &[("name", "Reception"), ("board", "team")]).await.status(), 303);
    let stage = restart(stage).await;
    let (mut device, mut copy) = (device.at(&stage), copy.at(&stage));
    for device in [&mut device, &mut copy] {
        assert_eq!(refused(device).await, DenialCode::Suspended);
    }

    let mut browser = Browser::new(&stage);
    browser.post("/admin/sign-in", &[("password", crate::browser::PASSWORD)]).await;
    assert_eq!(browser.post(&format!("{screen}/remove"), &[]).await.status(), 303);
    assert_eq!(refused(&mut device).await, DenialCode::UnknownDevice);
    assert_eq!(count(&stage, "SELECT COUNT(*) FROM replaced_keys").await, 0);
    // The right one is added anew.
    let (stick, paired) = pair(&stage, &mut browser).await;
    Device::new(stick, paired).session().await.unwrap();
}

#[tokio::test]
async fn people_hear_of_a_suspended_screen_once() {
    let stage = Setup::new().with("NEXUS_METRICS_NETWORKS", "127.0.0.1").start().await;
    let (browser, mut device) = with_device(&stage).await;
    let copies = (0..8).map(|_| device.copied()).collect::<Vec<_>>();
    device.goes_on().await;
    let answers = join_all(copies.into_iter().map(|mut copy| async move { refused(&mut copy).await })).await;
    assert!(answers.iter().all(|code| *code == DenialCode::Suspended), "{answers:?}");

    let screen = device.paired.payload.screen.id.to_string();
    let log: Vec<(String, String)> = query_as("SELECT actor, subject FROM audit WHERE action = 'screen_suspended'")
        .fetch_all(&mut database(&stage).await)
        .await
        .unwrap();
    assert_eq!(log, [(format!("device {}", device.paired.device), screen)]);
    let bodies: Vec<(String,)> =
        query_as("SELECT body FROM alerts").fetch_all(&mut database(&stage).await).await.unwrap();
    let [(body,)] = bodies.as_slice() else { panic!("{bodies:?}") };
    let alert: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&alert["type"], &alert["data"]["rule"]), (&json!("alert.raised"), &json!("screen_suspended")));
    assert_eq!(alert["data"]["summary"], "The screen “Reception” is suspended: two devices use its identity");
    let page = browser.text("/admin/alerts").await;
    assert!(page.contains("The screen “Reception” is suspended"), "{page}");
    let metrics = stage.get("/metrics").await.text().await.unwrap();
    assert!(metrics.lines().any(|line| line == "nexus_suspended_screens 1"), "{metrics}");
}

#[tokio::test]
async fn what_is_handed_in_wrongly_is_refused_with_a_code_and_changes_nothing() {
    let stage = closed().await;
    let (mut browser, mut device) = with_device(&stage).await;
    let (stick, paired) = pair(&stage, &mut browser).await;
    let mut other = Device::new(stick, paired);
    other.session().await.unwrap();
    other.draws();
    let mut astray = device.copied();
    device.draws();
    let rotation = device.rotation().await;
    let foreign = other.rotation().await;
    let (id, screen) = (device.paired.device, device.paired.payload.screen.id);
    for (forged, status, code) in [
        (Rotation { version: 2, ..rotation.clone() }, 400, "other_version"),
        (Rotation { device: uuid::Uuid::new_v4(), ..rotation.clone() }, 401, "unknown_device"),
        (Rotation { device: other.paired.device, ..rotation.clone() }, 401, "invalid_signature"),
        (Rotation { device: id, screen, ..foreign.clone() }, 401, "invalid_signature"),
        (
            Rotation { next_key: foreign.next_key, by_next: foreign.by_next, ..rotation.clone() },
            401,
            "invalid_signature",
        ),
        (Rotation { by_present: rotation.by_next, ..rotation.clone() }, 401, "invalid_signature"),
        (Rotation { generation: 0, ..rotation.clone() }, 409, "other_generation"),
        (Rotation { generation: 7, ..rotation.clone() }, 409, "other_generation"),
    ] {
        assert_eq!(post(&device.stick, &forged).await, (status, json!(code)), "{forged:?}");
    }
    // Rightly signed, for the screen that the other device fills.
    astray.paired.payload.screen = other.paired.payload.screen.clone();
    astray.draws();
    let for_another = astray.rotation().await;
    assert_eq!(post(&astray.stick, &for_another).await, (409, json!("other_screen")));
    assert_eq!(count(&stage, "SELECT COUNT(*) FROM screens WHERE next_key IS NOT NULL OR generation > 0").await, 0);

    assert_eq!(post(&device.stick, &rotation).await.0, 200, "none of them spent the nonce");
    assert_eq!(post(&device.stick, &rotation).await, (401, json!("stale_nonce")), "a replay");
    device.session().await.unwrap();
    device.draws();
    let again = device.rotation().await;
    assert_eq!(post(&device.stick, &again).await, (409, json!("too_soon")));
    assert_eq!(post(&device.stick, &rotation).await, (401, json!("stale_nonce")), "a replay after it was taken");
    assert_eq!(count(&stage, "SELECT COUNT(*) FROM screens WHERE suspended_at IS NOT NULL").await, 0);

    let url = stage.url("/api/v1/keys");
    for (body, status) in [("{}", 422), ("nothing", 400), ("{\"version\":1}", 422)] {
        let request = stage.client().post(&url).header("content-type", "application/json").body(body);
        assert_eq!(request.send().await.unwrap().status(), status, "{body}");
    }
}

#[tokio::test]
async fn an_earlier_generation_that_is_handed_in_again_gives_the_copy_away() {
    let stage = closed().await;
    let (_, mut device) = with_device(&stage).await;
    let mut copy = device.copied();
    device.goes_on().await;
    copy.draws();
    let rotation = copy.rotation().await;
    assert_eq!(copy.posts(&rotation).await, (401, json!("suspended")));
    assert_eq!(count(&stage, "SELECT COUNT(*) FROM screens WHERE suspended_at IS NOT NULL").await, 1);
    assert_eq!(refused(&mut device).await, DenialCode::Suspended);
}

#[tokio::test]
async fn screens_of_a_database_from_before_go_on() {
    let stage = closed().await;
    let (_, device) = with_device(&stage).await;
    let (folder, clock) = (stage.folder.clone(), stage.clock.clone());
    let mut older = database(&stage).await;
    stage.server.stop().await;
    for statement in [
        "ALTER TABLE screens DROP COLUMN generation",
        "ALTER TABLE screens DROP COLUMN next_key",
        "ALTER TABLE screens DROP COLUMN key_since",
        "ALTER TABLE screens DROP COLUMN suspended_at",
        "DROP TABLE replaced_keys",
        "DELETE FROM _sqlx_migrations WHERE version = 5",
    ] {
        sqlx::query(statement).execute(&mut older).await.unwrap();
    }
    older.close().await.unwrap();
    let stage = Setup { folder, clock, ..Setup::new() }.with("NEXUS_OPEN_READ", "nobody").start().await;
    let mut device = device.at(&stage);
    device.session().await.unwrap();
    device.goes_on().await;
    assert_eq!(count(&stage, "SELECT generation FROM screens").await, 1);
}

#[tokio::test]
async fn a_stranger_suspends_nobody() {
    let stage = closed().await;
    let (_, mut device) = with_device(&stage).await;
    device.goes_on().await;
    let stranger = DeviceKey::draw(&entropy());
    let denied = device.stick.token_under(&stranger, &device.paired).await.unwrap_err();
    assert_eq!(denied.code, DenialCode::InvalidAssertion);
    device.session().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn handing_keys_in_is_throttled_like_sessions() {
    let stage = closed().await;
    let (client, url) = (stage.client(), stage.url("/api/v1/keys"));
    let posts = stream::iter(0..3_000).map(|_| {
        let request = client.post(&url).header("content-type", "application/json").body("{}");
        async { request.send().await.unwrap().status().as_u16() }
    });
    let answers = posts.buffer_unordered(64).collect::<Vec<_>>().await;
    let judged = answers.iter().filter(|status| **status == 422).count();
    assert!((2_000..3_000).contains(&judged), "{judged} of 3000");
    assert!(answers.iter().all(|status| matches!(status, 422 | 429)));
}
