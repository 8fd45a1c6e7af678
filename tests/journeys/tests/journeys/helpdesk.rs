//! The main job: a real helpdesk's tickets on our own screen.

use std::time::Duration;

use jiff::Timestamp;
use journeys::{
    picture::{Area, Pixels},
    process::wait_for,
    server::{POLL, Server},
    stick::Stick,
    tracker::Tracker,
};

/// Long enough to fail by the measured deadline, and not by this one.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_ticket_of_a_real_request_tracker_comes_to_the_wall_and_leaves_when_it_is_resolved() {
    let tracker = tracker();
    let mut server = Server::installed();
    server.connect(&tracker);
    server.log_polls();
    server.start();
    let stick = Stick::plugged_in(&server.url(""));
    stick.pair(&server.admin(), "Reception", "queue");
    stick.wait_for_words("Oldest open", Duration::from_secs(30));

    // A client without an organisation goes by the domain of its address.
    let client = format!("hotel-{}.example", std::process::id());
    let before = stick.picture();
    let ticket = tracker.create("The printer on the second floor", &format!("jo@{client}"));
    let created = Timestamp::now();
    let (place, drawn): (Area, Pixels) = wait_for(PATIENCE, "the client's name, written and drawn", || {
        let place = stick.place(&client)?;
        let drawn = stick.picture().cut(place);
        (drawn.are_written_on() && drawn != before.cut(place)).then_some((place, drawn))
    })
    .unwrap_or_else(|| panic!("{client} is not on the wall: {:#?}", stick.wall()));
    assert_within_a_poll_and_a_second(&server, created, Timestamp::now());

    tracker.set_status(ticket, "resolved");
    let resolved = Timestamp::now();
    wait_for(PATIENCE, "a wall without the client", || {
        (stick.place(&client).is_none() && stick.picture().cut(place) != drawn).then_some(())
    })
    .unwrap_or_else(|| panic!("{client} stays on the wall: {:#?}", stick.wall()));
    assert_within_a_poll_and_a_second(&server, resolved, Timestamp::now());
}

/// What was done in the helpdesk, counted from its own answer, was on the wall within one poll plus a second: the next poll
/// begins within [`POLL`], and the second is for all the rest, the helpdesk's answers to that poll among it.
fn assert_within_a_poll_and_a_second(server: &Server, done: Timestamp, seen: Timestamp) {
    let took = Duration::try_from(seen.duration_since(done)).expect("it is seen after it is done");
    let allowed = Duration::from_secs(POLL + 1);
    let polls = server.polls();
    assert!(took <= allowed, "it took {took:?}, and {allowed:?} are allowed; done at {done}, polls: {polls:#?}");
}

#[test]
fn a_helpdesk_that_is_connected_while_the_server_runs_comes_to_the_wall_without_a_restart() {
    let tracker = tracker();
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

/// One with a ticket of another client: where all are of one, a list tells them by their subjects.
fn tracker() -> Tracker {
    let tracker = Tracker::from_environment().unwrap_or_else(|| {
        panic!("there is no Request Tracker; `scripts/test` starts one and names its folder in NEXUS_TEST_RT")
    });
    tracker.create("The badge reader beeps", &format!("ann@museum-{}.example", std::process::id()));
    tracker
}
