//! What a panic tells, in a process that is full of secrets.

use std::process::Command;

use jiff::{SignedDuration, Timestamp};

use crate::{
    browser::{Browser, PASSWORD},
    stage::Setup,
    stick::pair,
    viewers::{PASSCODE, set_passcode},
};

/// What the panicking process prints before each of its secrets.
const SECRET: &str = "secret: ";

/// For how long an administrator's session is, at least: a sign-in that late ends beyond all time.
const LATE: SignedDuration = SignedDuration::from_hours(1);

#[test]
fn a_panic_in_the_middle_of_a_sign_in_tells_no_secret() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "panics::panicking", "--ignored", "--nocapture", "--test-threads", "1"])
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    let (said, log) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{said}{log}");
    let secrets = said.lines().filter_map(|line| Some(line.split_once(SECRET)?.1)).collect::<Vec<_>>();
    assert!(secrets.len() == 5 && secrets.iter().all(|secret| secret.len() >= 8), "{secrets:?}");
    let panics = log.matches("panicked at").count();
    assert!(panics >= 1 && log.contains("sign_in"), "{log}");
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the process that the other one starts"]
async fn panicking() {
    if std::env::var_os("RUST_BACKTRACE").is_none_or(|value| value != "full") {
        return;
    }
    let stage = Setup::new().start_with_broker().await;
    let code = stage.server.setup_code().unwrap();
    let mut admin = Browser::signed_in(&stage).await;
    set_passcode(&mut admin, PASSCODE).await;
    let (stick, paired) = pair(&stage, &mut admin).await;
    let token = stick.token(&paired).await.unwrap().access_token;
    let session = admin.cookie.clone().unwrap().split_once('=').unwrap().1.to_owned();
    for secret in [code.expose(), PASSWORD, PASSCODE, &token, &session] {
        say(secret);
    }
    let end = Timestamp::MAX.duration_since(Timestamp::now()) - LATE;
    stage.clock.advance(end);
    let form = [("password", PASSWORD)];
    let request = stage.client().post(stage.url("/admin/sign-in")).header("origin", stage.url("")).form(&form);
    assert!(request.send().await.is_err(), "the session would end beyond all time");
    std::process::exit(0);
}

#[expect(clippy::print_stdout, reason = "the process that started this one reads it")]
fn say(secret: &str) {
    println!("{SECRET}{secret}");
}
