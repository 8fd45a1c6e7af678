//! Guesses by the thousand, from a thousand addresses, at every door where something can be guessed.

use std::{
    fmt::Display,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use board::wire::Event;
use futures_util::{StreamExt, future::join_all, stream};
use jiff::SignedDuration;

use crate::{
    browser::{Browser, PASSWORD, location},
    stage::{Setup, Stage, within},
    stick::{Stick, pair, type_code},
    streams::Events,
    viewers::{PASSCODE, set_passcode},
};

/// What may be tried by one address at a door of passwords: at once, and one more in so many seconds. As in SECURITY.md.
const BURST_OF_ONE: usize = 8;
const PERIOD_OF_ONE: usize = 15;
/// And by all addresses together, at once.
const BURST: usize = 60;

/// A door at which something can be guessed.
enum Door {
    /// A form that judges what is typed, by its path and field.
    Form(&'static str, &'static str),
    /// An access link, by its path: of browsers, or of screens.
    Link(String),
    /// A pairing code, of which only an administrator's guess counts.
    Code,
}

impl Door {
    /// What may be tried here by all addresses together: at once, and in each second after that. As in SECURITY.md.
    fn budget(&self) -> (usize, f64) {
        match self {
            Self::Form(..) => (BURST, 0.5),
            Self::Link(_) => (500, 5.0),
            Self::Code => (0, 0.0),
        }
    }

    /// One guess; whether it was judged.
    async fn is_judged(&self, browser: &mut Browser, wrong: usize) -> bool {
        let (answer, judged) = match self {
            Self::Form(path, field) => (browser.post(path, &[(field, &format!("wrong {wrong} horse"))]).await, 422),
            Self::Link(path) => {
                let request =
                    browser.client.post(format!("{}{path}", browser.origin)).header("origin", &browser.origin);
                (request.json(&serde_json::json!({"key": format!("{wrong:A>42}A")})).send().await.unwrap(), 404)
            }
            Self::Code => {
                let code = format!("{:03}-AAAA-AAAA", wrong % 1000);
                (browser.post("/admin/screens/add", &[("code", &code), ("board", "overview")]).await, 200)
            }
        };
        match (answer.status().as_u16(), self) {
            (status, _) if status == judged => true,
            (429, _) => false,
            (303, Self::Code) => {
                assert_eq!(location(&answer), "/admin/sign-in");
                false
            }
            (other, _) => panic!("{other}: {}", answer.text().await.unwrap()),
        }
    }
}

/// A browser that comes from an address of its own: all of 127.0.0.0/8 is this machine.
pub fn from(stage: &Stage, number: usize) -> Browser {
    let address = Ipv4Addr::new(127, 1, (number / 250) as u8, (number % 250 + 1) as u8);
    let client = stage.client_builder().local_address(std::net::IpAddr::from(address)).build().unwrap();
    Browser { client, ..Browser::new(stage) }
}

/// So many guesses from so many addresses; how many of them were judged.
async fn guess(stage: &Stage, door: &Door, guesses: usize, addresses: usize) -> usize {
    let each = guesses / addresses;
    let tries = stream::iter(0..addresses).map(|number| async move {
        let mut browser = from(stage, number);
        let mut judged = 0;
        for guess in 0..each {
            judged += usize::from(door.is_judged(&mut browser, number * each + guess).await);
        }
        judged
    });
    tries.buffer_unordered(64).fold(0, async |sum, judged| sum + judged).await
}

/// Makes a link for browsers; its path.
async fn link(stage: &Stage, admin: &mut Browser) -> String {
    let server = stage.url("");
    let fields = [("server", server.as_str()), ("name", "All"), ("board", "overview"), ("hours", "1"), ("uses", "1")];
    let page = admin.post("/admin/screens/links/share", &fields).await.text().await.unwrap();
    let id = page.split("/s/").nth(1).unwrap().split('#').next().unwrap();
    format!("/s/{id}")
}

/// Guesses at a door, and looks that the budget is kept, and not stricter than it says.
async fn assert_holds(stage: &Stage, name: impl Display, door: &Door, guesses: usize, addresses: usize) {
    let started = Instant::now();
    let judged = guess(stage, door, guesses, addresses).await;
    let (burst, per_second) = door.budget();
    let budget = burst + (started.elapsed().as_secs_f64() * per_second).ceil() as usize;
    assert!(judged <= budget, "{judged} of {guesses} guesses were judged at the door {name}; {budget} may be");
    let least = burst.min(guesses).saturating_sub(10);
    assert!(judged >= least, "{judged} at the door {name}: somebody was refused before the budget was used");
}

async fn doors_hold(guesses: usize, addresses: usize, guesses_of_keys: usize) {
    let stage = Setup::new().with("NEXUS_CONNECTIONS", "20000").start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    let (stick, paired) = pair(&stage, &mut admin).await;
    let token = stick.token(&paired).await.unwrap().access_token;
    set_passcode(&mut admin, PASSCODE).await;
    let mut screen = Events::new(stick.stream("overview", &token).await);
    assert!(matches!(screen.event().await.1, Event::Board(_)));
    let waiting = Stick::new(&stage);
    let open = waiting.open().await;

    let doors = [
        (Door::Form("/admin/sign-in", "password"), guesses),
        (Door::Form("/sign-in", "passcode"), guesses),
        (Door::Link(link(&stage, &mut admin).await), guesses_of_keys),
        (Door::Code, guesses),
    ];
    for (number, (door, guesses)) in doors.iter().enumerate() {
        assert_holds(&stage, number, door, *guesses, addresses).await;

        // Who is signed in, who signs in from where administrators do, and the wall, notice nothing.
        let asked = Instant::now();
        assert_eq!(admin.get("/admin/screens").await.status(), 200);
        assert_eq!(admin.get("/admin/access/password").await.status(), 200);
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        let changed = [("current", PASSWORD), ("password", PASSWORD), ("password_again", PASSWORD)];
        assert_eq!(admin.post("/admin/access/password", &changed).await.status(), 303);
        assert_eq!(Browser::new(&stage).post("/admin/sign-in", &[("password", PASSWORD)]).await.status(), 303);
        stage.desk.set_open(100 + number);
        while screen.event().await.1.name() != "panel" {}
        assert_eq!(stick.token(&paired).await.unwrap().token_type, "Bearer");
    }
    // The code that waited all the time is as good as new.
    type_code(&mut admin, &open.code().shown()).await;
    assert!(waiting.answer(open).await.is_some());
}

/// Somebody tries to sign in, whom a trusted proxy brings from this address.
async fn sign_in_from(stage: &Stage, address: &str, password: &str) -> u16 {
    let request = stage.client().post(stage.url("/admin/sign-in")).header("origin", stage.url(""));
    let request = request.header("x-forwarded-for", address).form(&[("password", password)]);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn who_uses_up_the_ceiling_locks_out_nobody_who_signed_in_from_there_lately() {
    let setup = Setup::new().with("TRUSTED_PROXIES", "127.0.0.1");
    let stage = setup.start().await;
    Browser::signed_in(&stage).await;
    let familiar = "198.51.100.7";
    assert_eq!(sign_in_from(&stage, familiar, PASSWORD).await, 303);
    // After a restart too: the log knows from where administrators came.
    let (folder, clock) = (stage.folder.clone(), stage.clock.clone());
    stage.server.stop().await;
    let stage = Setup { folder, clock, ..Setup::new().with("TRUSTED_PROXIES", "127.0.0.1") }.start().await;
    let started = Instant::now();
    let mut judged = 0;
    for number in 0..100 {
        judged += usize::from(sign_in_from(&stage, &format!("203.0.113.{number}"), "wrong horse").await == 422);
    }
    let budget = BURST + (started.elapsed().as_secs_f64() / 2.0).ceil() as usize;
    assert!((BURST..=budget.min(99)).contains(&judged), "{judged} were judged; {budget} may be");
    let strangers =
        ["203.0.113.200", "203.0.113.201", "203.0.113.202"].map(|from| sign_in_from(&stage, from, PASSWORD));
    // One more is let in every two seconds.
    assert!(join_all(strangers).await.contains(&429), "a stranger's right password has to wait");
    assert_eq!(sign_in_from(&stage, familiar, PASSWORD).await, 303);
    assert_eq!(sign_in_from(&stage, "127.0.0.1", PASSWORD).await, 303, "this machine");
    // What is in reserve is no door for guesses either.
    let tried = (0..8).map(|_| sign_in_from(&stage, familiar, "wrong horse"));
    assert!(join_all(tried).await.contains(&429));
}

#[tokio::test]
async fn who_was_refused_stands_in_the_audit_log_once_for_all() {
    let stage = Setup::new().start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    set_passcode(&mut admin, PASSCODE).await;
    for _ in 0..10 {
        from(&stage, 1).post("/admin/sign-in", &[("password", "wrong horse battery")]).await;
    }
    from(&stage, 2).post("/admin/sign-in", &[("password", "wrong horse battery")]).await;
    from(&stage, 3).post("/sign-in", &[("passcode", "wrong horse")]).await;
    let link = stage.client().post(stage.url("/api/v1/links/AAAAAAAAAAAA")).body("x");
    drop(link.send().await.unwrap());
    stage.clock.advance(SignedDuration::from_mins(10));
    let page = within(async {
        loop {
            let page = admin.text("/admin/audit?filter=strangers").await;
            if page.contains("passcode:") && page.contains("sign-in:") {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert!(page.contains("sign-in: 9 wrong, 2 too often, from 2 addresses, this one the most"), "{page}");
    assert!(page.contains("127.1.0.2") && page.contains("passcode: 1 wrong, 0 too often, from one address"), "{page}");
    assert_eq!(page.matches("Strangers refused").count(), 2, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_many_addresses_stay_within_the_budget_and_nobody_else_notices() {
    doors_hold(400, 100, 900).await;
}

/// The one door of a new server.
async fn the_setup_code_holds(guesses: usize, addresses: usize) {
    let stage = Setup::new().with("NEXUS_CONNECTIONS", "20000").start().await;
    let door = Door::Form("/admin/sign-in", "setup_code");
    assert_holds(&stage, "of the setup code", &door, guesses, addresses).await;
    // From the server's own machine, where its console is.
    Browser::signed_in(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_setup_code_stay_within_the_budget_and_lock_out_nobody_who_reads_the_console() {
    the_setup_code_holds(400, 100).await;
}

/// Minutes: in `scripts/test --all`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --all"]
async fn ten_thousand_guesses_from_a_thousand_addresses_stay_within_the_budget() {
    doors_hold(10_000, 1_000, 10_000).await;
    the_setup_code_holds(10_000, 1_000).await;
}

/// The value of a metric.
async fn metric(stage: &Stage, name: &str) -> u64 {
    let text = stage.get("/metrics").await.text().await.unwrap();
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_requests_that_are_reset_two_hash_at_a_time() {
    const ADDRESSES: usize = 7;
    let stage = Setup::new().with("NEXUS_METRICS_NETWORKS", "127.0.0.1").start().await;
    Browser::signed_in(&stage).await;
    let strangers = (1..=ADDRESSES).map(|number| from(&stage, number)).collect::<Vec<_>>();
    for stranger in &strangers {
        assert_eq!(stranger.get("/admin/sign-in").await.status(), 200);
    }
    let resetting = tokio::spawn(join_all(strangers.into_iter().map(|mut stranger| async move {
        for _ in 0..BURST_OF_ONE {
            let fields = [("password", "wrong horse battery")];
            // Dropped, it sends RST_STREAM.
            let reset = tokio::time::timeout(Duration::from_millis(40), stranger.post("/admin/sign-in", &fields));
            drop(reset.await);
        }
    })));
    let mut most = 0;
    while !resetting.is_finished() || metric(&stage, "nexus_password_hashes_under_way").await > 0 {
        most = most.max(metric(&stage, "nexus_password_hashes_under_way").await);
    }
    let hashed = metric(&stage, "nexus_password_hashes_total").await;
    assert!(hashed > 10, "{hashed} hashes only: the requests were reset before they arrived");
    assert!(most <= 2, "{most} hashes at a time");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_that_come_at_once_are_each_counted() {
    let stage = Setup::new().start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    set_passcode(&mut admin, PASSCODE).await;
    // Over so many connections, of 32 requests at once each, that all of them are under way together.
    let strangers = (0..32).map(|_| from(&stage, 1)).collect::<Vec<_>>();
    for stranger in &strangers {
        assert_eq!(stranger.get("/sign-in").await.status(), 200);
    }
    let started = Instant::now();
    let statuses = join_all((0..1_000).map(|number| {
        let mut stranger = strangers[number % strangers.len()].clone();
        async move { stranger.post("/sign-in", &[("passcode", "wrong horse")]).await.status().as_u16() }
    }))
    .await;
    let judged = statuses.iter().filter(|status| **status == 422).count();
    let budget = BURST_OF_ONE + started.elapsed().as_secs() as usize / PERIOD_OF_ONE + 1;
    assert!((BURST_OF_ONE..=budget).contains(&judged), "{judged} of a thousand at once were judged; {budget} may be");
    assert!(statuses.iter().all(|status| matches!(status, 422 | 429)));
}
