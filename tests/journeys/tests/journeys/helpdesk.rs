//! The main job: a real helpdesk's tickets on our own screen.

use std::time::{Duration, Instant};

use journeys::{
    picture::Pixels,
    server::{POLL, Server},
    stick::Stick,
    tracker::Tracker,
};

/// One poll, plus a second for everything after it.
const NEXT_POLL: Duration = Duration::from_secs(POLL + 1);
/// Requests of a poll that finds one changed ticket: changes, its history, its requestor.
const REQUESTS: u32 = 3;
/// The TV's picture file is as new as its words are, but for the time of writing it.
const PICTURE: Duration = Duration::from_secs(2);

#[test]
fn a_ticket_of_a_real_request_tracker_comes_to_the_wall_and_leaves_when_it_is_resolved() {
    let Some(tracker) = Tracker::from_environment() else {
        panic!("there is no Request Tracker; `scripts/test` starts one and names its folder in NEXUS_TEST_RT")
    };
    let server = Server::with(&tracker);
    let stick = Stick::plugged_in(&server.url(""));
    stick.pair(&server.admin(), "Reception", "queue");
    stick.wait_for_words("Oldest open", Duration::from_secs(30));

    // A client without an organisation goes by the domain of its address.
    let client = format!("hotel-{}.example", std::process::id());
    let before = stick.picture();
    let ticket = tracker.create("The printer on the second floor", &format!("jo@{client}"));
    let created = Instant::now();
    // A poll lasts as long as Request Tracker takes to answer, which on a busy machine is long.
    let answers = tracker.answer_time(ticket) * REQUESTS;
    stick.wait_for_words(&client, (NEXT_POLL + answers).saturating_sub(created.elapsed()));
    let place = stick.place(&client).expect("it was just seen");
    let drawn = stick.wait_for_pixels("letters", place, PICTURE, Pixels::are_written_on);
    assert_ne!(before.cut(place), drawn, "the client's row shows what it showed before the ticket");

    tracker.set_status(ticket, "resolved");
    let resolved = Instant::now();
    let answers = tracker.answer_time(ticket) * REQUESTS;
    stick.wait_for_no_words(&client, (NEXT_POLL + answers).saturating_sub(resolved.elapsed()));
    stick.wait_for_pixels("another row", place, PICTURE, |pixels| *pixels != drawn);
}

#[test]
fn a_helpdesk_that_is_connected_while_the_server_runs_comes_to_the_wall_without_a_restart() {
    let Some(tracker) = Tracker::from_environment() else {
        panic!("there is no Request Tracker; `scripts/test` starts one and names its folder in NEXUS_TEST_RT")
    };
    let server = Server::with_demo_desk();
    let stick = Stick::plugged_in(&server.url(""));
    stick.pair(&server.admin(), "Reception", "queue");
    stick.wait_for_words("Oldest open", Duration::from_secs(30));
    let client = format!("later-{}.example", std::process::id());
    let ticket = tracker.create("Connected while everybody was looking", &format!("jo@{client}"));
    server.connect(&tracker);
    stick.wait_for_words(&client, Duration::from_secs(60));
    tracker.set_status(ticket, "resolved");
    stick.wait_for_no_words("Demo data", Duration::from_secs(10));
}
