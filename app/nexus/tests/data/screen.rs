//! A screen that is paired over HTTP, as a stick does it.

use std::time::Instant;

use jiff::Timestamp;
use pairing::{
    DeviceKey, Entropy,
    device::{Open, Opening},
    message::{Description, Outcome},
    session::{self, Fresh, Token, TokenRequest},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::serving::{Browser, eventually};

/// What a paired screen knows.
pub(crate) struct Screen {
    /// The code that was typed.
    pub(crate) code: String,
    /// The token with which it reads its board.
    pub(crate) token: String,
}

/// Pairs a new screen from end to end, and has it ask for a token.
pub(crate) fn pair(browser: &Browser) -> Screen {
    let entropy = Entropy::system().unwrap();
    let key = DeviceKey::draw(&entropy);
    let text = |text: &str| text.parse().unwrap();
    let description = Description { model: text("Model 4"), serial: text("SN-1"), software: text("0.1.0") };
    let (opening, create) = Opening::new(&key, description, &entropy);
    let open: Open = opening.created(send(browser, "/api/v1/pairings", &create), Instant::now()).unwrap();
    let code = open.code().shown();
    let typed = browser.post("/admin/screens/add", &[("code", &code), ("name", "Reception"), ("board", "overview")]);
    let attempt = typed.location.expect("the code is right");

    let pairing = format!("/api/v1/pairings/{}", open.pairing().expose());
    let poll =
        || -> Outcome { browser.client.get(format!("{}{pairing}", browser.origin)).send().unwrap().json().unwrap() };
    let answer = eventually(|| match poll() {
        Outcome::Answered(answer) => Some(answer),
        _ => None,
    });
    let offered = open.answered(&key, &answer).unwrap_or_else(|_| panic!("the code was typed as it was shown"));
    let (confirmed, verdict) = offered.check(|_| Ok::<_, ()>(())).unwrap();
    let told = browser.client.post(format!("{}{pairing}/confirmation", browser.origin)).json(&verdict).send().unwrap();
    assert!(told.status().is_success());
    browser.get(&attempt);
    browser.post(&attempt, &[("digits", "same")]);
    let Outcome::Registered { device } = poll() else { panic!("it is registered") };
    let paired = confirmed.registered(device);

    let Fresh { nonce } = send(browser, "/api/v1/nonces", &());
    let now = Timestamp::now().as_second();
    let assertion = session::assert(&key, paired.device, paired.payload.instance, nonce, now, &entropy).unwrap();
    let request = browser.client.post(format!("{}/api/v1/token", browser.origin)).form(&TokenRequest::new(assertion));
    let token: Token = request.send().unwrap().json().unwrap();
    Screen { code, token: token.access_token }
}

fn send<T: DeserializeOwned>(browser: &Browser, path: &str, body: &impl Serialize) -> T {
    browser.client.post(format!("{}{path}", browser.origin)).json(body).send().unwrap().json().unwrap()
}
