//! One-time codes: confirmed, judged once each, forgotten.

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE32_NOPAD;
use secrecy::ExposeSecret;
use totp_rs::{Builder, Secret};

use crate::stage::Stage;

/// The code of a device that has this key, so many seconds from now.
pub(crate) fn code(key: &str, seconds: i64) -> secrecy::SecretString {
    let key: [u8; 20] = BASE32_NOPAD.decode(key.as_bytes()).unwrap().try_into().unwrap();
    let generator = Builder::new().with_secret(Secret::new_stack(key)).build().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    generator.generate(now.saturating_add_signed(seconds)).to_string().into()
}

#[tokio::test]
async fn a_code_counts_once_and_with_a_clock_that_is_one_step_off() {
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    assert!(door.check_one_time_code(&"123456".into(), false).await.is_err(), "there is no key yet");
    assert!(door.confirm_one_time_codes(&"123456".into()).await.is_err(), "nothing waits");

    let key = door.begin_one_time_codes().await.unwrap();
    let key = key.expose_secret();
    assert!(!door.confirm_one_time_codes(&code(key, -600)).await.unwrap());
    assert!(!door.confirm_one_time_codes(&"".into()).await.unwrap());
    let used = code(key, 0);
    assert!(door.confirm_one_time_codes(&used).await.unwrap());
    assert!(!door.check_one_time_code(&used, false).await.unwrap(), "it was used");

    let next = code(key, 30);
    for wrong in [code(key, -300), code(key, 300), "".into(), "000000000".into(), "abcdef".into()] {
        assert!(!door.check_one_time_code(&wrong, true).await.unwrap());
    }
    assert!(door.check_one_time_code(&next, false).await.unwrap(), "whoever only looks uses nothing");
    let spaced = format!("{} {}", &next.expose_secret()[..3], &next.expose_secret()[3..]).into();
    let both = tokio::join!(door.check_one_time_code(&next, true), door.check_one_time_code(&spaced, true));
    assert!(both.0.unwrap() != both.1.unwrap(), "of two that come at once one uses it");
    assert!(!door.check_one_time_code(&next, false).await.unwrap());

    let stored = std::fs::read_to_string(stage.secrets()).unwrap();
    assert!(stored.contains("server.one-time-codes") && !stored.contains(key), "{stored}");
    assert!(door.forget_one_time_codes().await.unwrap());
    assert!(!door.forget_one_time_codes().await.unwrap());
}

#[tokio::test]
async fn a_key_that_is_begun_anew_leaves_the_one_before_until_it_is_confirmed() {
    let stage = Stage::new();
    let door = stage.serve(Some("correct horse")).await;
    let first = door.begin_one_time_codes().await.unwrap();
    assert!(door.confirm_one_time_codes(&code(first.expose_secret(), 0)).await.unwrap());
    let second = door.begin_one_time_codes().await.unwrap();
    assert!(door.check_one_time_code(&code(first.expose_secret(), 30), false).await.unwrap());
    assert!(door.confirm_one_time_codes(&code(second.expose_secret(), 0)).await.unwrap());
    assert!(!door.check_one_time_code(&code(first.expose_secret(), 30), false).await.unwrap());
    let without = Stage::new();
    let door = without.serve(None).await;
    assert!(door.begin_one_time_codes().await.unwrap_err().to_string().contains("passphrase"));
}
