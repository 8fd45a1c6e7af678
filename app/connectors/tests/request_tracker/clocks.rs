//! What follows from time: how often Request Tracker is asked, and whether its clock agrees with ours. The runtime's time is
//! paused: it passes when everybody waits for it.

use std::time::Duration;

use connectors::Warning;
use connectors::request_tracker::{Options, Pace};
use jiff::SignedDuration;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    log::Log,
    stand_in::{Scene, ticket},
};

/// A desk of so many pages of one ticket each.
async fn pages(count: u64, pace: Pace) -> Scene {
    let scene = Scene::with(vec![], Options { pace, ..Options::default() }).await;
    scene.script(move |place, query| {
        let after: u64 = query.rsplit_once("id > ").map_or(0, |(_, id)| id.parse().unwrap());
        let items =
            if query.contains("__Active__") && after < count { vec![ticket(after + 1, "open")] } else { vec![] };
        (place == "tickets").then(|| Ok(json!({"items": items, "page": 1, "pages": null})))
    });
    scene
}

#[tokio::test(start_paused = true)]
async fn no_more_is_asked_than_the_pace_allows_and_no_less() {
    let pace = Pace { requests_per_minute: 30, burst: 8 };
    let mut scene = pages(60, pace).await;
    let began = Instant::now();
    assert_eq!(scene.poll().await.unwrap().tickets.len(), 60);
    let asked: Vec<Duration> =
        scene.desk.lock().unwrap().asked.iter().map(|asked| asked.at.duration_since(began)).collect();
    assert!(asked.len() > 60, "{}", asked.len());
    for (number, at) in asked.iter().enumerate() {
        // Eight at once, then one every two seconds.
        let due = Duration::from_secs(2 * (number as u64 + 1).saturating_sub(8));
        assert!((due..due + Duration::from_millis(50)).contains(at), "request {number} came after {at:?}, not {due:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_asked_in_a_rest_can_be_asked_at_once_and_no_more_than_that() {
    let mut scene = pages(3, Pace { requests_per_minute: 60, burst: 20 }).await;
    scene.poll().await.unwrap();
    tokio::time::advance(Duration::from_secs(3600)).await;
    let (asked, began) = (scene.desk.lock().unwrap().asked.len(), Instant::now());
    for _ in 0..30 {
        scene.poll().await.unwrap();
    }
    let desk = scene.desk.lock().unwrap();
    let at_once = desk.asked[asked..].iter().filter(|asked| asked.at.duration_since(began).is_zero()).count();
    assert_eq!(at_once, 20, "of {}", desk.asked.len() - asked);
}

#[tokio::test]
async fn a_quiet_poll_takes_one_request() {
    let mut scene = Scene::new(vec![ticket(1, "open")]).await;
    for _ in 0..3 {
        scene.poll().await.unwrap();
    }
    let asked = scene.desk.lock().unwrap().asked.len();
    scene.poll().await.unwrap();
    assert_eq!(scene.desk.lock().unwrap().asked.len() - asked, 1);
}

/// How often a log tells of a clock that differs, and of one that agrees again.
fn tells(log: &Log) -> (usize, usize) {
    (log.count("clock differs from ours"), log.count("clock agrees with ours again"))
}

/// Polls a desk whose clock is ahead of ours by so many seconds.
async fn poll_ahead(scene: &mut Scene, seconds: i64) {
    let theirs = scene.now + SignedDuration::from_secs(20 + seconds);
    scene.desk.lock().unwrap().clock = Some((theirs, Instant::now()));
    scene.poll().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_off_by_more_than_a_minute_is_told_once_and_so_is_its_end() {
    let (log, _guard) = Log::read();
    let mut scene = Scene::new(vec![ticket(1, "open")]).await;
    for seconds in [0, 60, -60] {
        poll_ahead(&mut scene, seconds).await;
    }
    assert_eq!(tells(&log), (0, 0));
    for seconds in [61, 61, 4_000] {
        poll_ahead(&mut scene, seconds).await;
    }
    assert_eq!(tells(&log), (1, 0));
    assert!(log.count("seconds=61") > 0, "by how much");
    let warned = |seconds| {
        let ahead = SignedDuration::from_secs(seconds);
        vec![Warning::ClockDiffers { provider: "Request Tracker", ahead }]
    };
    assert_eq!(scene.warnings(), warned(4_000), "by how much it was last");
    poll_ahead(&mut scene, 0).await;
    assert_eq!(scene.warnings(), []);
    poll_ahead(&mut scene, 0).await;
    assert_eq!(tells(&log), (1, 1));
    poll_ahead(&mut scene, -61).await;
    assert_eq!(tells(&log), (2, 1));
    assert!(log.count("seconds=-61") > 0);
    assert_eq!(scene.warnings(), warned(-61));
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_no_clock_that_is_off() {
    let (log, _guard) = Log::read();
    let mut scene = Scene::new(vec![ticket(1, "open")]).await;
    scene.desk.lock().unwrap().delay = Duration::from_secs(40);
    // Dated when it was asked for: half of the way is 20 s, which leaves 60.
    poll_ahead(&mut scene, -40).await;
    assert_eq!(tells(&log), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_takes_minutes_is_no_clock_that_is_off() {
    let (log, _guard) = Log::read();
    let mut scene = pages(40, Pace { requests_per_minute: 6, burst: 1 }).await;
    let began = Instant::now();
    poll_ahead(&mut scene, 0).await;
    assert!(began.elapsed() > Duration::from_secs(300));
    assert_eq!(tells(&log), (0, 0));
}
