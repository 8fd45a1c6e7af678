//! The screen tells the truth when something fails, and all comes back by itself.

use std::time::Duration;

use journeys::{admin::Admin, cable::Cable, server::Server, stick::Stick};

/// Within which a loss that something signals is on the wall.
const SIGNALLED: Duration = Duration::from_secs(5);
/// Within which a loss that nothing signals is.
const SILENT: Duration = Duration::from_secs(15);
/// Within which all is well again.
const RECOVERY: Duration = Duration::from_secs(30);

const LIVE: &str = "updated";
const LOST: &str = "reconnecting";

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
    assert!(stick.wall().iter().any(|text| text.contains("SLA")), "the newest board stays: {:?}", stick.wall());
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
fn agent_and_tv_come_back_after_being_killed() {
    let (_server, _, mut stick) = live();
    stick.tv.kill();
    stick.restart_tv();
    stick.wait_for_words(LIVE, RECOVERY);

    stick.agent.kill();
    stick.restart_agent();
    stick.wait_for_words(LIVE, RECOVERY);
    stick.tv.kill();
    stick.restart_tv();
    stick.wait_for_words(LIVE, RECOVERY);
}

#[test]
fn a_clock_that_is_a_year_off_keeps_nobody_out() {
    let server = Server::with_demo_desk();
    let admin = server.admin();
    for (clock, name) in [("-1y", "Yesterday's"), ("+1y", "Tomorrow's")] {
        let stick = Stick::plugged_in_with_clock(&server.url(""), Some(clock));
        stick.pair(&admin, name, "overview");
        stick.wait_for_words("updated", RECOVERY);
        // An age is told from the server's time, not from the stick's.
        stick.wait_for_words(" s ago", RECOVERY);
    }
}

#[test]
fn a_removed_screen_says_so_and_drops_the_board() {
    let (_server, admin, stick) = live();
    admin.remove_screen("Reception");
    stick.wait_for_words("was removed", SIGNALLED);
    assert!(!stick.wall().iter().any(|text| text.contains("SLA")), "the board is gone: {:?}", stick.wall());
}
