//! The screen tells the truth when something fails, and all comes back by itself.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use journeys::{
    admin::Admin,
    cable::Cable,
    clock::YEAR,
    process::wait_for,
    server::Server,
    stick::{LIVE, LOST, Stick},
};

/// Within which a loss that something signals is on the wall.
const SIGNALLED: Duration = Duration::from_secs(5);
/// Within which a loss that nothing signals is.
const SILENT: Duration = Duration::from_secs(15);
/// Within which all is well again: the longest wait between two attempts (15 s), as long again as a connection has to hold
/// that comes back after more than one loss, and what a busy machine takes.
const RECOVERY: Duration = Duration::from_secs(45);

/// The age of a board that is live, told in seconds.
const SECONDS_AGO: &str = " s ago";

/// A server with the demo desk, and a paired stick that shows its board.
fn live_through(cable: impl FnOnce(&Server) -> String) -> (Server, Admin, Stick) {
    let server = Server::with_demo_desk();
    let admin = server.admin();
    let stick = Stick::plugged_in(&cable(&server));
    stick.pair(&admin, "Reception", "overview");
    stick.wait_for_words(LIVE, RECOVERY);
    (server, admin, stick)
}

fn live() -> (Server, Admin, Stick) {
    live_through(|server| server.url(""))
}

#[test]
fn a_killed_server_is_on_the_wall_in_five_seconds_and_comes_back_by_itself() {
    let (mut server, _, stick) = live();
    server.kill();
    stick.wait_for_words(LOST, SIGNALLED);
    assert!(stick.tells("SLA"), "the newest board stays: {:?}", stick.wall());
    server.start();
    stick.wait_for_words(LIVE, RECOVERY);
}

#[test]
fn a_pulled_cable_is_on_the_wall_in_five_seconds_and_silence_in_fifteen() {
    let mut cable = None;
    let (_server, _, stick) = live_through(|server| {
        let laid = cable.insert(Cable::to(server.address()).expect("loopback has a free port"));
        format!("https://localhost:{}", laid.address().port())
    });
    let cable = cable.expect("the stick was plugged in through it");

    cable.pull();
    stick.wait_for_words(LOST, SIGNALLED);
    cable.mend();
    stick.wait_for_words(LIVE, RECOVERY);

    cable.let_go_silent();
    stick.wait_for_words(LOST, SILENT);
    cable.mend();
    stick.wait_for_words(LIVE, RECOVERY);
}

#[test]
fn a_connection_that_breaks_after_every_first_event_is_on_the_wall_in_five_seconds_and_not_live_before_it_holds() {
    let mut cable = None;
    let (_server, _, stick) = live_through(|server| {
        let laid = cable.insert(Cable::to(server.address()).expect("loopback has a free port"));
        format!("https://localhost:{}", laid.address().port())
    });
    let cable = cable.expect("the stick was plugged in through it");
    cable.come_loose();
    // The first connection that comes back is believed, until it breaks like the one before it.
    let losses = || stick.tv.output().matches("no stream from").count();
    wait_for(RECOVERY, "a connection that broke again", || (losses() > 1).then_some(())).expect("one breaks");
    stick.wait_for_words(LOST, SIGNALLED);
    let end = Instant::now() + SILENT;
    while Instant::now() < end {
        assert!(stick.tells(LOST) && !stick.tells(LIVE), "live over a loose contact: {:?}", stick.wall());
        sleep(Duration::from_millis(100));
    }
    cable.mend();
    stick.wait_for_words(LIVE, RECOVERY);
}

#[test]
fn agent_and_tv_come_back_after_being_killed() {
    let (mut server, _, mut stick) = live();
    stick.tv.kill();
    stick.restart_tv();
    stick.wait_for_words(LIVE, RECOVERY);

    stick.agent.kill();
    assert!(stick.agent_state().is_none(), "something answers in the dead agent's place");
    server.kill();
    stick.wait_for_words(LOST, SIGNALLED);
    server.start();
    // A server's tokens end with it, so this TV has none that holds; the agent alone can get it another.
    sleep(SIGNALLED);
    assert!(stick.tells(LOST) && !stick.tells(LIVE), "live without an agent: {:?}", stick.wall());
    stick.restart_agent();
    stick.wait_for_words(LIVE, RECOVERY);
    assert!(!stick.tells(LOST), "{:?}", stick.wall());

    stick.tv.kill();
    stick.restart_tv();
    stick.wait_for_words(LIVE, RECOVERY);
}

#[test]
fn a_clock_that_is_a_year_off_keeps_nobody_out() {
    let server = Server::with_demo_desk();
    let admin = server.admin();
    for (clock, name) in [(-YEAR, "Yesterday's"), (YEAR, "Tomorrow's")] {
        let stick = Stick::plugged_in_with_clock(&server.url(""), clock);
        stick.pair(&admin, name, "overview");
        stick.wait_for_words(LIVE, RECOVERY);
        // An age is told from the server's time, not from the stick's.
        stick.wait_for_words(SECONDS_AGO, RECOVERY);
    }
}

#[test]
fn a_clock_that_jumps_by_a_year_under_a_live_board_neither_ends_it_nor_changes_its_age() {
    let mut server = Server::with_demo_desk();
    let stick = Stick::plugged_in_with_clock(&server.url(""), 0);
    stick.pair(&server.admin(), "Reception", "overview");
    stick.wait_for_words(SECONDS_AGO, RECOVERY);
    for jump in [YEAR, -YEAR] {
        stick.set_clock(jump);
        // The agent tells by how much the stick's clock is off from the time that it trusts: so it saw the jump.
        let seen = wait_for(RECOVERY, "an agent that saw the jump", || {
            let offset = stick.agent_state()?["clock_offset"].as_i64()?;
            ((offset + jump).abs() < 60).then_some(())
        });
        assert!(seen.is_some(), "the agent tells {:?} after a jump of {jump} s", stick.agent_state());
        tells_seconds_for(SIGNALLED, &stick);
        // What is asked for and verified anew is so by the server's time, too.
        server.kill();
        stick.wait_for_words(LOST, SIGNALLED);
        server.start();
        stick.wait_for_words(SECONDS_AGO, RECOVERY);
    }
}

#[test]
fn a_server_whose_clock_is_a_year_off_keeps_nobody_out_and_tells_true_ages() {
    for (clock, name) in [(YEAR, "Tomorrow's"), (-YEAR, "Yesterday's")] {
        let mut server = Server::installed();
        server.set_clock(clock);
        server.start();
        let stick = Stick::plugged_in(&server.url(""));
        stick.pair(&server.admin(), name, "overview");
        stick.wait_for_words(LIVE, RECOVERY);
        tells_seconds_for(SIGNALLED, &stick);
    }
}

/// Watches a live board for a while: it stays live, and is never older than seconds.
fn tells_seconds_for(span: Duration, stick: &Stick) {
    let end = Instant::now() + span;
    while Instant::now() < end {
        let wall = stick.wall();
        let age = wall.iter().find(|text| text.starts_with(LIVE));
        assert!(age.is_some_and(|age| age.ends_with(SECONDS_AGO)), "{wall:?}");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_removed_screen_says_so_and_drops_the_board() {
    let (_server, admin, stick) = live();
    admin.remove_screen("Reception");
    stick.wait_for_words("was removed", SIGNALLED);
    assert!(!stick.tells("SLA"), "the board is gone: {:?}", stick.wall());
}
