//! A stick that wants to be paired, over HTTP.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use pairing::{
    DeviceKey, Entropy,
    device::{Confirmed, Open, Opening, Paired},
    message::{Created, Description, Outcome},
    session::{self, Denial, Fresh, Nonce, Token, TokenRequest},
};
use reqwest::{Client, Response};

use crate::{
    browser::{Browser, location},
    stage::{Stage, within},
};

pub struct Stick {
    pub client: Client,
    pub origin: String,
    pub key: Arc<DeviceKey>,
}

impl Stick {
    pub fn new(stage: &Stage) -> Self {
        Self { client: stage.client(), origin: stage.url(""), key: DeviceKey::draw(&Entropy::system().unwrap()).into() }
    }

    pub async fn ask(&self) -> (Opening, Response) {
        let text = |text: &str| text.parse().unwrap();
        let description = Description { model: text("Model <b>4</b>"), serial: text("SN-1"), software: text("0.1.0") };
        let (opening, create) = Opening::new(&self.key, description, &Entropy::system().unwrap());
        let answer = self.client.post(self.url("/api/v1/pairings")).json(&create).send().await.unwrap();
        (opening, answer)
    }

    pub async fn open(&self) -> Open {
        let (opening, answer) = self.ask().await;
        assert_eq!(answer.status(), 201);
        opening.created(answer.json::<Created>().await.unwrap(), Instant::now()).unwrap()
    }

    pub async fn poll(&self, pairing: &pairing::message::PairingId) -> Outcome {
        let path = format!("/api/v1/pairings/{}", pairing.expose());
        self.client.get(self.url(&path)).send().await.unwrap().json().await.unwrap()
    }

    /// Polls until the code was typed, and confirms.
    pub async fn answer(&self, open: Open) -> Option<Confirmed> {
        let pairing = open.pairing().clone();
        let answer = within(async {
            loop {
                match self.poll(&pairing).await {
                    Outcome::Answered(answer) => return answer,
                    Outcome::Waiting => tokio::time::sleep(Duration::from_millis(20)).await,
                    other => panic!("{other:?}"),
                }
            }
        })
        .await;
        let (confirmed, verdict) = match open.answered(&self.key, &answer) {
            Ok(offered) => {
                let (confirmed, verdict) = offered.check(|_| Ok::<_, ()>(())).unwrap();
                (Some(confirmed), verdict)
            }
            Err(verdict) => (None, verdict),
        };
        let path = format!("/api/v1/pairings/{}/confirmation", pairing.expose());
        let answer = self.client.post(self.url(&path)).json(&verdict).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        confirmed
    }

    pub async fn nonce(&self) -> Nonce {
        let fresh = self.client.post(self.url("/api/v1/nonces")).send().await.unwrap();
        let Fresh { nonce } = fresh.json().await.unwrap();
        nonce
    }

    pub async fn token(&self, paired: &Paired) -> Result<Token, Denial> {
        self.token_under(&self.key, paired).await
    }

    pub async fn token_under(&self, key: &DeviceKey, paired: &Paired) -> Result<Token, Denial> {
        let (nonce, entropy) = (self.nonce().await, Entropy::system().unwrap());
        let now = Timestamp::now().as_second();
        let assertion = session::assert(key, paired.device, paired.payload.instance, nonce, now, &entropy).unwrap();
        let request = TokenRequest::new(assertion);
        let answer = self.client.post(self.url("/api/v1/token")).form(&request).send().await.unwrap();
        match answer.status().as_u16() {
            200 => Ok(answer.json().await.unwrap()),
            401 => Err(answer.json().await.unwrap()),
            other => panic!("{other}"),
        }
    }

    pub async fn read(&self, board: &str, token: &str) -> Response {
        let path = format!("/api/v1/boards/{board}/state");
        self.client.get(self.url(&path)).bearer_auth(token).send().await.unwrap()
    }

    pub async fn stream(&self, board: &str, token: &str) -> Response {
        let path = format!("/api/v1/boards/{board}/events");
        self.client.get(self.url(&path)).bearer_auth(token).send().await.unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

/// Types a code, and says where the attempt can be looked at.
pub async fn type_code(browser: &mut Browser, code: &str) -> String {
    let fields = [("code", code), ("name", "Reception"), ("board", "overview")];
    let answer = browser.post("/admin/screens/add", &fields).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    location(&answer).to_owned()
}

/// Types a new stick's code, which is right; says where the attempt can be looked at.
pub async fn confirm(browser: &mut Browser, stick: &Stick) -> (String, Confirmed) {
    let open = stick.open().await;
    let attempt = type_code(browser, &open.code().shown()).await;
    let confirmed = stick.answer(open).await.unwrap();
    (attempt, confirmed)
}

/// Pairs a new stick from end to end.
pub async fn pair(stage: &Stage, browser: &mut Browser) -> (Stick, Paired) {
    let stick = Stick::new(stage);
    let (attempt, confirmed) = confirm(browser, &stick).await;
    let page = browser.text(&attempt).await;
    assert!(page.contains(&format!("Does the screen show {}?", confirmed.digits())), "{page}");
    let pairing = confirmed.pairing().clone();
    assert_eq!(stick.poll(&pairing).await, Outcome::Comparing);
    assert_eq!(browser.post(&attempt, &[("digits", "same")]).await.status(), 303);
    let Outcome::Registered { device } = stick.poll(&pairing).await else { panic!("registered") };
    (stick, confirmed.registered(device))
}
