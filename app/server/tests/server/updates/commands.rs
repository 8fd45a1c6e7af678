//! What a screen is told to do, and what becomes of it.

use device::fleet::{Acknowledgement, Command, MAX_MESSAGE, MAX_REASON, Order};
use jiff::{SignedDuration, Timestamp};
use reqwest::Response;
use server::Clock as _;

use super::rollout::Screen;
use crate::{
    browser::Browser,
    stage::{Stage, within},
};

/// What a screen hears.
struct Channel {
    answer: Response,
    read: String,
}

impl Channel {
    async fn open(screen: &Screen) -> Self {
        let url = screen.stick.url("/api/v1/commands");
        let answer = screen.stick.client.get(url).bearer_auth(&screen.token).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        Self { answer, read: String::new() }
    }

    /// The next event's name and data; nothing where the stream ends.
    async fn next(&mut self) -> Option<(String, String)> {
        within(async {
            loop {
                if let Some((event, rest)) = self.read.split_once("\n\n") {
                    let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                    let told = line("event: ").zip(line("data: "));
                    self.read = rest.to_owned();
                    if told.is_some() {
                        return told;
                    }
                    continue;
                }
                match self.answer.chunk().await.unwrap() {
                    Some(chunk) => self.read.push_str(std::str::from_utf8(&chunk).unwrap()),
                    None => return None,
                }
            }
        })
        .await
    }

    async fn command(&mut self) -> Command {
        let (event, data) = self.next().await.expect("a command");
        assert_eq!(event, "command");
        serde_json::from_str(&data).unwrap()
    }
}

async fn tell(browser: &mut Browser, screen: &Screen, fields: &[(&str, &str)]) -> u16 {
    browser.post(&format!("{}/commands", screen.page()), fields).await.status().as_u16()
}

async fn acknowledge(screen: &Screen, id: &str, outcome: &Acknowledgement) -> u16 {
    let url = screen.stick.url(&format!("/api/v1/commands/{id}"));
    let request = screen.stick.client.post(url).bearer_auth(&screen.token).json(outcome);
    request.send().await.unwrap().status().as_u16()
}

async fn paired() -> (Stage, Browser, Screen) {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let screen = Screen::new(&stage, &mut browser).await;
    (stage, browser, screen)
}

#[tokio::test]
async fn a_screen_is_told_what_a_person_presses_and_the_page_says_what_became_of_it() {
    let (stage, mut browser, screen) = paired().await;
    let mut channel = Channel::open(&screen).await;
    for (fields, order) in [
        (vec![("command", "identify")], Order::Identify),
        (vec![("command", "update_now")], Order::UpdateNow),
        (vec![("command", "reboot")], Order::Reboot),
        (
            vec![("command", "message"), ("text", "Fire drill at 3"), ("minutes", "5")],
            Order::Message { text: "Fire drill at 3".to_owned(), until: Timestamp::MAX },
        ),
    ] {
        assert_eq!(tell(&mut browser, &screen, &fields).await, 303);
        let command = channel.command().await;
        let (given, life) = (stage.clock.now(), SignedDuration::from_mins(10));
        match (command.order, order) {
            (Order::Message { text, until }, Order::Message { text: expected, .. }) => {
                let shown_for = until.duration_since(given);
                assert_eq!(text, expected);
                assert!(shown_for <= SignedDuration::from_mins(5) && shown_for > SignedDuration::from_mins(4));
                assert_eq!(
                    command.expires_at.as_millisecond(),
                    until.as_millisecond(),
                    "nobody wants it after its end"
                );
            }
            (given_order, expected) => {
                assert_eq!(given_order, expected);
                let left = command.expires_at.duration_since(given);
                assert!(left <= life && left > life - SignedDuration::from_mins(1), "{left}");
            }
        }
    }
    assert!(browser.text(&screen.page()).await.contains("not answered yet"));
}

#[tokio::test]
async fn a_command_comes_again_until_it_is_acknowledged_and_then_no_more() {
    let (_stage, mut browser, screen) = paired().await;
    assert_eq!(tell(&mut browser, &screen, &[("command", "identify")]).await, 303);
    let first = Channel::open(&screen).await.command().await;
    let again = Channel::open(&screen).await.command().await;
    assert_eq!(first, again);
    let id = first.id.to_string();
    let refused = Acknowledgement::Refused { why: "there is no display".to_owned() };
    assert_eq!(acknowledge(&screen, &id, &refused).await, 204);
    // Said twice, it counts once, and the first word holds.
    assert_eq!(acknowledge(&screen, &id, &Acknowledgement::Done).await, 204);
    assert!(browser.text(&screen.page()).await.contains("refused: there is no display"));
    assert_eq!(tell(&mut browser, &screen, &[("command", "reboot")]).await, 303);
    assert_eq!(Channel::open(&screen).await.command().await.order, Order::Reboot);
}

#[tokio::test]
async fn nobody_acknowledges_for_another_screen_or_what_was_never_told() {
    let (stage, mut browser, screen) = paired().await;
    let other = Screen::new(&stage, &mut browser).await;
    tell(&mut browser, &screen, &[("command", "identify")]).await;
    let id = Channel::open(&screen).await.command().await.id.to_string();
    assert_eq!(acknowledge(&other, &id, &Acknowledgement::Done).await, 404);
    assert_eq!(acknowledge(&screen, "x", &Acknowledgement::Done).await, 404);
    let endless = Acknowledgement::Refused { why: "x".repeat(MAX_REASON + 1) };
    assert_eq!(acknowledge(&screen, &id, &endless).await, 422);
    assert_eq!(acknowledge(&screen, &uuid::Uuid::new_v4().to_string(), &Acknowledgement::Done).await, 404);
    assert!(browser.text(&screen.page()).await.contains("not answered yet"));
}

#[tokio::test]
async fn a_command_that_nobody_took_in_time_is_given_no_more() {
    let (stage, mut browser, screen) = paired().await;
    tell(&mut browser, &screen, &[("command", "reboot")]).await;
    stage.clock.advance(SignedDuration::from_mins(10));
    tell(&mut browser, &screen, &[("command", "identify")]).await;
    assert_eq!(Channel::open(&screen).await.command().await.order, Order::Identify);
    assert!(browser.text(&screen.page()).await.contains("expired: the screen did not answer in time"));
}

#[tokio::test]
async fn a_screen_that_is_removed_hears_no_more_and_one_whose_server_stops_is_told_when_to_come_back() {
    let (stage, mut browser, screen) = paired().await;
    let other = Screen::new(&stage, &mut browser).await;
    let (mut removed, mut left) = (Channel::open(&screen).await, Channel::open(&other).await);
    assert_eq!(browser.post(&format!("{}/remove", screen.page()), &[]).await.status(), 303);
    assert_eq!(removed.next().await, None);
    let stopping = tokio::spawn(stage.server.stop());
    let (event, data) = left.next().await.unwrap();
    assert_eq!(event, "bye");
    assert!(serde_json::from_str::<serde_json::Value>(&data).unwrap()["after_ms"].as_u64().unwrap() <= 30_000);
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_message_that_does_not_fit_is_not_sent() {
    let (_stage, mut browser, screen) = paired().await;
    let long = "x".repeat(MAX_MESSAGE + 1);
    for (text, minutes) in [("", "5"), (long.as_str(), "5"), ("Hello", "0"), ("Hello", "61"), ("a\nb", "5")] {
        let fields = [("command", "message"), ("text", text), ("minutes", minutes)];
        assert_eq!(tell(&mut browser, &screen, &fields).await, 422, "{text} {minutes}");
    }
    assert_eq!(tell(&mut browser, &screen, &[("command", "format_disk")]).await, 422);
}

#[tokio::test]
async fn a_restart_that_is_pressed_twice_is_one() {
    let (_stage, mut browser, screen) = paired().await;
    for command in ["reboot", "reboot", "identify"] {
        assert_eq!(tell(&mut browser, &screen, &[("command", command)]).await, 303);
    }
    let mut channel = Channel::open(&screen).await;
    assert_eq!(channel.command().await.order, Order::Reboot);
    assert_eq!(channel.command().await.order, Order::Identify);
}

#[tokio::test]
async fn a_command_that_waits_outlives_a_restart_of_the_server() {
    let (stage, mut browser, screen) = paired().await;
    assert_eq!(tell(&mut browser, &screen, &[("command", "identify")]).await, 303);
    let before = Channel::open(&screen).await.command().await;
    let stage = stage.restart().await;
    let screen = screen.again(&stage).await;
    assert_eq!(Channel::open(&screen).await.command().await, before);
}

#[tokio::test]
async fn only_an_administrator_commands_and_only_from_our_own_page() {
    let (stage, mut browser, screen) = paired().await;
    let commands = format!("{}/commands", screen.page());
    let identify = [("command", "identify")];
    let mut stranger = Browser::new(&stage);
    assert_eq!(stranger.post(&commands, &identify).await.status(), 303, "to the sign-in");
    assert_eq!(browser.post_from("https://evil.example", &commands, &identify).await.status(), 403);
    assert!(!browser.text(&screen.page()).await.contains("What became of it"));
    assert_eq!(browser.post(&commands, &identify).await.status(), 303);
    assert!(browser.text("/admin/audit").await.contains("Identify asked"), "it is in the log");
    let without_token = screen.stick.client.get(screen.stick.url("/api/v1/commands")).send().await.unwrap();
    assert_eq!(without_token.status(), 401);
}
