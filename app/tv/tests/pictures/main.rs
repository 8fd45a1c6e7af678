//! What the wall looks like: every screen and form is drawn and compared with its golden picture, and the drawing is read.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "an integration test")]

mod golden;
mod scenes;

use golden::matches;

const FULL_HD: (u32, u32) = (1920, 1080);

#[test]
fn the_start_screen_says_what_is_being_waited_for() {
    matches("start", &scenes::start(), FULL_HD);
    matches("start-no-network", &scenes::no_network(), (1280, 720));
}

#[test]
fn the_pairing_screen_shows_its_code_large() {
    matches("pairing", &scenes::pairing(), FULL_HD);
    matches("pairing-portrait", &scenes::pairing(), (1080, 1920));
    matches("pairing-compare", &scenes::compare(), (1280, 720));
}

#[test]
fn screens_of_words_say_what_happened_and_what_to_do() {
    matches("locked", &scenes::locked(), FULL_HD);
    matches("removed", &scenes::removed(), (1280, 720));
    matches("problem", &scenes::problem(), (1280, 720));
    matches("updating", &scenes::updating(), FULL_HD);
}
