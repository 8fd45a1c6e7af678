#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use board::{
    Board, Form, Panel, Theme,
    form::{Clock, OtherZone, Person, Presence, Roster},
    layout, sample,
};
use jiff::{SignedDuration, tz::TimeZone};
use slint::Model as _;
use tv_components::Row;

use super::{Models, Moment, TileData, header, people, tile};

/// What a board's first tile shows of a form.
fn told(form: Form) -> TileData {
    let (board, zone) = (sample::overview(), TimeZone::get("Europe/London").unwrap());
    let frame = layout::arrange(&board, 1920, 1080);
    let panel = Panel { form, ..board.panels[0].clone() };
    let moment = Moment { now: sample::now(), zone: &zone, lost: false, theme: Theme::Midnight };
    let place = tile::Place::of(&frame.tiles[0], frame.unit);
    tile::data(&panel, &place, &Models::new(panel.id.clone()), &mut tile::Budget::of(&frame), moment)
}

#[test]
fn a_zone_that_is_not_known_has_no_time_and_not_that_of_another() {
    let other = |zone: &str| OtherZone { label: "Base".into(), zone: zone.into() };
    let clock = |zone: &str, others: &[&str]| {
        let others = others.iter().map(|zone| other(zone)).collect();
        let tile = told(Form::Clock(Clock { zone: zone.into(), others }));
        let times = tile.rows.iter().map(|row| row.value.to_string()).collect::<Vec<_>>();
        let digits = tile.digits.iter().map(|digit| digit.to_string()).collect::<String>();
        (digits + &tile.figures.row_data(0).unwrap().number, tile.context.to_string(), times)
    };
    let (time, date, times) = clock("Asia/Tokyo", &["Mars/Olympus", "America/New_York"]);
    assert_eq!((time.as_str(), date.as_str()), ("23:32", "Mon 16 November"));
    assert_eq!(times, ["no data", "09:32"]);
    let (time, date, times) = clock("Mars/Olympus", &["Asia/Tokyo"]);
    assert_eq!((time.as_str(), date.as_str()), ("–", "no data"));
    assert_eq!(times, ["23:32"]);
}

#[test]
fn the_clock_of_a_board_in_a_zone_that_is_not_known_says_whose_time_it_shows() {
    let board = |zone: &str| Board { time_zone: zone.into(), ..sample::overview() };
    let clock = |board: &Board| {
        let zone = board.zone().unwrap_or(TimeZone::UTC);
        let moment = Moment { now: sample::now(), zone: &zone, lost: false, theme: Theme::Midnight };
        header(board, board.newest_data(), moment, false).clock.to_string()
    };
    assert_eq!(clock(&board("Asia/Tokyo")), "23:32");
    assert_eq!(clock(&board("Mars/Olympus")), "14:32 UTC");
}

#[test]
fn who_takes_transfers_only_stands_with_those_who_are_away_under_a_word_of_their_own() {
    let person = |name: &str, presence| Person {
        name: name.into(),
        presence,
        since: Some(sample::now() - SignedDuration::from_mins(12)),
        open: None,
    };
    let people = vec![
        person("Sam P", Presence::TransfersOnly),
        person("Mia K", Presence::Available),
        person("Ivo D", Presence::Away),
    ];
    let roster = Roster { available: 1, busy: 0, away: 2, offline: 0, estimated: false, people };
    let moment = Moment { now: sample::now(), zone: &TimeZone::UTC, lost: false, theme: Theme::Midnight };
    let (free, others) = people::columns(&roster, 9, moment);
    let worded =
        |rows: Vec<Row>| rows.iter().map(|row| (row.name.to_string(), row.value.to_string())).collect::<Vec<_>>();
    let since: Vec<_> = others.iter().map(|row| row.detail.to_string()).collect();
    assert_eq!(since, ["12m", "transfers 12m"], "in wide columns");
    assert_eq!(worded(free), [("Mia K".into(), String::new())]);
    assert_eq!(worded(others), [("Ivo D".into(), "away".into()), ("Sam P".into(), "transfers".into())]);
}

#[test]
fn who_has_no_row_on_their_own_side_stands_below_the_others_as_a_group() {
    let shown = |free: usize, busy: usize, away: usize| {
        let of = |count, name: &str, presence| {
            let person = |index| Person { name: format!("{name}{index}"), presence, since: None, open: None };
            (1..=count).map(person).collect::<Vec<_>>()
        };
        let people = [of(free, "f", Presence::Available), of(busy, "b", Presence::Busy), of(away, "a", Presence::Away)];
        let count = |people: usize| u32::try_from(people).unwrap();
        let roster = Roster {
            available: count(free),
            busy: count(busy),
            away: count(away),
            offline: 0,
            estimated: false,
            people: people.concat(),
        };
        let moment = Moment { now: sample::now(), zone: &TimeZone::UTC, lost: false, theme: Theme::Midnight };
        let (left, right) = people::columns(&roster, 4, moment);
        let names = |rows: Vec<Row>| rows.iter().map(|row| row.name.to_string()).collect::<Vec<_>>().join(" ");
        (names(left), names(right))
    };
    let columns = |left: &str, right: &str| (left.to_owned(), right.to_owned());
    assert_eq!(shown(2, 3, 1), columns("f1 f2", "b1 b2 b3 a1"));
    assert_eq!(shown(1, 3, 2), columns("f1 away a2", "b1 b2 b3 a1"), "a word says what stands under it");
    assert_eq!(shown(1, 5, 1), columns("f1 busy, away b5 a1", "b1 b2 b3 b4"));
    assert_eq!(shown(2, 4, 3), columns("f1 f2 away and 3 more", "b1 b2 b3 b4"));
    assert_eq!(shown(3, 4, 1), columns("f1 f2 f3", "b1 b2 b3 and 2 more"), "none stands under a word for others");
    assert_eq!(shown(4, 6, 0), columns("f1 f2 f3 f4", "b1 b2 b3 and 3 more"));
    assert_eq!(shown(5, 1, 1), columns("f1 f2 f3 f4", "b1 a1 free f5"));
    assert_eq!(shown(0, 6, 0), columns("busy b5 b6", "b1 b2 b3 b4"));
}

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
