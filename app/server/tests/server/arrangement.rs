//! Boards are added, renamed, moved and removed on the pages, by several administrators at once, and screens go on.

use board::Board;

use crate::{
    browser::{Browser, location},
    choices::{change, error_at, filled, post, settings, with},
    stage::{Stage, within},
    stick::pair,
    streams::Events,
};

const LIST: &str = "/admin/settings/boards";
const ADD: &str = "/admin/settings/add-board";

fn ids(stage: &Stage) -> Vec<String> {
    settings(stage).boards.into_iter().map(|board| board.id.0).collect()
}

/// The state of a board once the server shows it.
async fn state(stage: &Stage, id: &str) -> Board {
    within(async {
        loop {
            let answer = stage.get(&format!("/api/v1/boards/{id}/state")).await;
            if answer.status() == 200 {
                return answer.json().await.unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await
}

/// What a button of a board in the list sends.
fn pressed(list: &str, to: &str) -> Vec<(String, String)> {
    let seen = filled(list).into_iter().find(|(name, _)| name == "seen").unwrap();
    vec![seen, ("to".to_owned(), to.to_owned())]
}

#[tokio::test]
async fn a_board_is_added_under_a_name_of_its_own_and_shown_at_once() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let form = filled(&browser.text(ADD).await);
    let fields = with(&form, &[("name", Some("Front <Desk> & Co")), ("preset", Some("queue"))]);
    let answer = post(&mut browser, ADD, &fields).await;
    assert_eq!(location(&answer), "/admin/settings/boards?added=front-desk-co");
    let list = browser.text(location(&answer)).await;
    assert!(
        list.contains("role=\"status\">\u{201c}Support · Front &#60;Desk&#62; &#38; Co\u{201d} was added"),
        "{list}"
    );

    let added = state(&stage, "front-desk-co").await;
    let queue = state(&stage, "queue").await;
    assert_eq!(added.title, "Support · Front <Desk> & Co");
    let panels = |board: &Board| board.panels.iter().map(|panel| panel.id.clone()).collect::<Vec<_>>();
    assert_eq!((panels(&added), &added.layout), (panels(&queue), &queue.layout));
    assert_eq!(ids(&stage).last().unwrap(), "front-desk-co");
    let audit = browser.text("/admin/audit").await;
    assert!(audit.contains("board front-desk-co added"), "{audit}");
}

#[tokio::test]
async fn two_boards_are_never_called_alike() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let before = settings(&stage);
    let long = "x".repeat(41);
    for (name, preset, field, words) in [
        ("SLA", "overview", "name", "a board of this name already"),
        ("", "overview", "name", "a board of this name already"),
        (&*long, "overview", "name", "at most 40 characters"),
        ("Front desk", "front", "preset", "one of the layouts"),
    ] {
        let (status, page) = change(&mut browser, ADD, &[("name", Some(name)), ("preset", Some(preset))]).await;
        assert_eq!(status, 422, "{name}");
        assert!(error_at(&page, field).contains(words), "{page}");
        assert!(page.contains(&format!("value=\"{name}\"")), "what was entered stays: {page}");
        assert_eq!(settings(&stage), before);
    }
    let (status, page) = change(&mut browser, "/admin/settings/boards/queue", &[("name", Some("SLA"))]).await;
    assert_eq!(status, 422);
    assert!(error_at(&page, "name").contains("a board of this name already"), "{page}");
}

#[tokio::test]
async fn a_renamed_board_keeps_its_address_and_is_called_anew_on_the_wall() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let path = "/admin/settings/boards/overview";
    assert_eq!(change(&mut browser, path, &[("name", Some("Main hall"))]).await.0, 303);
    stage.board_when(|board| board.title == "Support · Main hall").await;
    assert_eq!(change(&mut browser, path, &[("name", Some(" "))]).await.0, 303);
    stage.board_when(|board| board.title == "Support").await;
    assert_eq!(settings(&stage).boards[0].name, None);
}

#[tokio::test]
async fn boards_are_moved_and_the_first_is_what_a_new_screen_shows() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let before = ids(&stage);
    let list = browser.text(LIST).await;
    let up = list.split("value=\"up\"").nth(1).unwrap();
    assert!(up.starts_with(" disabled"), "the first goes no higher");

    let answer = post(&mut browser, "/admin/settings/boards/queue/move", &pressed(&list, "up")).await;
    assert_eq!(location(&answer), "/admin/settings/boards?moved=queue&to=up");
    assert_eq!(ids(&stage)[..2], ["queue", "overview"]);
    let list = browser.text(location(&answer)).await;
    assert!(list.contains("\u{201c}Support · Queue\u{201d} is now number 1 of 5."), "{list}");
    let focused = list.split(" autofocus").next().unwrap();
    assert!(focused.ends_with("value=\"down\"") && focused.matches("/move\"").count() == 1, "{list}");

    let answer = post(&mut browser, "/admin/settings/boards/queue/move", &pressed(&list, "down")).await;
    assert_eq!((answer.status().as_u16(), ids(&stage)), (303, before.clone()));
    // Whoever sends what no button sends moves nothing.
    let list = browser.text(LIST).await;
    assert_eq!(post(&mut browser, "/admin/settings/boards/today/move", &pressed(&list, "down")).await.status(), 303);
    assert_eq!(post(&mut browser, "/admin/settings/boards/nowhere/move", &pressed(&list, "up")).await.status(), 404);
    assert_eq!(post(&mut browser, "/admin/settings/boards/today/move", &pressed(&list, "aside")).await.status(), 400);
    assert_eq!(ids(&stage), before);
}

#[tokio::test]
async fn of_two_administrators_the_later_sees_what_the_earlier_did_and_nothing_is_lost() {
    let stage = Stage::start().await;
    let mut one = Browser::signed_in(&stage).await;
    let mut two = one.clone();
    let opened = two.text(LIST).await;
    let asked = filled(&two.text("/admin/settings/boards/today/remove").await);
    let renaming = filled(&two.text("/admin/settings/boards/today").await);

    assert_eq!(post(&mut one, "/admin/settings/boards/sla/move", &pressed(&opened, "up")).await.status(), 303);
    assert_eq!(change(&mut one, "/admin/settings/boards/today", &[("name", Some("This day"))]).await.0, 303);
    assert_eq!(change(&mut one, ADD, &[("name", Some("Lobby")), ("preset", Some("team"))]).await.0, 303);
    let earlier = settings(&stage);

    let answer = post(&mut two, "/admin/settings/boards/queue/move", &pressed(&opened, "up")).await;
    assert_eq!(answer.status(), 409);
    let page = answer.text().await.unwrap();
    assert!(page.contains("Nothing was moved") && page.contains("Support · Lobby"), "{page}");
    assert!(page.find("Support · SLA").unwrap() < page.find("Support · Queue").unwrap(), "the newer order: {page}");

    let answer = post(&mut two, "/admin/settings/boards/today/remove", &asked).await;
    assert_eq!(answer.status(), 409);
    let removal = answer.text().await.unwrap();
    assert!(removal.contains("Nothing was removed") && removal.contains("Remove Support · This day?"), "{removal}");

    let answer = post(&mut two, "/admin/settings/boards/today", &with(&renaming, &[("name", Some("Now"))])).await;
    assert_eq!(answer.status(), 409);
    let shown = answer.text().await.unwrap();
    assert!(shown.contains("value=\"This day\"") && shown.contains("You had entered: Now"), "{shown}");
    assert_eq!(settings(&stage), earlier, "nothing of it is lost");

    // On what the later sees now, everything goes on.
    assert_eq!(post(&mut two, "/admin/settings/boards/queue/move", &pressed(&page, "up")).await.status(), 303);
    assert_eq!(post(&mut two, "/admin/settings/boards/today/remove", &filled(&removal)).await.status(), 303);
    assert_eq!(ids(&stage), ["overview", "queue", "sla", "team", "lobby"]);
    assert_eq!(post(&mut one, "/admin/settings/boards/today/remove", &filled(&removal)).await.status(), 404);
}

#[tokio::test]
async fn screens_of_a_removed_board_go_on_with_the_one_that_was_chosen() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let (stick, paired) = pair(&stage, &mut browser).await;
    let before = stick.token(&paired).await.unwrap();
    let mut events = Events::new(stick.stream("overview", &before.access_token).await);
    let remove = "/admin/settings/boards/overview/remove";
    let page = browser.text(remove).await;
    assert!(page.contains("One screen shows it now: Reception.") && !page.contains("value=\"overview\""), "{page}");
    for wrong in ["overview", "nowhere"] {
        let (status, page) = change(&mut browser, remove, &[("board", Some(wrong))]).await;
        assert_eq!(status, 422, "{page}");
        assert!(page.contains("Choose one of the other boards for its screens."), "{page}");
    }
    let (status, _) = change(&mut browser, remove, &[("board", Some("team"))]).await;
    assert_eq!(status, 303);
    while events.next().await.is_some() {}
    let now = stick.token(&paired).await.unwrap();
    assert_eq!(&*now.screen.board, "team");
    assert_eq!(stick.read("team", &now.access_token).await.status(), 200);
    assert!(browser.text("/admin/screens").await.contains("Support · Team"));

    // One whose board is taken out of the file by hand shows that, and so does the list: nobody chose another for it.
    stage.change_settings(|mut settings| {
        settings.boards.retain(|board| board.id.0 != "team");
        settings
    });
    within(async {
        while !browser.text("/admin/screens").await.contains("Its board, team, is not there any more") {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(&*stick.token(&paired).await.unwrap().screen.board, "team");
    // A new board is not called like it, so that it is shown to nobody who was let in to the old one.
    let answer = change(&mut browser, ADD, &[("name", Some("Team")), ("preset", Some("overview"))]).await;
    assert_eq!((answer.0, ids(&stage).last().unwrap().as_str()), (303, "team-2"));
}

#[tokio::test]
async fn the_last_board_stays() {
    let stage = Stage::start().await;
    let mut browser = Browser::signed_in(&stage).await;
    let asked = filled(&browser.text("/admin/settings/boards/overview/remove").await);
    stage.change_settings(|mut settings| {
        settings.boards.truncate(1);
        settings
    });
    let page = browser.text("/admin/settings/boards/overview/remove").await;
    assert!(page.contains("It is the only board") && !page.contains("class=\"critical\""), "{page}");
    assert_eq!(post(&mut browser, "/admin/settings/boards/overview/remove", &asked).await.status(), 422);
    assert_eq!(ids(&stage), ["overview"]);
}
