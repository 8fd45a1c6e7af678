//! What an administrator wants of a screen: it comes over the server's stream, is done once, and is acknowledged.

use std::fs;

use device::Over;
use device::fleet::{Acknowledgement, Order};
use jiff::{SignedDuration, Timestamp};

use crate::site::{Authority, Site, until};
use crate::stick::Stick;

const LIFE: SignedDuration = SignedDuration::from_mins(10);

/// A server, and a screen that is paired with it.
async fn paired() -> (Site, Stick) {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    stick.runs(1);
    site.pair(&stick).await;
    (site, stick)
}

#[tokio::test]
async fn the_tv_hears_what_is_to_be_shown_and_the_server_that_it_is() {
    let (site, stick) = paired().await;
    let identify = site.commands(Order::Identify, LIFE);
    stick.over(|over| over.identify.then_some(())).await;
    assert_eq!(until(|| site.outcome(identify)).await, Acknowledgement::Done);
    let end = Timestamp::now() + SignedDuration::from_mins(5);
    let message = site.commands(Order::Message { text: "Fire drill".to_owned(), until: end }, LIFE);
    let shown = stick.over(|over| over.message).await;
    assert_eq!((shown.text.as_str(), shown.until), ("Fire drill", end));
    assert_eq!(until(|| site.outcome(message)).await, Acknowledgement::Done);
    // Removed, it shows neither.
    site.forget_devices();
    stick.refused().await;
    stick.over(|over| (over == Over::default()).then_some(())).await;
}

#[tokio::test]
async fn a_restart_is_wished_once_however_often_it_comes_and_is_done_when_the_machine_is_back() {
    let (site, stick) = paired().await;
    let reboot = site.commands(Order::Reboot, LIFE);
    until(|| stick.wish().exists().then_some(())).await;
    fs::remove_file(stick.wish()).unwrap();
    let stick = stick.restart(&site.url(), "").await;
    stick.live().await;
    let heard = site.streams() + 2;
    until(|| (site.streams() >= heard).then_some(())).await;
    assert_eq!((stick.wish().exists(), site.outcome(reboot)), (false, None));

    stick.runs(2);
    let stick = stick.restart(&site.url(), "").await;
    assert_eq!(until(|| site.outcome(reboot)).await, Acknowledgement::Done);
    assert!(!stick.wish().exists());
}

#[tokio::test]
async fn what_is_too_late_unknown_or_impossible_is_not_done_and_the_server_hears_why() {
    let (site, stick) = paired().await;
    let late = site.commands(Order::Reboot, -SignedDuration::from_mins(1));
    let unknown = site.commands(Order::Unknown, LIFE);
    let update = site.commands(Order::UpdateNow, LIFE);
    assert_eq!(until(|| site.outcome(late)).await, Acknowledgement::Expired);
    for (id, reason) in [(unknown, "does not know how"), (update, "takes no updates")] {
        let Acknowledgement::Refused { why } = until(|| site.outcome(id)).await else { panic!("refused") };
        assert!(why.contains(reason), "{why}");
    }
    assert!(!stick.wish().exists());
}

#[tokio::test]
async fn an_acknowledgement_that_was_lost_is_told_again_also_after_a_restart_and_what_it_is_of_is_not_done_again() {
    let (site, stick) = paired().await;
    site.goes_deaf(true);
    let identify = site.commands(Order::Identify, LIFE);
    stick.over(|over| over.identify.then_some(())).await;
    let stick = stick.restart(&site.url(), "").await;
    stick.live().await;
    let heard = site.streams() + 2;
    until(|| (site.streams() >= heard).then_some(())).await;
    stick.over(|over| (over == Over::default()).then_some(())).await;
    site.goes_deaf(false);
    assert_eq!(until(|| site.outcome(identify)).await, Acknowledgement::Done);
}
