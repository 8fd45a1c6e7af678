//! A device whose clock is off, and times that the wall shows.

use super::*;

#[test]
fn a_clock_that_is_a_year_off_tells_the_servers_time_and_goes_on() {
    for years in [-1, 1] {
        let mut stage = Stage::live();
        stage.off = SignedDuration::from_hours(years * 365 * 24);
        stage.passes(seconds(7));
        let date = stage.now().wall - stage.off;
        stage.streams(stream::Event::Open { date: Some(date) });
        assert_eq!(stage.time(), date);
        stage.passes(seconds(3600));
        assert_eq!(stage.time(), date + SignedDuration::from_hours(1));
        // Somebody sets the clock right, or wrong again: the wall is right.
        stage.off = SignedDuration::from_secs(2);
        assert_eq!(stage.time(), stage.now().wall);
        stage.off = SignedDuration::from_hours(9999);
        assert_eq!(stage.time(), date + SignedDuration::from_hours(1));
    }
}

#[test]
fn a_difference_of_a_minute_is_left_to_the_devices_clock() {
    let mut stage = Stage::live();
    stage.streams(stream::Event::Open { date: Some(stage.now().wall + SignedDuration::from_secs(60)) });
    assert_eq!(stage.time(), stage.now().wall);
    stage.streams(stream::Event::Open { date: Some(stage.now().wall + SignedDuration::from_secs(61)) });
    assert_eq!(stage.time(), stage.now().wall + SignedDuration::from_secs(61));
    // An answer without a date takes nothing back.
    stage.streams(stream::Event::Open { date: None });
    assert_eq!(stage.time(), stage.now().wall + SignedDuration::from_secs(61));
}

#[test]
fn a_pairing_code_lives_as_long_as_it_should_on_a_device_whose_clock_is_off() {
    let mut stage = Stage::live();
    stage.off = SignedDuration::from_hours(24 * 365);
    stage.streams(stream::Event::Open { date: Some(start()) });
    let expires_at = stage.now().wall + SignedDuration::from_mins(10);
    let State::Pairing(pairing) = pairing() else { panic!("no pairing") };
    stage.says(State::Pairing(device::Pairing { expires_at, ..pairing }));
    let State::Pairing(shown) = stage.state() else { panic!("no pairing") };
    assert_eq!(shown.expires_at.duration_since(stage.time()), SignedDuration::from_mins(10));
}

#[test]
fn the_clock_stays_in_the_boards_zone_where_another_screen_takes_the_boards_place() {
    let mut stage = Stage::live();
    let zone = |stage: &Stage| stage.app.screen(stage.now()).zone.iana_name().map(str::to_owned);
    stage.streams(whole(board::Board { time_zone: "Asia/Tokyo".to_owned(), ..sample::overview() }, 6));
    stage.says(State::Problem { headline: "It is away".into(), detail: Vec::new(), remedy: "Wait.".into() });
    assert_eq!(zone(&stage).as_deref(), Some("Asia/Tokyo"));
    stage.says(pairing());
    assert_ne!(zone(&stage).as_deref(), Some("Asia/Tokyo"), "a screen that is paired anew has no board");
}

#[test]
fn before_the_server_was_heard_the_agents_correction_counts() {
    let mut stage = Stage::new();
    stage.off = SignedDuration::from_hours(-24 * 365);
    stage.says(State::Live(Live { clock_offset: 24 * 365 * 3600, ..live() }));
    assert_eq!(stage.time(), start());
}

#[test]
fn the_wall_is_shown_anew_when_its_clock_turns() {
    let mut stage = Stage::new();
    stage.passes(Duration::from_millis(250));
    assert_eq!(stage.app.until_next_second(stage.now()), Duration::from_millis(750));
    stage.passes(Duration::from_millis(750));
    assert_eq!(stage.app.until_next_second(stage.now()), Duration::from_secs(1));
}

#[test]
fn a_pairing_code_of_any_time_on_a_device_of_any_time_is_shown() {
    for off in [Timestamp::MIN, Timestamp::MAX].map(|end| end.duration_since(start())) {
        for server in [Timestamp::MIN, Timestamp::MAX, start()] {
            for issued_at in [Timestamp::MIN, Timestamp::MAX] {
                let mut stage = Stage::live();
                stage.off = off;
                stage.streams(stream::Event::Open { date: Some(server) });
                let State::Pairing(pairing) = pairing() else { panic!("no pairing") };
                stage.says(State::Pairing(device::Pairing { issued_at, expires_at: issued_at, ..pairing }));
                assert!(matches!(stage.state(), State::Pairing(_)));
                assert!(stage.app.until_next_second(stage.now()) <= seconds(1));
            }
        }
    }
}
