//! The pages of the settings: what is entered holds on the wall, and nothing is lost.

use std::fs;

use reqwest::Response;
use server::{Folder, Settings, settings::BoardSettings};

use crate::{
    browser::{Browser, location},
    stage::{Setup, Stage, within},
};

const GENERAL: &str = "/admin/settings";
const BOARD: &str = "/admin/settings/boards/overview";
const THRESHOLDS: &str = "/admin/settings/boards/overview/thresholds";

/// The value of an attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
}

/// What the form of a page sends as it stands, as a browser without scripts does.
pub(crate) fn filled(page: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for tag in page.split('<') {
        let Some(name) = attribute(tag, "name") else { continue };
        let inside = tag.split_once('>').map_or("", |(_, inside)| inside);
        let value = match tag.split(' ').next().unwrap() {
            "input" if tag.contains("type=\"checkbox\"") && !tag.contains(" checked") => None,
            "input" => attribute(tag, "value").or(Some("")),
            "textarea" => Some(inside.strip_prefix('\n').unwrap_or(inside)),
            "select" => {
                let options = page.split(tag).nth(1).unwrap().split("</select>").next().unwrap();
                options.split('<').find(|option| option.contains(" selected")).and_then(|o| attribute(o, "value"))
            }
            _ => None,
        };
        fields.extend(value.map(|value| (name.to_owned(), value.replace("&#34;", "\"").replace("&#38;", "&"))));
    }
    fields
}

/// The form with other values; `None` takes a field away, as a box that is not ticked.
pub(crate) fn with(form: &[(String, String)], changes: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
    let mut fields = form.to_vec();
    fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let set = changes.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned())));
    fields.extend(set);
    fields
}

pub(crate) async fn post(browser: &mut Browser, path: &str, fields: &[(String, String)]) -> Response {
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
    browser.post(path, &fields).await
}

/// Opens a form, changes fields, and sends it.
pub(crate) async fn change(browser: &mut Browser, path: &str, changes: &[(&str, Option<&str>)]) -> (u16, String) {
    let form = filled(&browser.text(path).await);
    let answer = post(browser, path, &with(&form, changes)).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

pub(crate) fn settings(stage: &Stage) -> Settings {
    Settings::read(&Folder::open(stage.data("")).unwrap()).unwrap().unwrap()
}

fn overview(stage: &Stage) -> BoardSettings {
    settings(stage).boards[0].clone()
}

/// The words at a field.
pub(crate) fn error_at<'a>(page: &'a str, field: &str) -> &'a str {
    let error = page.split(&format!("id=\"{field}-error\">")).nth(1);
    error.unwrap_or_else(|| panic!("no error at {field}: {page}")).split('<').next().unwrap()
}

#[tokio::test]
async fn team_zone_and_hours_are_saved_and_shown_on_the_wall() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let before = settings(&stage);
    let form = filled(&browser.text(GENERAL).await);
    assert_eq!(location(&post(&mut browser, GENERAL, &form).await), "/admin/settings?saved=1");
    assert_eq!(settings(&stage), before, "a form that is sent as it was opened changes nothing");

    let changes = [
        ("team", Some("Harbour & Sons \"IT\"")),
        ("time_zone", Some("Asia/Tokyo")),
        ("from", Some("07:30")),
        ("to", Some("16:00")),
    ];
    assert_eq!(change(&mut browser, GENERAL, &changes).await.0, 303);
    let saved = serde_json::to_value(settings(&stage)).unwrap();
    assert_eq!(
        (saved["team"].as_str(), saved["time_zone"].as_str()),
        (Some("Harbour & Sons \"IT\""), Some("Asia/Tokyo"))
    );
    assert_eq!(saved["business_hours"], serde_json::json!({"from": "07:30:00", "to": "16:00:00"}));
    let board = stage.board_when(|board| board.title.contains("Harbour & Sons")).await;
    assert_eq!(board.time_zone, "Asia/Tokyo");
    let page = browser.text("/admin/settings?saved=1").await;
    assert!(page.contains("role=\"status\">Saved") && page.contains("value=\"07:30\""), "{page}");
    assert!(page.contains("<option value=\"Europe/London\">"), "zones can be chosen from");

    assert_eq!(change(&mut browser, GENERAL, &[("from", Some("")), ("to", Some(""))]).await.0, 303);
    assert!(settings(&stage).business_hours.is_none());
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field_and_nothing_that_was_entered_is_lost() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let before = settings(&stage);
    let long = "x".repeat(201);
    let many = "line\n".repeat(21);
    let cases: [(&str, &str, &str, &str); 24] = [
        (GENERAL, "team", "", "1 to 64 characters"),
        (GENERAL, "team", &long, "1 to 64 characters"),
        (GENERAL, "time_zone", "Mars/Olympus", "no such time zone"),
        (GENERAL, "from", "08:00", ""),
        (GENERAL, "from", "8 o'clock", "time like 08:00"),
        (GENERAL, "to", "18:00", ""),
        (BOARD, "theme", "midnite", "one of the themes"),
        (BOARD, "look", "glass", "one of the looks"),
        (BOARD, "ticker", &long, "200 characters"),
        (BOARD, "ticker", &many, "20 lines"),
        (BOARD, "solved_target", "0", "whole number from 1"),
        (BOARD, "solved_target", "many", "whole number from 1"),
        (BOARD, "sla_window", "8d", "one of the times"),
        (BOARD, "other_zones", "New York", "like New York = America/New_York"),
        (BOARD, "other_zones", "= America/New_York", "like New York = America/New_York"),
        (BOARD, "other_zones", "Base = Mars/Olympus", "no time zone"),
        (BOARD, "other_zones", "A = Etc/UTC\nB = Etc/UTC\nC = Etc/UTC", "room for 2"),
        (THRESHOLDS, "unassigned-warn", "soon", "a whole number, \u{201c}never\u{201d}"),
        (THRESHOLDS, "unassigned-warn", "-1", "a whole number"),
        (THRESHOLDS, "unassigned-warn", "20", "warns at 20, later than"),
        (THRESHOLDS, "sla_attainment-warn", "80 %", "less is worse there"),
        (THRESHOLDS, "oldest_open-critical", "7", "30 min, 4 h"),
        (THRESHOLDS, "oldest_open-critical", "7 weeks", "30 min, 4 h"),
        (THRESHOLDS, "urgent-critical", "99999999999", "a whole number"),
    ];
    for (path, field, value, words) in cases {
        let (status, page) = change(&mut browser, path, &[(field, Some(value))]).await;
        assert_eq!(status, 422, "{field}: {value}");
        let place = match (field, words) {
            ("from", "") => "to",
            ("to", "") => "from",
            _ => field,
        };
        let error = error_at(&page, place);
        assert!(error.contains(words), "{field}: {error} should say {words}");
        assert!(page.contains("Nothing was saved") && page.contains("aria-invalid=\"true\" autofocus"), "{page}");
        let kept = filled(&page).into_iter().find(|(name, _)| name == field).map(|(_, kept)| kept);
        let is_choice = matches!(field, "theme" | "look" | "sla_window");
        assert!(is_choice || kept.unwrap().trim().replace("&#39;", "'") == value.trim(), "{field} lost {value}");
        assert_eq!(settings(&stage), before, "{field}: {value}");
    }
    let hours = [("from", Some("18:00")), ("to", Some("08:00")), ("team", Some("Night shift"))];
    let (_, page) = change(&mut browser, GENERAL, &hours).await;
    assert!(error_at(&page, "to").contains("end later") && page.contains("value=\"Night shift\""), "{page}");
    assert_eq!(settings(&stage), before);
}

#[tokio::test]
async fn a_board_is_what_its_form_says() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let list = browser.text("/admin/settings/boards").await;
    assert_eq!(list.matches("/thresholds\"").count(), settings(&stage).boards.len());
    let changes = [
        ("theme", Some("daylight")),
        ("ticker", Some("Standup at 09:15\r\n\r\n Lunch <at> twelve \r\n")),
        ("private", Some("on")),
        ("solved_target", Some("40")),
        ("sla_window", Some("30d")),
        ("other_zones", Some("New York = America/New_York")),
        ("groups", Some("3\r\n14")),
        ("clients", Some("Harbour, Sons & Co")),
        ("priority-urgent", Some("on")),
        ("priority-none", Some("on")),
        ("with_tags", Some("vip")),
        ("without_tags", Some("spam\nnoise")),
    ];
    let (status, page) = change(&mut browser, BOARD, &changes).await;
    assert_eq!(status, 303, "{page}");
    let saved = serde_json::to_value(overview(&stage)).unwrap();
    let expected = serde_json::json!({
        "id": "overview", "theme": "daylight", "look": "classic", "private": true, "solved_target": 40,
        "sla_window": "30d",
        "ticker": ["Standup at 09:15", "Lunch <at> twelve"],
        "other_zones": [{"label": "New York", "zone": "America/New_York"}],
        "scope": {
            "clients": ["Harbour, Sons & Co"], "groups": ["14", "3"], "priorities": ["none", "urgent"],
            "with_tags": ["vip"], "without_tags": ["noise", "spam"],
        },
    });
    assert_eq!(saved, expected);
    let board = stage.board_when(|board| board.theme == board::Theme::Daylight).await;
    assert_eq!(board.ticker, ["Standup at 09:15", "Lunch <at> twelve"]);

    let page = browser.text(BOARD).await;
    assert!(page.contains("Lunch &#60;at&#62; twelve") && !page.contains("Lunch <at>"), "{page}");
    let cleared = ["private", "priority-urgent", "priority-none"].map(|name| (name, None));
    let emptied = ["ticker", "groups", "clients", "with_tags", "without_tags", "solved_target", "other_zones"];
    let emptied = emptied.map(|name| (name, Some("")));
    let usual = [("sla_window", Some("today"))];
    assert_eq!(change(&mut browser, BOARD, &[&cleared[..], &emptied[..], &usual[..]].concat()).await.0, 303);
    let expected = serde_json::json!({"id": "overview", "theme": "daylight", "look": "classic"});
    assert_eq!(serde_json::to_value(overview(&stage)).unwrap(), expected);
}

#[tokio::test]
async fn a_filter_that_lets_nothing_through_does_not_open_when_another_field_is_saved() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    stage.change_settings(|mut settings| {
        settings.boards[0].scope = serde_json::from_str(r#"{"groups": []}"#).unwrap();
        settings
    });
    assert_eq!(change(&mut browser, BOARD, &[("solved_target", Some("7"))]).await.0, 303);
    assert_eq!(overview(&stage).scope.groups, Some(std::collections::BTreeSet::new()));
}

#[tokio::test]
async fn thresholds_are_written_as_people_write_them() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let changes = [
        ("unassigned-warn", Some("10")),
        ("oldest_open-warn", Some("1 d 12 h")),
        ("oldest_open-critical", Some("Never")),
        ("sla_attainment-critical", Some("80%")),
    ];
    let (status, page) = change(&mut browser, THRESHOLDS, &changes).await;
    assert_eq!(status, 303, "{page}");
    let saved = serde_json::to_value(overview(&stage)).unwrap();
    let expected = serde_json::json!({
        "unassigned": {"warn": 10}, "oldest_open": {"warn": 129_600, "critical": "never"}, "sla_attainment": {"critical": 80},
    });
    assert_eq!(saved["thresholds"], expected);
    let shown = filled(&browser.text(THRESHOLDS).await);
    for (field, value) in [("oldest_open-warn", "36 h"), ("oldest_open-critical", "never"), ("unassigned-critical", "")]
    {
        assert!(shown.contains(&(field.to_owned(), value.to_owned())), "{field} in {shown:?}");
    }
    let other = settings(&stage).boards[1].clone();
    assert!(serde_json::to_value(other).unwrap().get("thresholds").is_none(), "of this board only");
}

#[tokio::test]
async fn who_was_overtaken_saves_nothing_and_sees_the_newer_values_beside_his_own() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let form = filled(&browser.text(GENERAL).await);
    stage.change_settings(|settings| Settings { team: "Night shift".to_owned(), ..settings });
    let mine = with(&form, &[("team", Some("Day shift")), ("from", Some("08:00")), ("to", Some("17:00"))]);
    let answer = post(&mut browser, GENERAL, &mine).await;
    assert_eq!(answer.status(), 409);
    let page = answer.text().await.unwrap();
    assert!(page.contains("value=\"Night shift\"") && page.contains("You had entered: Day shift"), "{page}");
    assert!(
        page.contains("You had entered: 17:00") && page.contains("aria-describedby=\"team-hint team-yours\""),
        "{page}"
    );
    assert!(!page.contains("id=\"time_zone-yours\""), "what is the same needs no word: {page}");
    assert_eq!(settings(&stage).team, "Night shift");

    let again = with(&filled(&page), &[("team", Some("Day shift"))]);
    assert_eq!(
        post(&mut browser, GENERAL, &again).await.status(),
        303,
        "who has seen the newer values may change them"
    );
    assert_eq!(settings(&stage).team, "Day shift");
}

#[tokio::test]
async fn a_change_elsewhere_in_the_settings_overtakes_nobody_and_is_kept() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let form = filled(&browser.text(BOARD).await);
    stage.change_settings(|settings| Settings { team: "Night shift".to_owned(), ..settings });
    let mine = with(&form, &[("solved_target", Some("7"))]);
    assert_eq!(post(&mut browser, BOARD, &mine).await.status(), 303);
    assert_eq!(settings(&stage).team, "Night shift");
    assert_eq!(overview(&stage).solved_target.unwrap().get(), 7);
}

#[tokio::test]
async fn of_forms_that_are_sent_at_once_one_is_saved() {
    let stage = Stage::start().await;
    let browser = Browser::signed_in(&stage).await;
    let form = filled(&browser.text(GENERAL).await);
    let saves = (0..8).map(|n| {
        let (mut browser, team) = (browser.clone(), format!("Team {n}"));
        let fields = with(&form, &[("team", Some(&team))]);
        tokio::spawn(async move { post(&mut browser, GENERAL, &fields).await.status().as_u16() })
    });
    let mut statuses = Vec::new();
    for save in saves.collect::<Vec<_>>() {
        statuses.push(within(save).await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn a_zone_that_is_configured_is_shown_and_stays() {
    let stage = Setup::new().with("NEXUS_TIME_ZONE", "Europe/Berlin").start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let page = browser.text(GENERAL).await;
    assert!(page.contains("<p class=\"fixed\">Europe/Berlin</p>") && page.contains("NEXUS_TIME_ZONE"), "{page}");
    let changes = [("time_zone", Some("Asia/Tokyo")), ("team", Some("Day shift"))];
    assert_eq!(change(&mut browser, GENERAL, &changes).await.0, 303);
    assert_eq!((settings(&stage).time_zone.as_str(), settings(&stage).team.as_str()), ("Europe/Berlin", "Day shift"));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_and_left_alone() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let form = filled(&browser.text(GENERAL).await);
    let path = stage.data("settings.json");
    fs::write(&path, "{\n\"instance\": 7}").unwrap();
    for answer in [browser.get(GENERAL).await, post(&mut browser, GENERAL, &form).await] {
        assert_eq!(answer.status(), 409);
        assert!(answer.text().await.unwrap().contains("settings.json, line 2, column 13"));
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\n\"instance\": 7}");
    fs::remove_file(&path).unwrap();
    assert!(post(&mut browser, GENERAL, &form).await.text().await.unwrap().contains("settings.json is gone"));
    assert!(!path.exists());
}

#[tokio::test]
async fn settings_are_changed_only_by_an_administrator_and_from_our_own_page() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let before = settings(&stage);
    let paths = [
        GENERAL,
        BOARD,
        THRESHOLDS,
        "/admin/settings/secrets/webhook-key",
        "/admin/settings/secrets/webhook-key/remove",
    ];
    for path in paths {
        let form = filled(&browser.text(path).await);
        let fields = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
        assert_eq!(browser.post_from("https://evil.example", path, &fields).await.status(), 403, "{path}");
        let answer = Browser::new(&stage).post(path, &fields).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/admin/sign-in"), "{path}");
    }
    assert_eq!(settings(&stage), before);
}

#[tokio::test]
async fn secrets_are_entered_replaced_and_removed_and_never_shown() {
    let stage = Stage::start().await;
    let door = stage.broker(Some("correct horse")).await;
    let mut browser = Browser::signed_in(&stage).await;
    let path = "/admin/settings/secrets/calendar-url";
    let canary = "https://calendar.example/canary-2/oncall.ics";
    let mut answers = vec![browser.text("/admin/settings/secrets").await];
    assert!(!answers[0].contains("class=\"state ok\"") && !answers[0].contains("/remove"), "{}", answers[0]);
    assert!(answers[0].contains("without it no secret is ever read again"), "{}", answers[0]);

    let answer = browser.post(path, &[("value", canary)]).await;
    assert_eq!(location(&answer), "/admin/settings/secrets");
    answers.push(browser.text("/admin/settings/secrets").await);
    assert_eq!(answers[1].matches("class=\"state ok\"").count(), 1);
    for (value, words) in [("https://127.0.0.1/canary-2", "127.0.0.1 is"), ("canary-2", "no URL"), ("", "missing")] {
        let answer = browser.post(path, &[("value", value)]).await;
        assert_eq!(answer.status(), 422);
        answers.push(answer.text().await.unwrap());
        assert!(error_at(answers.last().unwrap(), "value").contains(words), "{answers:?}");
    }
    for path in [path, "/admin/settings/secrets/calendar-url/remove", "/admin/desk", GENERAL] {
        answers.push(browser.text(path).await);
    }
    assert!(answers.iter().all(|answer| !answer.contains("canary")), "{answers:?}");
    for file in ["secrets.json", "settings.json"] {
        assert!(!fs::read_to_string(stage.data(file)).unwrap().contains("canary"), "{file}");
    }
    for file in ["nexus.db", "nexus.db-wal"] {
        let bytes = fs::read(stage.data(file)).unwrap_or_default();
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "{file}");
    }

    assert_eq!(browser.post("/admin/settings/secrets/calendar-url/remove", &[]).await.status(), 303);
    assert!(door.secrets().await.unwrap().iter().all(|secret| !secret.set));
    assert_eq!(browser.get("/admin/settings/secrets/connection.request-tracker").await.status(), 404);
}
