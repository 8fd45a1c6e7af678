//! The on-call calendar on the wall: a feed on loopback, a real Broker, and the server that reads it through that.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, response::IntoResponse};
use board::{Board, Form, Status, Value};
use broker::Endpoint;
use jiff::{SignedDuration, Timestamp};
use server::settings::{Connected, Desk, OnCallCovered};

use crate::stage::{Setup, Stage, within};

/// A feed that can fail.
#[derive(Clone)]
struct Feed {
    url: String,
    down: Arc<AtomicBool>,
}

impl Feed {
    async fn of(events: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/canary-path.ics", listener.local_addr().unwrap());
        let feed = Self { url, down: Arc::default() };
        let down = feed.down.clone();
        let text = format!("BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n");
        let answer = async move || match down.load(Ordering::SeqCst) {
            true => http::StatusCode::BAD_GATEWAY.into_response(),
            false => ([("content-type", "text/calendar")], text).into_response(),
        };
        tokio::spawn(async { axum::serve(listener, Router::new().fallback(answer)).await });
        feed
    }
}

/// Somebody's duty, from and to so many hours from now.
fn shift(uid: &str, name: &str, from: i64, to: i64) -> String {
    let hours = |hours| (Timestamp::now() + SignedDuration::from_hours(hours)).strftime("%Y%m%dT%H0000Z").to_string();
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{name}\r\nDTSTART:{}\r\nDTEND:{}\r\nEND:VEVENT\r\n",
        hours(from),
        hours(to)
    )
}

/// A Broker that knows the feed, and a server beside it that reads a real desk.
async fn stage(feed: &Feed, covered: Option<OnCallCovered>) -> Stage {
    let setup = Setup::new();
    let endpoint = Endpoint::new(feed.url.clone().into(), true, None).unwrap();
    broker::set_calendar(&setup.vault(), &endpoint).unwrap();
    setup.serve_broker().await;
    let stage = setup.start().await;
    stage.change_settings(|settings| server::Settings {
        desk: Desk::RequestTracker(Connected::default()),
        on_call_covered: covered,
        ..settings
    });
    stage
}

/// The panel on the team's board, once it is as wanted.
async fn panel_when(stage: &Stage, ready: impl Fn(&board::Panel) -> bool) -> board::Panel {
    within(async {
        loop {
            let board = stage.get("/api/v1/boards/team/state").await.json::<Board>().await.unwrap();
            match board.panels.into_iter().find(|panel| panel.id.0 == "on-call") {
                Some(panel) if !board.demo && ready(&panel) => return panel,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await
}

fn stat(panel: &board::Panel) -> board::form::Stat {
    match &panel.form {
        Form::Stat(stat) => stat.clone(),
        other => panic!("{other:?}"),
    }
}

fn names(panel: &board::Panel, name: &str) -> bool {
    matches!(&panel.form, Form::Stat(stat) if stat.value == Value::Text(name.to_owned()))
}

#[tokio::test]
async fn whoever_is_on_call_is_on_the_wall_with_whoever_is_next() {
    let feed = Feed::of(shift("1", "Amara - Primary", -2, 3) + &shift("2", "Jonas - Primary", 3, 9)).await;
    let stage = stage(&feed, None).await;
    let panel = panel_when(&stage, |panel| names(panel, "Amara")).await;
    assert_eq!((panel.title.as_str(), panel.status), ("On call · Primary", Status::Ok));
    let shown = stat(&panel);
    let term = shown.term.unwrap();
    assert_eq!(shown.context.unwrap().value, Some(Value::At(term.until)));
    assert_eq!(shown.next.unwrap().value, Some(Value::Text("Jonas".to_owned())));
    let state = stage.get("/api/v1/boards/team/state").await.text().await.unwrap();
    assert!(!state.contains("canary"));

    // Nothing is read anew for it: the time alone moves on.
    stage.clock.advance(SignedDuration::from_hours(4));
    panel_when(&stage, |panel| names(panel, "Jonas")).await;
}

#[tokio::test]
async fn nobody_on_call_is_critical_only_where_somebody_must_be() {
    let feed = Feed::of(shift("1", "Amara", 5, 9)).await;
    for (covered, status) in [(None, Status::Ok), (Some(OnCallCovered::Always), Status::Critical)] {
        let stage = stage(&feed, covered).await;
        let panel = panel_when(&stage, |panel| names(panel, "Nobody") && panel.status == status).await;
        assert_eq!(stat(&panel).next.unwrap().value, Some(Value::Text("Amara".to_owned())));
    }
}

#[tokio::test]
async fn a_feed_that_fails_for_an_hour_is_worth_a_look_and_the_last_one_stays() {
    let feed = Feed::of(shift("1", "Amara", -2, 30)).await;
    let stage = stage(&feed, Some(OnCallCovered::Always)).await;
    panel_when(&stage, |panel| names(panel, "Amara") && panel.status == Status::Ok).await;
    feed.down.store(true, Ordering::SeqCst);
    stage.clock.advance(SignedDuration::from_mins(61));
    let panel = panel_when(&stage, |panel| panel.status == Status::Warn).await;
    assert!(names(&panel, "Amara"), "{panel:?}");
}

#[tokio::test]
async fn a_fresh_calendar_does_not_make_the_numbers_of_a_desk_that_is_silent_look_new() {
    let feed = Feed::of(shift("1", "Amara", -2, 30)).await;
    let stage = stage(&feed, None).await;
    let before = panel_when(&stage, |panel| names(panel, "Amara")).await.updated_at;
    let team = async || stage.get("/api/v1/boards/team/state").await.json::<Board>().await.unwrap();
    let read = within(async {
        loop {
            match team().await.newest_data() {
                Some(read) => return read,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await;
    stage.tracker.break_down();
    stage.clock.advance(SignedDuration::from_mins(4));
    // By which the calendar is read again.
    stage.change_settings(|settings| server::Settings { team: "Night shift".to_owned(), ..settings });
    panel_when(&stage, |panel| panel.updated_at.duration_since(before) > SignedDuration::from_mins(3)).await;
    let told = team().await.newest_data().unwrap();
    assert!(told.duration_since(read) < SignedDuration::from_mins(1), "{told} is not {read}");
    let page = stage.get("/b/team").await.text().await.unwrap();
    assert!(page.contains(">updated 4 min ago<"), "{page}");
    let dated = page.split("id=\"panel-on-call\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(!dated.contains("data-fed"), "nor does the page's script count it: {dated}");
}

#[tokio::test]
async fn a_feed_that_was_never_read_says_so_and_is_no_nobody() {
    let feed = Feed::of(String::new()).await;
    feed.down.store(true, Ordering::SeqCst);
    let stage = stage(&feed, Some(OnCallCovered::Always)).await;
    let panel = panel_when(&stage, |_| true).await;
    assert_eq!(panel.status, Status::Unavailable);
    assert!(matches!(panel.form, Form::Text(_)), "{panel:?}");
}

#[tokio::test]
async fn the_simulated_desk_has_a_rota_of_its_own_and_a_desk_without_a_calendar_has_no_tile() {
    let stage = Stage::start().await;
    let on_call = |board: &Board| board.panels.iter().find(|panel| panel.id.0 == "on-call").cloned();
    let team = || async { stage.get("/api/v1/boards/team/state").await.json::<Board>().await.unwrap() };
    let board = team().await;
    assert!(board.demo);
    assert!(on_call(&board).is_some_and(|panel| panel.title == "On call · 2nd Line" && panel.status == Status::Ok));
    stage.change_settings(|settings| server::Settings { desk: Desk::RequestTracker(Connected::default()), ..settings });
    let board = within(async {
        loop {
            let board = team().await;
            if !board.demo {
                return board;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(on_call(&board), None);
}
