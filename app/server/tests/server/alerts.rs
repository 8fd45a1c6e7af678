//! Alerts on their way: rules, outbox, a real Broker that signs, and a receiver that is not always there.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap};
use broker::{Endpoint, SigningKey};
use http::StatusCode;
use jiff::SignedDuration;
use server::settings::{Alerts, Connected, Desk};

use crate::{
    browser::Browser,
    stage::{Setup, Stage, within},
};

/// A receiver that answers as it is told, and keeps what came: id and body.
#[derive(Clone)]
pub(crate) struct Receiver {
    url: String,
    status: Arc<Mutex<u16>>,
    /// The delivery that it never takes.
    refused: Arc<Mutex<String>>,
    got: Arc<Mutex<Vec<(String, String)>>>,
}

impl Receiver {
    pub(crate) async fn answering(status: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/canary-hook", listener.local_addr().unwrap());
        let receiver = Self { url, status: Arc::new(Mutex::new(status)), refused: Arc::default(), got: Arc::default() };
        let take = async |State(receiver): State<Self>, headers: HeaderMap, body: Bytes| {
            let id = headers["webhook-id"].to_str().unwrap().to_owned();
            assert!(headers["webhook-signature"].to_str().unwrap().starts_with("v1,"));
            let is_refused = *receiver.refused.lock().unwrap() == id;
            receiver.got.lock().unwrap().push((id, String::from_utf8(body.to_vec()).unwrap()));
            let status = if is_refused { 500 } else { *receiver.status.lock().unwrap() };
            StatusCode::from_u16(status).unwrap()
        };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        receiver
    }

    fn answer(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    fn refuse(&self, id: &str) {
        id.clone_into(&mut self.refused.lock().unwrap());
    }

    pub(crate) async fn after(&self, tries: usize) -> Vec<(String, String)> {
        within(async {
            loop {
                let got = self.got.lock().unwrap().clone();
                if got.len() >= tries {
                    return got;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
        .await
    }

    fn connect(&self, setup: &Setup) {
        let endpoint = Endpoint::new(self.url.clone().into(), true, None).unwrap();
        broker::set_webhook(&setup.vault(), &endpoint, &SigningKey::generate().unwrap()).unwrap();
    }
}

pub(crate) async fn stage(receiver: &Receiver) -> Stage {
    let setup = Setup::new();
    receiver.connect(&setup);
    setup.serve_broker().await;
    setup.start().await
}

/// From now on the desk is a real one, and only the rule about it is on.
fn watch_the_desk(stage: &Stage) {
    stage.change_settings(|settings| server::Settings {
        desk: Desk::RequestTracker(Connected::default()),
        alerts: Alerts { queue_spike: false, unassigned_urgent: false, ..Alerts::default() },
        ..settings
    });
}

async fn send_test(browser: &mut Browser) {
    assert_eq!(browser.post("/admin/alerts/test", &[]).await.status(), 303);
}

/// The page of alerts once it says so.
async fn page_says(browser: &Browser, words: &str) -> String {
    within(async {
        loop {
            let page = browser.text("/admin/alerts").await;
            if page.contains(words) {
                return page;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_helpdesk_that_is_down_is_told_with_its_recovery_and_no_customers_words() {
    let receiver = Receiver::answering(200).await;
    let stage = stage(&receiver).await;
    watch_the_desk(&stage);
    stage.board_when(|board| !board.demo).await;
    stage.tracker.break_down();
    stage.clock.advance(SignedDuration::from_mins(6));
    let got = receiver.after(1).await;
    let told: serde_json::Value = serde_json::from_str(&got[0].1).unwrap();
    assert_eq!((&told["version"], &told["type"]), (&1.into(), &"alert.raised".into()));
    assert_eq!(told["data"]["rule"], "provider_down");
    stage.tracker.mend();
    let got = receiver.after(2).await;
    assert!(got[1].1.contains("alert.recovered") && !got[1].1.contains("secret subject"), "{got:?}");
    assert_ne!(got[0].0, got[1].0);
}

#[tokio::test]
async fn a_delivery_is_tried_under_the_same_id_until_it_is_taken_over_a_restart_too() {
    let receiver = Receiver::answering(500).await;
    let first = stage(&receiver).await;
    let mut browser = Browser::signed_in(&first).await;
    send_test(&mut browser).await;
    send_test(&mut browser).await;
    receiver.after(1).await;
    page_says(&browser, "the receiver answered 500").await;

    let (folder, clock) = (first.folder.clone(), first.clock.clone());
    first.server.stop().await;
    let second = Setup { folder, clock, ..Setup::new() }.start().await;
    second.clock.advance(SignedDuration::from_mins(1));
    receiver.after(2).await;
    receiver.answer(204);
    second.clock.advance(SignedDuration::from_mins(1));
    let again = Browser { cookie: browser.cookie, ..Browser::new(&second) };
    within(async {
        while again.text("/admin/alerts").await.matches("Delivered").count() < 2 {
            second.clock.advance(SignedDuration::from_secs(10));
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await;
    let got = receiver.got.lock().unwrap().clone();
    let ids = got.iter().map(|(id, _)| id).collect::<std::collections::BTreeSet<_>>();
    assert!(ids.len() == 2 && got.len() > 2, "each under the id that it had at first: {got:?}");
}

#[tokio::test]
async fn an_alert_that_cannot_be_delivered_holds_up_no_other() {
    let receiver = Receiver::answering(500).await;
    let stage = stage(&receiver).await;
    let mut browser = Browser::signed_in(&stage).await;
    send_test(&mut browser).await;
    let got = receiver.after(1).await;
    page_says(&browser, "the receiver answered 500").await;
    receiver.refuse(&got[0].0);
    receiver.answer(204);
    // The clock stands still but for the machine's own: the time of the first has not come again.
    send_test(&mut browser).await;
    page_says(&browser, "Delivered").await;
    let got = receiver.after(2).await;
    assert_ne!(got[0].0, got.last().unwrap().0, "{got:?}");
}

#[tokio::test]
async fn a_receiver_that_is_gone_gets_nothing_until_another_is_connected() {
    let receiver = Receiver::answering(410).await;
    let setup = Setup::new();
    receiver.connect(&setup);
    setup.serve_broker().await;
    let folder = setup.folder.clone();
    let stage = setup.start().await;
    let mut browser = Browser::signed_in(&stage).await;
    send_test(&mut browser).await;
    page_says(&browser, "the receiver is gone (410)").await;
    send_test(&mut browser).await;
    within(async {
        while browser.text("/admin/alerts").await.matches("the receiver is gone (410)").count() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(receiver.got.lock().unwrap().len(), 1, "the second was not sent");

    receiver.answer(200);
    receiver.connect(&Setup { folder, ..Setup::new() });
    send_test(&mut browser).await;
    receiver.after(2).await;
    let page = page_says(&browser, "Delivered").await;
    assert!(!page.contains("canary"), "{page}");
}

#[tokio::test]
async fn without_a_webhook_alerts_are_listed_and_not_sent() {
    let setup = Setup::new();
    drop(setup.vault());
    setup.serve_broker().await;
    let stage = setup.start().await;
    let mut browser = Browser::signed_in(&stage).await;
    assert!(browser.text("/admin/alerts").await.contains("The demo desk raises none"));
    send_test(&mut browser).await;
    page_says(&browser, "no webhook is set").await;
    assert_eq!(Browser::new(&stage).get("/admin/alerts").await.status(), 303, "closed to strangers");
}
