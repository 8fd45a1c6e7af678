//! Damaged files: the message says what to do, and nothing is lost.

use std::{collections::BTreeMap, fs, sync::Arc};

use jiff::Timestamp;
use server::{Config, Folder, Settings};
use tempfile::TempDir;

use crate::{
    browser::Browser,
    stage::{Setup, Stage},
};

#[test]
fn corrupt_settings_are_named_by_line_and_left_as_they_are() {
    let data = tempfile::tempdir().unwrap();
    let folder = Folder::open(data.path()).unwrap();
    let config = Config::read(&BTreeMap::new(), None).unwrap();
    let good = Settings::open(&folder, &config, Timestamp::now()).unwrap();
    assert_eq!(Settings::open(&folder, &config, Timestamp::now()).unwrap(), good, "written once, read again");
    let path = data.path().join("settings.json");
    let text = fs::read_to_string(&path).unwrap();

    let cases = [
        (text.replace("\"team\": ", "\"team\" "), "line 12, column"),
        (text[..text.len() / 2].to_owned(), "it is cut short"),
        (text.replace("\"team\"", "\"taem\""), "unknown field `taem`"),
        (text.replace("normal_day", "quiet_day"), "unknown variant `quiet_day`"),
        (text.replace("Etc/UTC", "Mars/Olympus"), "\"Mars/Olympus\" is not an IANA time zone name"),
        (text.replace("\"queue\"", "\"qeue\""), "there is no board \"qeue\"; the boards are overview, queue"),
        (
            text.replacen("\"theme\"", "\"preset\": \"vip\", \"theme\"", 1),
            "the board \"overview\" has no preset \"vip\"; the presets are overview, queue",
        ),
        (
            text.replacen("\"id\": \"sla\"", "\"id\": \"S/LA\", \"preset\": \"sla\"", 1),
            "the board \"S/LA\" is not called by 1 to 64 of a to z",
        ),
        (
            text.replacen("\"theme\"", "\"name\": \" \", \"theme\"", 1),
            "on the board \"overview\", name has not 1 to 40",
        ),
        (
            text.replace("\"team\":", "\"business_hours\": {\"from\": \"18:00\", \"to\": \"08:00\"}, \"team\":"),
            "business_hours must end later than they begin",
        ),
        (text.replace("\"queue\"", "\"overview\""), "the board \"overview\" is named twice"),
        (String::new(), "line 1, column 0"),
        ("[]".to_owned(), "settings begin with { and end with }"),
        ("7".to_owned(), "expected settings, which begin with { and end with }"),
        (
            text.replacen("\"theme\": \"midnight\"", "\"theme\": \"midnite\"", 1),
            "\"midnite\" is not one of midnight, daylight, signal",
        ),
        (
            text.replacen(
                "\"theme\"",
                "\"other_zones\": [{\"label\": \"Base\", \"zone\": \"Mars/Olympus\"}], \"theme\"",
                1,
            ),
            "on the board \"overview\", other_zones \"Mars/Olympus\" is not an IANA time zone name",
        ),
        (text.replacen("\"theme\"", "\"solved_target\": 0, \"theme\"", 1), "nonzero"),
        (
            text.replacen("\"theme\"", "\"sla_window\": \"8d\", \"theme\"", 1),
            "unknown variant `8d`, expected one of `today`, `7d`, `30d`",
        ),
        (text.replacen("\"look\": \"classic\"", "\"look\": \"glass\"", 1), "\"glass\" is not one of classic"),
    ];
    for (damaged, said) in cases {
        assert_ne!(damaged, text);
        fs::write(&path, &damaged).unwrap();
        let error = Settings::open(&folder, &config, Timestamp::now()).unwrap_err().to_string();
        assert!(error.contains("settings.json") && error.contains(said), "{error} should say {said}");
        assert!(error.contains("Nothing was changed") && error.contains("end"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
    let mut latin1 = text.into_bytes();
    let letter = latin1.iter().position(u8::is_ascii_alphabetic).unwrap();
    latin1[letter] = 0xfc;
    fs::write(&path, &latin1).unwrap();
    let error = Settings::open(&folder, &config, Timestamp::now()).unwrap_err().to_string();
    assert!(error.contains("settings.json, line 2, column 4: ") && error.contains("from a backup"), "{error}");
}

/// The folder of a server that had an administrator.
async fn of_a_server_that_ended() -> Arc<TempDir> {
    let stage = Stage::start().await;
    Browser::signed_in(&stage).await;
    let folder = stage.folder.clone();
    stage.server.stop().await;
    folder
}

#[tokio::test]
async fn a_file_that_is_no_text_is_named_by_line_with_what_to_do() {
    let folder = of_a_server_that_ended().await;
    for (name, remedy) in [("auth.json", "Put the file back from a backup"), ("pki/authority.key", "from a backup")] {
        let path = folder.path().join("data").join(name);
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        let letter = whole.iter().rposition(u8::is_ascii_alphabetic).unwrap();
        damaged[letter] = 0xfc;
        fs::write(&path, &damaged).unwrap();
        let error = Setup { folder: folder.clone(), ..Setup::new() }.fails_to_start().await;
        assert!(error.contains(name) && error.contains(remedy), "{error}");
        assert!(!error.contains("utf-8") && !error.contains("stream"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), damaged);
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn a_time_zone_that_is_configured_wins_over_the_settings_and_none_leaves_them() {
    let data = tempfile::tempdir().unwrap();
    let folder = Folder::open(data.path()).unwrap();
    let zone = |variables: &[(&'static str, &'static str)]| {
        let config = Config::read(&variables.iter().copied().collect::<BTreeMap<_, _>>(), None).unwrap();
        Settings::open(&folder, &config, Timestamp::now()).unwrap().time_zone
    };
    assert_eq!(zone(&[]), "Etc/UTC");
    assert_eq!(zone(&[("NEXUS_TIME_ZONE", "Europe/Berlin")]), "Europe/Berlin");
    assert_eq!(zone(&[]), "Europe/Berlin");
    assert_eq!(zone(&[("NEXUS_TIME_ZONE", "Asia/Tokyo")]), "Asia/Tokyo");
}

#[tokio::test]
async fn a_corrupt_password_file_stops_the_start_and_never_opens_the_server_to_a_new_password() {
    let folder = of_a_server_that_ended().await;
    let path = folder.path().join("data/auth.json");
    fs::write(&path, "{\"admin\": {").unwrap();
    let error = Setup { folder: folder.clone(), ..Setup::new() }.fails_to_start().await;
    assert!(error.contains("auth.json, line 1") && error.contains("prints a setup code"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"admin\": {");

    let costly = "{\"admin\":{\"log_n\":40,\"r\":8,\"p\":1,\"salt\":\"\",\"hash\":\"\"}}";
    fs::write(&path, costly).unwrap();
    let error = Setup { folder: folder.clone(), ..Setup::new() }.fails_to_start().await;
    assert!(error.contains("auth.json, line 1") && error.contains("cost of scrypt"), "{error}");
}

#[tokio::test]
async fn a_damaged_database_stops_the_start_and_is_left_as_it_is() {
    let setup = Setup::new();
    let path = setup.folder.path().join("data/nexus.db");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "this is no database, and long enough to be taken for the header of one if nobody looks").unwrap();
    let before = fs::read(&path).unwrap();
    let folder = setup.folder.clone();
    let error = setup.fails_to_start().await;
    assert!(error.contains("nexus.db") && error.contains("backup"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    drop(folder);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address: &'static str = taken.local_addr().unwrap().to_string().leak();
    let error = Setup::new().with("NEXUS_LISTEN", address).fails_to_start().await;
    assert!(error.contains(address) && error.contains("NEXUS_LISTEN"), "{error}");
}
