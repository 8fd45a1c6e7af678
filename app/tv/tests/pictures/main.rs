//! What the wall looks like: every screen and form is drawn and compared with its golden picture, and the drawing is read.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "an integration test")]

mod command;
mod faults;
mod golden;
mod hostile;
mod motion;
mod reading;
mod rules;
mod scenes;
mod turned;

use board::{Theme, sample};
use golden::{matches, matches_at};
use scenes::Scene;

const FULL_HD: (u32, u32) = (1920, 1080);
const HD: (u32, u32) = (1280, 720);
const ULTRA_HD: (u32, u32) = (3840, 2160);
const PORTRAIT: (u32, u32) = (1080, 1920);
const ULTRAWIDE: (u32, u32) = (3440, 1440);

#[test]
fn the_start_screen_says_what_is_being_waited_for() {
    matches("start", &scenes::start(), FULL_HD);
    matches("start-no-network", &scenes::no_network(), HD);
    matches("start-searching", &scenes::searching(), FULL_HD);
    matches("start-searching-portrait", &scenes::searching(), PORTRAIT);
}

#[test]
fn the_pairing_screen_shows_its_code_large() {
    matches("pairing", &scenes::pairing(), FULL_HD);
    matches("pairing-portrait", &scenes::pairing(), PORTRAIT);
    matches("pairing-found", &scenes::pairing_with_found(), FULL_HD);
    matches("pairing-found-portrait", &scenes::pairing_with_found(), PORTRAIT);
    matches("pairing-compare", &scenes::compare(), HD);
}

#[test]
fn screens_of_words_say_what_happened_and_what_to_do() {
    matches("locked", &scenes::locked(), FULL_HD);
    matches("suspended", &scenes::suspended(), FULL_HD);
    matches("removed", &scenes::removed(), HD);
    matches("problem", &scenes::problem(), HD);
    matches("problem-long", &scenes::long_problem(), FULL_HD);
    matches("nobody-found", &scenes::nobody_found(), FULL_HD);
    matches("nobody-found-portrait", &scenes::nobody_found(), PORTRAIT);
    matches("updating", &scenes::updating(), FULL_HD);
}

#[test]
fn the_overview_is_drawn_for_every_shape_of_screen_and_every_theme() {
    let overview = |theme| scenes::live(board::Board { theme, ..sample::overview() });
    matches("overview", &overview(Theme::Midnight), FULL_HD);
    matches("overview-daylight", &overview(Theme::Daylight), FULL_HD);
    matches("overview-signal", &overview(Theme::Signal), FULL_HD);
    matches("overview-signal-hd", &overview(Theme::Signal), HD);
    matches("overview-hd", &overview(Theme::Midnight), HD);
    matches("overview-4k", &overview(Theme::Midnight), ULTRA_HD);
    matches("overview-portrait", &overview(Theme::Midnight), PORTRAIT);
    matches("overview-ultrawide", &overview(Theme::Midnight), ULTRAWIDE);
}

#[test]
fn every_form_is_drawn() {
    matches("queue", &scenes::live(sample::queue()), FULL_HD);
    matches("team", &scenes::live(sample::team()), FULL_HD);
    matches("team-ultrawide", &scenes::live(sample::team()), ULTRAWIDE);
    matches("today", &scenes::live(sample::today()), FULL_HD);
    matches("forms", &scenes::live(sample::forms()), FULL_HD);
    matches("more-forms", &scenes::live(sample::more_forms()), FULL_HD);
}

#[test]
fn the_promises_of_the_demo_desk_are_drawn() {
    for Scene { name, board, now } in scenes::presets().filter(|scene| scene.board.demo && scene.name.ends_with("-sla"))
    {
        matches_at(&name, &scenes::live(board), now, FULL_HD);
    }
}

#[test]
fn the_overview_of_a_desk_without_promises_or_presence_is_drawn() {
    for Scene { name, board, now } in
        scenes::presets().filter(|scene| !scene.board.demo && scene.name.ends_with("-overview"))
    {
        matches_at(&name, &scenes::live(board), now, FULL_HD);
    }
}

#[test]
fn what_lies_over_a_board_is_drawn() {
    matches("offline", &scenes::lost(sample::offline()), FULL_HD);
    matches("offline-portrait", &scenes::lost(sample::offline()), PORTRAIT);
    matches("message", &scenes::live(sample::message()), FULL_HD);
    matches("war-room", &scenes::live(sample::war_room()), FULL_HD);
    matches("war-room-portrait", &scenes::live(sample::war_room()), PORTRAIT);
}

#[test]
fn a_screen_says_which_one_it_is_large_enough_to_be_read_across_a_room() {
    matches("identify", &scenes::identifying("Reception"), FULL_HD);
    matches("identify-portrait", &scenes::identifying("Support, 2nd floor"), PORTRAIT);
    matches(
        "identify-long",
        &scenes::identifying("Second-line support, open-plan office by the south lifts, 2nd fl"),
        HD,
    );
}

#[test]
fn a_message_as_long_as_one_may_be_is_read_to_its_end() {
    assert_eq!(scenes::LONGEST_MESSAGE.chars().count(), device::fleet::MAX_MESSAGE);
    matches("message-longest", &scenes::live(scenes::told(scenes::LONGEST_MESSAGE)), FULL_HD);
    matches("message-longest-portrait", &scenes::live(scenes::told(scenes::LONGEST_MESSAGE)), PORTRAIT);
}

#[test]
fn content_that_strains_a_board_is_drawn() {
    for name in
        ["overview-names", "overview-huge", "overview-empty", "queue-critical", "forms-stale", "more-forms-huge"]
    {
        matches(name, &scenes::live(sample::named(name).unwrap()), HD);
    }
    matches("crowded", &scenes::live(scenes::crowded()), HD);
    matches("overview-names-portrait", &scenes::live(sample::named("overview-names").unwrap()), PORTRAIT);
}
