//! Screens: paired by a code, signed in by their key, removed by an administrator.

use std::time::{Duration, Instant};

use board::wire::Event;
use jiff::SignedDuration;
use pairing::{
    message::{Outcome, Trust},
    session::DenialCode,
};
use server::tls::Anchor;

use crate::{
    browser::{Browser, location},
    stage::{Setup, Stage, within},
    stick::{Stick, confirm, pair, type_code},
    streams::{Events, Item},
};

async fn closed() -> Stage {
    Setup::new().with("NEXUS_OPEN_READ", "nobody").start().await
}

#[tokio::test]
async fn a_paired_screen_reads_its_board_until_it_is_removed() {
    let stage = closed().await;
    let mut browser = Browser::signed_in(&stage).await;
    let (stick, paired) = pair(&stage, &mut browser).await;
    let Anchor::Certificates(pem) = stage.server.anchor() else { panic!("a private authority") };
    assert_eq!(paired.payload.trust, Trust::Anchor(pem.clone()));

    let token = stick.token(&paired).await.unwrap();
    assert_eq!((token.token_type.as_str(), token.scope.as_str()), ("Bearer", "board:read"));
    assert!(token.expires_in <= 3600);
    assert_eq!(&*token.screen.name, "Reception");
    assert_eq!(stick.read("overview", &token.access_token).await.status(), 200);
    assert_eq!(stick.read("queue", &token.access_token).await.status(), 403, "only its own board");

    let mut events = Events::new(stick.stream("overview", &token.access_token).await);
    assert!(matches!(events.event().await.1, Event::Board(_)));
    let list = browser.text("/admin/screens").await;
    assert!(list.contains("Reception") && list.contains("Connected"), "{list}");
    assert!(list.contains("Model &#60;b&#62;4&#60;/b&#62;"), "what devices say is escaped: {list}");

    let remove = format!("/admin/screens/{}/remove", paired.payload.screen.id);
    assert!(browser.text(&remove).await.contains("Remove Reception?"));
    assert_eq!(browser.post(&remove, &[]).await.status(), 303);
    let removed = Instant::now();
    while events.next().await.is_some() {}
    assert!(removed.elapsed() < Duration::from_secs(5));
    assert_eq!(stick.read("overview", &token.access_token).await.status(), 401);
    assert_eq!(stick.token(&paired).await.unwrap_err().code, DenialCode::UnknownDevice);
    assert!(browser.text("/admin/screens").await.contains("No screens yet"));
}

#[tokio::test]
async fn a_screen_outlives_a_restart_but_its_token_does_not() {
    let stage = closed().await;
    let mut browser = Browser::signed_in(&stage).await;
    let (stick, paired) = pair(&stage, &mut browser).await;
    let token = stick.token(&paired).await.unwrap().access_token;
    let setup = Setup { folder: stage.folder.clone(), ..Setup::new() }.with("NEXUS_OPEN_READ", "nobody");
    stage.server.stop().await;

    let stage = setup.start().await;
    let again = Stick { key: stick.key, ..Stick::new(&stage) };
    assert_eq!(again.read("overview", &token).await.status(), 401);
    let token = again.token(&paired).await.unwrap().access_token;
    assert_eq!(again.read("overview", &token).await.status(), 200);
}

#[tokio::test]
async fn a_token_ends_and_its_stream_says_come_back() {
    let stage = closed().await;
    let mut browser = Browser::signed_in(&stage).await;
    let (stick, paired) = pair(&stage, &mut browser).await;
    let token = stick.token(&paired).await.unwrap();
    let lifetime = SignedDuration::from_secs(token.expires_in.into());
    stage.clock.advance(lifetime - SignedDuration::from_secs(2));
    let mut events = Events::new(stick.stream("overview", &token.access_token).await);
    let bye = loop {
        match events.next().await.unwrap() {
            Item::Event { event: Event::Bye(bye), .. } => break bye,
            _ => continue,
        }
    };
    assert_eq!(bye.after_ms, 0);
    stage.clock.advance(SignedDuration::from_secs(3));
    assert_eq!(stick.read("overview", &token.access_token).await.status(), 401);
    let fresh = stick.token(&paired).await.unwrap().access_token;
    assert_eq!(stick.read("overview", &fresh).await.status(), 200);
}

#[tokio::test]
async fn a_wrong_code_is_spent_and_adds_nothing() {
    let stage = closed().await;
    let mut browser = Browser::signed_in(&stage).await;
    let stick = Stick::new(&stage);
    let open = stick.open().await;
    let pairing = open.pairing().clone();
    let shown = open.code().shown();
    let (rest, check) = shown.split_at(shown.len() - 1);

    // A slip is noticed by the check character and costs nothing.
    let slip = format!("{rest}{}", if check == "0" { "1" } else { "0" });
    let answer = browser.post("/admin/screens/add", &[("code", slip.as_str())]).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(stick.poll(&pairing).await, Outcome::Waiting);

    let (rest, last) = rest.split_at(rest.len() - 1);
    let other = if last == "0" { "1" } else { "0" };
    let wrong = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        .chars()
        .map(|check| format!("{rest}{other}{check}"))
        .find(|typed| typed.parse::<pairing::Code>().is_ok())
        .unwrap();
    let attempt = type_code(&mut browser, &wrong).await;
    assert!(stick.answer(open).await.is_none());
    assert!(browser.text(&attempt).await.contains("The code was wrong"));
    assert_eq!(stick.poll(&pairing).await, Outcome::Closed);
}

#[tokio::test]
async fn digits_that_differ_add_nothing() {
    let stage = closed().await;
    let mut browser = Browser::signed_in(&stage).await;
    let stick = Stick::new(&stage);
    let (attempt, confirmed) = confirm(&mut browser, &stick).await;
    assert_eq!(browser.post(&attempt, &[("digits", "different")]).await.status(), 303);
    assert_eq!(stick.poll(confirmed.pairing()).await, Outcome::Closed);
    assert!(browser.text(&attempt).await.contains("The screen was not added"));
    assert_eq!(browser.post(&attempt, &[("digits", "same")]).await.status(), 303);
    assert!(browser.text("/admin/screens").await.contains("No screens yet"));
}

#[tokio::test]
async fn a_button_that_is_pressed_twice_at_once_adds_the_screen_once() {
    let stage = closed().await;
    let mut browser = Browser::signed_in(&stage).await;
    let stick = Stick::new(&stage);
    let (attempt, confirmed) = confirm(&mut browser, &stick).await;
    browser.text(&attempt).await;
    assert_eq!(stick.poll(confirmed.pairing()).await, Outcome::Comparing);
    let mut presses = [browser.clone(), browser.clone(), browser.clone()];
    let answers = presses.iter_mut().map(|browser| browser.post(&attempt, &[("digits", "same")]));
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.status(), 303);
    }
    assert!(browser.text("/admin/screens").await.contains("of 1 connected"));
}

#[tokio::test]
async fn an_address_opens_three_pairings_and_no_fourth() {
    let stage = Stage::start().await;
    for expected in [201, 201, 201, 429] {
        let (_, answer) = Stick::new(&stage).ask().await;
        assert_eq!(answer.status(), expected);
        assert_eq!(answer.headers().contains_key("retry-after"), expected == 429);
    }
}

#[tokio::test]
async fn a_screen_that_moves_to_another_board_leaves_the_one_before() {
    let stage = closed().await;
    let mut browser = Browser::signed_in(&stage).await;
    let (stick, paired) = pair(&stage, &mut browser).await;
    let token = stick.token(&paired).await.unwrap().access_token;
    let mut events = Events::new(stick.stream("overview", &token).await);
    events.event().await;

    let page = format!("/admin/screens/{}", paired.payload.screen.id);
    let answer = browser.post(&page, &[("name", "Lobby"), ("board", "team")]).await;
    assert_eq!(location(&answer), "/admin/screens");
    within(async { while events.next().await.is_some() {} }).await;
    assert_eq!(stick.read("overview", &token).await.status(), 403);
    let token = stick.token(&paired).await.unwrap();
    assert_eq!((&*token.screen.name, &*token.screen.board), ("Lobby", "team"));
    assert_eq!(stick.read("team", &token.access_token).await.status(), 200);
    assert_eq!(browser.post(&page, &[("name", ""), ("board", "team")]).await.status(), 422);
    assert_eq!(browser.post(&page, &[("name", "Lobby"), ("board", "nowhere")]).await.status(), 422);
}
