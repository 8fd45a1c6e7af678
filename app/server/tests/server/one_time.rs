//! One-time codes beside the password.

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use totp_rs::{Builder, Secret};

use crate::{
    attacks::from,
    browser::{Browser, PASSWORD, location},
    stage::{Setup, Stage, mode},
};

const PAGE: &str = "/admin/access/one-time-codes";

/// The device of an administrator. Its clock stands still from when it scanned the key, so that a code is the same one
/// wherever a test names it.
struct Phone {
    key: [u8; 20],
    scanned_at: Timestamp,
}

impl Phone {
    /// With the key that a page shows.
    fn scanning(page: &str) -> Self {
        let key = page.split("spellcheck=\"false\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
        let key = BASE32_NOPAD.decode(key.as_bytes()).unwrap().try_into().unwrap();
        Self { key, scanned_at: Timestamp::now() }
    }

    /// What it shows so many steps later.
    fn shows(&self, steps: i64) -> String {
        let generator = Builder::new().with_secret(Secret::new_stack(self.key)).build().unwrap();
        let then = self.scanned_at.as_second() + 30 * steps;
        generator.generate(then.try_into().unwrap()).to_string()
    }
}

async fn set_up(admin: &mut Browser) -> Phone {
    let page = admin.post(PAGE, &[("current", PASSWORD)]).await.text().await.unwrap();
    assert!(
        page.contains("It is shown this once") && page.contains("<svg class=\"square\"") && !page.contains("<script")
    );
    let phone = Phone::scanning(&page);
    assert_eq!(location(&admin.post(&format!("{PAGE}/confirm"), &[("code", &phone.shows(0))]).await), PAGE);
    phone
}

async fn sign_in(browser: &mut Browser, password: &str, code: &str) -> u16 {
    browser.post("/admin/sign-in", &[("password", password), ("code", code)]).await.status().as_u16()
}

#[tokio::test]
async fn with_one_time_codes_nobody_signs_in_by_the_password_alone() {
    let stage = Setup::new().start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    let mut elsewhere = Browser::new(&stage);
    assert!(!elsewhere.text("/admin/sign-in").await.contains("One-time code"));
    elsewhere.post("/admin/sign-in", &[("password", PASSWORD)]).await;
    let wrong = admin.post(PAGE, &[("current", "wrong")]).await;
    assert_eq!(wrong.status(), 422, "a stolen session sets nothing up");
    let phone = set_up(&mut admin).await;
    assert_eq!(elsewhere.get(PAGE).await.status(), 303, "everybody else has to sign in again");
    assert!(admin.text(PAGE).await.contains("Asked for at every sign-in"));
    assert!(admin.text("/admin/audit").await.contains("One time codes set"));

    let mut stranger = Browser::new(&stage);
    assert!(stranger.text("/admin/sign-in").await.contains("autocomplete=\"one-time-code\""));
    for (number, (password, code)) in
        [(PASSWORD, String::new()), (PASSWORD, phone.shows(-10)), ("wrong", phone.shows(1)), (PASSWORD, phone.shows(0))]
            .into_iter()
            .enumerate()
    {
        let answer = stranger.post("/admin/sign-in", &[("password", password), ("code", &code)]).await;
        assert_eq!(answer.status(), 422, "{number}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("not the password, or not the code"), "{number}: which of them is not told: {page}");
    }
    // With a clock that is a step ahead; and the slip in the password did not cost the code.
    let code = phone.shows(1);
    assert_eq!(sign_in(&mut stranger, PASSWORD, &code).await, 303);
    assert_eq!(stranger.get(PAGE).await.status(), 200);
    assert_eq!(sign_in(&mut Browser::new(&stage), PASSWORD, &code).await, 422, "each code works once");

    // After a restart too, and the key is nowhere but sealed.
    let stage = stage.restart().await;
    assert_eq!(sign_in(&mut Browser::new(&stage), PASSWORD, &code).await, 422);
    assert_eq!(sign_in(&mut Browser::new(&stage), PASSWORD, "").await, 422);
    let auth = std::fs::read_to_string(stage.data("auth.json")).unwrap();
    assert!(auth.contains("\"one_time_codes\": true") && !auth.contains(&BASE32_NOPAD.encode(&phone.key)), "{auth}");
    assert_eq!(mode(&stage.data("auth.json")), 0o600);
}

#[tokio::test]
async fn one_time_codes_are_taken_off_with_a_code_or_on_the_console() {
    let stage = Setup::new().start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    let phone = set_up(&mut admin).await;
    let remove = format!("{PAGE}/remove");
    assert_eq!(admin.post(&remove, &[("code", &phone.shows(0))]).await.status(), 422, "it was used to confirm");
    assert_eq!(location(&admin.post(&remove, &[("code", &phone.shows(1))]).await), PAGE);
    assert_eq!(sign_in(&mut Browser::new(&stage), PASSWORD, "").await, 303);
    assert!(admin.text("/admin/audit").await.contains("One time codes removed"));

    set_up(&mut admin).await;
    let mut stranger = Browser::new(&stage);
    assert_eq!(sign_in(&mut stranger, PASSWORD, "").await, 422);
    // As `nexus one-time-codes remove` does, beside the running server.
    assert!(server::remove_one_time_codes(&server::Folder::open(stage.data("")).unwrap()).unwrap());
    assert_eq!(sign_in(&mut stranger, PASSWORD, "").await, 303);
    // What the server writes from here on does not bring them back.
    let fields = [("passcode", "open sesame"), ("passcode_again", "open sesame")];
    assert_eq!(admin.post("/admin/access/passcode", &fields).await.status(), 303);
    assert!(!std::fs::read_to_string(stage.data("auth.json")).unwrap().contains("one_time_codes"));
}

#[tokio::test]
async fn where_codes_cannot_be_judged_nobody_is_let_in_without() {
    let stage = Setup::new().start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    set_up(&mut admin).await;
    std::fs::remove_file(stage.data("secrets.json")).unwrap();
    let answer = Browser::new(&stage).post("/admin/sign-in", &[("password", PASSWORD), ("code", "123456")]).await;
    assert_eq!(answer.status(), 503);
    let page = answer.text().await.unwrap();
    assert!(page.contains("nexus one-time-codes remove"), "{page}");
    assert_eq!(admin.get(PAGE).await.status(), 200, "who is signed in stays so");
}

#[tokio::test]
async fn guesses_at_codes_are_within_the_budget_of_passwords() {
    let stage = Setup::new().start_with_broker().await;
    let mut admin = Browser::signed_in(&stage).await;
    set_up(&mut admin).await;
    let mut stranger = from(&stage, 1);
    let mut statuses = Vec::new();
    for guess in 0..12 {
        statuses.push(sign_in(&mut stranger, PASSWORD, &format!("{guess:06}")).await);
    }
    assert_eq!((statuses[0], statuses[11]), (422, 429), "{statuses:?}");
    let remove = format!("{PAGE}/remove");
    let mut stolen = Vec::new();
    for guess in 0..12 {
        stolen.push(admin.post(&remove, &[("code", &format!("{guess:06}"))]).await.status().as_u16());
    }
    assert!(stolen.contains(&422) && stolen.contains(&429), "{stolen:?}");
}

#[tokio::test]
async fn without_a_passphrase_there_are_no_one_time_codes() {
    let stage: Stage = Setup::new().start_with_broker_without_passphrase().await;
    let mut admin = Browser::signed_in(&stage).await;
    let answer = admin.post(PAGE, &[("current", PASSWORD)]).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("DASHBOARD_SECRET_PASSPHRASE"));
    let answer = admin.post(&format!("{PAGE}/confirm"), &[("code", "123456")]).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(sign_in(&mut Browser::new(&stage), PASSWORD, "").await, 303);
}
