#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use board::{Theme, layout, sample};
use jiff::{SignedDuration, tz::TimeZone};

use super::{Models, Moment, tile};

/// What changes within a second is in lists of its own, so that Slint draws no tile for it.
#[test]
fn a_tile_is_not_told_anew_because_a_second_has_passed() {
    let zone = TimeZone::get("Europe/London").unwrap();
    let boards = [(sample::overview(), 1920), (sample::today(), 1920), (sample::team(), 2580)];
    for (board, width) in boards {
        let frame = layout::arrange(&board, width, 1080);
        for place in &frame.tiles {
            let panel = board.panels.iter().find(|panel| panel.id == place.panel).unwrap();
            let models = Models::new(panel.id.clone());
            let told = |seconds| {
                let now = sample::now() + SignedDuration::from_secs(seconds);
                let moment = Moment { now, zone: &zone, lost: false, theme: Theme::Midnight };
                let place = tile::Place::of(place, frame.unit);
                tile::data(panel, &place, &models, &mut tile::Budget::of(&frame), moment)
            };
            assert_eq!(told(0), told(1), "{}", panel.id.0);
        }
    }
}
